// The command line of what asks a remote: `mcp-ferry call <url> <tool> name=value --header …`. A shell mangles nothing, so that
// each option has one value, and a word belongs to the command, also where a header lacks its quotes; the bridge's options are
// read as the bridge reads them.
import { toBridgeError, usage } from '../errors.ts'
import { findFlag, URL_VARIABLE } from '../options/flags.ts'
import { nameHeader } from '../options/headers.ts'
import { findMcpRemoteFlag } from '../options/mcp-remote-flags.ts'
import type { Options } from '../options/options.ts'
import type { ToolFlag } from '../options/tool-flags.ts'
import type { Surroundings } from './door.ts'

export interface RemoteLine<Name extends string = string> {
  /** The bridge's, for the same URL; nothing waits for a remote that is not there. */
  readonly options: Options
  /** The command's own flags: what was given for each, in order; of one without a value an empty text for each time. */
  readonly flags: ReadonlyMap<Name, readonly string[]>
  /** What stands behind the URL. */
  readonly words: readonly string[]
}

const URL_WORD = /^\s*(?:https?|http\+unix):\/\/|^\s*\$\{/i
const ON_THIS_MACHINE = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?:[:/]|$)/i

type Around = Pick<Surroundings, 'read' | 'env'> & Partial<Pick<Surroundings, 'program'>>

/**
 * `fewest`: how many words the command needs behind the URL, any of which may be a URL as well. Rejects with BridgeError
 * `usage`.
 */
export async function readRemoteLine<Flag extends ToolFlag>(
  argv: readonly string[],
  own: readonly Flag[],
  { read, env, program }: Around,
  fewest = 0,
): Promise<RemoteLine<Flag['name']>> {
  const { flags, words, bridge } = sort(argv, own)
  const [first] = words
  const isNamed = bridge.some((word) => word.startsWith('--url-env='))
  const isKnown = isNamed || (hasUrlVariable(env) && words.length <= fewest)
  const hasUrl = !isKnown && first !== undefined && URL_WORD.test(first)
  const options = await readOptions(hasUrl ? [...bridge, first] : bridge, words, { read, env })
  const { limits, signIn } = options
  const asksNobody = signIn.asksNobody || (program !== undefined && !isPerson(program))
  return {
    options: {
      ...options,
      limits: { ...limits, startBudgetMs: -1 },
      signIn: asksNobody ? { ...signIn, asksNobody: true } : { ...signIn, tellsPerson: true },
    },
    flags,
    words: hasUrl ? words.slice(1) : words,
  }
}

function hasUrlVariable(env: Surroundings['env']): boolean {
  return [URL_VARIABLE, `${URL_VARIABLE}_ENV`].some((name) => (env[name] ?? '').trim() !== '')
}

/** A script must not open browser tabs, and nobody would see where the sign-in waits. */
function isPerson({ stdin, stderr }: Surroundings['program']): boolean {
  return stdin.isTTY === true && stderr?.isTTY === true
}

async function readOptions(
  argv: readonly string[],
  words: readonly string[],
  { read, env }: Around,
): Promise<Options> {
  try {
    const door = await read(argv, env)
    if (door.kind !== 'bridge') throw new TypeError('options and a URL are the bridge')
    return door.options
  } catch (thrown) {
    if (toBridgeError(thrown).facts.code !== 'url-missing') throw thrown
    throw usage('url-missing', whereIsUrl(words))
  }
}

function whereIsUrl([first, ...others]: readonly string[]): string {
  if (first === undefined)
    return `there is no URL; write https://host/path behind the command, or set ${URL_VARIABLE}`
  if (others.some((word) => URL_WORD.test(word)))
    return 'the URL is not the first word; write it directly behind the command'
  if (/^\s*["'`\u2018-\u201f]/.test(first))
    return 'in front of the URL stands a quote that this shell has not taken away; write the URL without it'
  const scheme = ON_THIS_MACHINE.test(first) ? 'http://' : 'https://'
  return `behind the command stands no URL; if it is the server, write ${scheme} in front of it, or set ${URL_VARIABLE}`
}

interface Sorted<Name extends string> {
  readonly flags: ReadonlyMap<Name, readonly string[]>
  readonly words: readonly string[]
  /** Each value behind its `=`. */
  readonly bridge: readonly string[]
}

function sort<Flag extends ToolFlag>(argv: readonly string[], own: readonly Flag[]): Sorted<Flag['name']> {
  const flags = new Map<Flag['name'], string[]>()
  const words: string[] = []
  const bridge: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!
    if (word === '--') {
      words.push(...argv.slice(at + 1))
      break
    }
    // A lone hyphen stands for stdin.
    if (!/^-[^\d]/.test(word)) {
      words.push(word)
      continue
    }
    const [, name = word, inline] = /^(--[^=\s]+|-[A-Za-z])=?([\s\S]*)$/.exec(word) ?? []
    const isInline = word.length > name.length
    const mine = own.find((flag) => flag.name === name || flag.short === name)
    const value = (label: string): string => {
      const text = isInline ? inline : argv[++at]
      if (text === undefined || text === '' || (!isInline && text.startsWith('--')))
        throw usage('missing-value', `${name} is not followed by a value; write ${name} ${label}`)
      return text
    }
    if (mine !== undefined) {
      if (mine.value === undefined && isInline)
        throw usage('bad-value', `${name} takes no value; write ${name} alone`)
      const key: Flag['name'] = mine.name
      flags.set(key, [...(flags.get(key) ?? []), mine.value === undefined ? '' : value(mine.value)])
    } else {
      const text = bridgeWord(name, word, isInline, value)
      bridge.push(text)
      if (text.startsWith('--header=')) refusePieces(text.slice('--header='.length), argv[at + 1])
    }
  }
  return { flags, words, bridge }
}

function bridgeWord(name: string, word: string, isInline: boolean, value: (label: string) => string): string {
  const flag = findFlag(name)
  const takesValue = flag !== undefined ? flag.kind !== 'switch' : findMcpRemoteFlag(name)?.takes === 'text'
  if (!takesValue || (isInline && name.startsWith('--'))) return word
  return `${flag?.name ?? name}=${value('<value>')}`
}

/**
 * A scheme without its token is no whole value of Authorization; of another header it may be. A blank at the end is none that
 * the shell has taken the header apart at: behind it stood a variable that is not set.
 */
const BEGINNING =
  /^([^\s:=]+)[:=](?:\s*(?<=authorization[:=]\s*)(?:bearer|basic|digest|dpop|token|api-?key))?$/i

/** Throws BridgeError `usage` where the rest of a header stands behind it as words: those would be taken for the command's. */
function refusePieces(header: string, next = ''): void {
  const [, name] = (/^[:=]/.test(next) ? /^([\w-]+)$/ : BEGINNING).exec(header) ?? []
  if (name === undefined || next === '' || /^-[^\d]/.test(next) || URL_WORD.test(next)) return
  const what = nameHeader(name)
  throw usage(
    'header-empty-value',
    `${what} came in pieces; write --header "${what.endsWith(name) ? name : 'Name'}: value", with quotes around all of it`,
  )
}
