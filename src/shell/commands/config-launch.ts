// What an entry starts: mcp-ferry or mcp-remote, in which of the ways that people write it, and which of its words are the
// arguments of that. Pure. users.md 3b, arguments.md 6.
import type { ServerFields } from '../files/servers.ts'

export interface Launch {
  readonly product: 'mcp-ferry' | 'mcp-remote'
  /** `installed`: a copy of ours; `file`: any other file of the package; `program`: by its name on PATH. */
  readonly form: 'npx' | 'installed' | 'file' | 'program'
  /** As it is pinned: undefined if nothing is said, or only `latest`. */
  readonly version?: string
  /** Command and arguments in one. */
  readonly words: readonly string[]
  /** Which of the words names the product. */
  readonly at: number
  /** The words behind it. */
  readonly args: readonly string[]
}

const RUNNERS: Readonly<Record<string, readonly string[]>> = {
  npx: [],
  bunx: [],
  pnpx: [],
  npm: ['exec', 'x'],
  pnpm: ['dlx', 'exec'],
  yarn: ['dlx'],
  bun: ['x'],
}
const SPEC = /^(mcp-ferry|mcp-remote)(?:@(.+))?$/
const COPY = /[\\/]versions[\\/](\d+\.\d+\.\d+.*)-[0-9a-f]{12}[\\/]bin[\\/]mcp-ferry\.cjs$/
const OUR_FILE = /[\\/](?:bin[\\/])?mcp-ferry(?:\.cjs)?$/
const THEIR_FILE = /[\\/]mcp-remote(?:[\\/]dist[\\/]proxy\.js)?$/
const TAKES_VALUE = /^(?:-p|--package|-r|--require|--import|-C|--prefix|--registry|--cache)$/

/** The command line of an entry as one list. Empty for an entry that starts nothing. */
export function wordsOf(server: ServerFields): readonly string[] {
  const { command, args } = server
  const more = textsIn(args)
  // opencode has everything in one list.
  if (Array.isArray(command)) return [...textsIn(command), ...more]
  if (typeof command !== 'string') return []
  // Goose and others have everything in one text.
  return more.length === 0 && /^(?:npx|npm|bunx)\s/.test(command)
    ? command.trim().split(/\s+/)
    : [command, ...more]
}

export function launchOf(server: ServerFields): Launch | undefined {
  const given = wordsOf(server)
  const words = withoutCmd(given)
  const start = given.length - words.length
  const found = inside(words)
  if (found === undefined) return undefined
  const at = found.at + start
  return { ...found, words: given, at, args: given.slice(at + 1) }
}

/** Whether npx or the like is what it starts, whatever it is to fetch. */
export function isByRunner(server: ServerFields): boolean {
  return Object.hasOwn(RUNNERS, baseName(withoutCmd(wordsOf(server))[0] ?? ''))
}

type Found = Pick<Launch, 'product' | 'form' | 'version' | 'at'>

function inside(words: readonly string[]): Found | undefined {
  const program = baseName(words[0] ?? '')
  if (program === 'node') return byNode(words)
  if (program === 'mcp-ferry' || program === 'mcp-remote') return { product: program, form: 'program', at: 0 }
  const verbs = Object.hasOwn(RUNNERS, program) ? RUNNERS[program] : undefined
  if (verbs === undefined) return undefined
  const first = verbs.length === 0 ? 1 : 2
  return verbs.length === 0 || verbs.includes(words[1] ?? '') ? byRunner(words, first) : undefined
}

/** `cmd /d /c npx …`; as one text behind /c it is left alone. */
function withoutCmd(words: readonly string[]): readonly string[] {
  if (baseName(words[0] ?? '') !== 'cmd') return words
  const at = words.findIndex((word, index) => index > 0 && !/^\/[a-z](?::\w+)?$/i.test(word))
  return at < 0 ? [] : words.slice(at)
}

function byRunner(words: readonly string[], first: number): Found | undefined {
  let version: string | undefined
  for (let at = first; at < words.length; at++) {
    const word = words[at]!
    const joined = /^(?:--package|-p)=(.*)$/.exec(word)?.[1]
    if (joined !== undefined || TAKES_VALUE.test(word)) {
      const spec = SPEC.exec(joined ?? words[at + 1] ?? '')
      version = spec?.[2] ?? version
      if (joined === undefined) at++
    } else if (!word.startsWith('-')) {
      const spec = SPEC.exec(word)
      if (spec === null) return undefined
      const said = spec[2] ?? version
      const product = spec[1] as Launch['product']
      return { product, form: 'npx', at, ...(said !== undefined && said !== 'latest' && { version: said }) }
    }
  }
  return undefined
}

function byNode(words: readonly string[]): Found | undefined {
  for (let at = 1; at < words.length; at++) {
    const word = words[at]!
    if (TAKES_VALUE.test(word)) at++
    else if (!word.startsWith('-')) return byFile(word, at)
  }
  return undefined
}

function byFile(file: string, at: number): Found | undefined {
  const version = COPY.exec(file)?.[1]
  if (version !== undefined) return { product: 'mcp-ferry', form: 'installed', version, at }
  if (OUR_FILE.test(file)) return { product: 'mcp-ferry', form: 'file', at }
  return THEIR_FILE.test(file) ? { product: 'mcp-remote', form: 'file', at } : undefined
}

/** `C:\Program Files\nodejs\npx.cmd` → `npx` */
function baseName(path: string): string {
  const name = /[^\\/]*$/.exec(path.trim())?.[0] ?? ''
  return name.toLowerCase().replace(/\.(?:exe|cmd|ps1|bat|cjs)$/, '')
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

/** What it starts, for sentences; arguments may hold secrets and are left out. */
export function describe(server: ServerFields): string {
  const launch = launchOf(server)
  if (launch !== undefined) {
    const { product, form, version } = launch
    const at = version === undefined ? '' : `@${version}`
    if (form === 'npx') return `npx ${product}${at}`
    return form === 'installed' ? `${product} ${version}` : product
  }
  const [command] = wordsOf(server)
  if (command !== undefined) return baseName(command)
  const url = Object.values(server).find((value) => typeof value === 'string' && URL.canParse(value))
  return url === undefined ? 'something else' : `the URL ${plainUrl(String(url))}`
}

/** Origin and path only: query and userinfo may hold secrets. */
export function plainUrl(text: string): string {
  if (!URL.canParse(text)) return 'a URL that cannot be read'
  const { origin, host, protocol, pathname } = new URL(text)
  return `${origin === 'null' ? `${protocol}//${host}` : origin}${pathname}`
}

/** The remote of an entry of ours, or of mcp-remote; undefined where it is in a variable that the entry does not have. */
export function remoteOf(server: ServerFields, { args }: Launch): string | undefined {
  const direct = args.find((word) => /^https?:\/\//i.test(word))
  if (direct !== undefined) return plainUrl(direct)
  const env = envOf(server)
  const named = args.flatMap((word, at) => {
    if (word === '--url-env') return [args[at + 1] ?? '']
    return word.startsWith('--url-env=') ? [word.slice('--url-env='.length)] : []
  })
  const text = [...named, 'MCP_FERRY_URL'].map((name) => env[name]).find((value) => value !== undefined)
  return text === undefined || !URL.canParse(text) ? undefined : plainUrl(text)
}

export function envOf(server: ServerFields): Readonly<Record<string, string>> {
  const { env, environment } = server
  const given = env ?? environment
  if (typeof given !== 'object' || given === null) return {}
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]))
}
