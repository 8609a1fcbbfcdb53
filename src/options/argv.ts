// Repairs what hosts and shells do to argument lists, by the grammar of arguments.md 4.1 and 4.3: headers in pieces
// are joined, the server URL is told from URLs inside headers, mcp-remote's flags are turned into ours. Pure; what
// comes out is an argument list without any doubt in it, which plain-words.ts then reads.
import { BridgeError, usage } from '../errors.ts'
import { COMMANDS, type Command } from './command-names.ts'
import { findFlag } from './flags.ts'
import type { McpRemoteFlag } from './mcp-remote-flags.ts'
import { answerTo, findMcpRemoteFlag } from './mcp-remote-flags.ts'
import { trimEnds, withoutQuotes } from './variables.ts'
import { quotesLeftOut, type Warning } from './warning.ts'

export interface Repaired {
  readonly command: Command
  /** Options with long names, each value behind its `=`; then `--`; then the URL and the port. */
  readonly argv: readonly string[]
  readonly warnings: readonly Warning[]
  /** The first argument that cannot be read. A broken header before it is the better message, so it is not thrown. */
  readonly problem?: BridgeError
}

interface Item {
  readonly kind: 'header' | 'option' | 'word' | 'end'
  /** Place in the argument list, from 0. */
  readonly at: number
  readonly next: number
  /** The option's name, or the word itself. */
  readonly text: string
  /** The pieces of the header; the value of the option, if it has one. */
  readonly values: readonly string[]
}

const SERVER_URL = /^\s*(?:\\?["']|<)?http(?:s|\+unix)?:\/\//i
const ATTACHED_HEADER = /^-H(?:=|\\?["']?[!#&*+\-.^_|~A-Za-z0-9]+[ \t]*[:=])/

/** Repairs the list. `urlElsewhere`: the environment names a URL, so a URL that a header needs is left to it. */
export function repairArgv(given: readonly string[], urlElsewhere = false): Repaired {
  // A script with Windows line ends has one behind its last word.
  const argv = given.map((text) => (/^--\S*[ \t\r\n]+$/.test(text) ? trimEnds(text) : text))
  const found = readItems(argv, -1)
  const server = findServerUrl(argv, found, urlElsewhere)
  const items = server < 0 ? found : readItems(argv, server)
  const words = items.filter((item) => item.kind === 'word')
  const commands = words.slice(0, isCommand(words[0]) ? 2 : 0).filter(isCommand)
  const command = (commands.find(({ text }) => text !== 'help')?.text ?? 'bridge') as Command
  if (commands.some((word) => word.text === 'help')) return { command, argv: ['--help'], warnings: [] }
  const rest = items.filter((item) => item !== commands[0])
  const written = write(rest, argv)
  const isLost = (command === 'bridge' || command === 'login') && !urlElsewhere && hidesUrl(rest)
  return { command, ...written, ...(isLost && written.problem === undefined && { problem: lostUrl() }) }
}

/** Whether there is no URL, but a header in pieces, of which the last may have been meant as one. */
function hidesUrl(items: readonly Item[]): boolean {
  const hasUrl = items.some(({ kind, text }) => kind === 'word' || text === '--url-env' || text === '--help')
  return !hasUrl && items.some(({ kind, values }) => kind === 'header' && values.length > 1)
}

function lostUrl(): BridgeError {
  return usage(
    'url-missing',
    'there is no URL; write https://host/path before the headers, because what follows a header belongs to it',
  )
}

function isCommand(word: Item | undefined): boolean {
  return COMMANDS.some((name) => name === word?.text)
}

/** Cuts the list into items. The argument at `server` is the URL even if it stands behind a header. */
function readItems(argv: readonly string[], server: number): Item[] {
  const items: Item[] = []
  for (let at = 0; at < argv.length; at = items.at(-1)!.next) items.push(readItem(argv, at, server))
  return items
}

function readItem(argv: readonly string[], at: number, server: number): Item {
  const text = argv[at]!
  const header = headerStart(text)
  if (header !== undefined) {
    let next = at + 1
    while (next < argv.length && next !== server && !isStop(argv, next)) next++
    const pieces = [header, ...argv.slice(at + 1, next)].filter((piece) => piece !== '')
    return { kind: 'header', at, next, text: '--header', values: pieces }
  }
  if (text === '--') return { kind: 'end', at, next: at + 1, text, values: [] }
  if (!/^-\D/.test(text)) return { kind: 'word', at, next: at + 1, text, values: [] }
  const [, name = text, inline] = /^([^=\s]+)=([\s\S]*)$/.exec(text) ?? []
  if (inline !== undefined) return { kind: 'option', at, next: at + 1, text: name, values: [inline] }
  const value = isStop(argv, at + 1) ? undefined : argv[at + 1]
  if (value === undefined || !takesValue(name, value))
    return { kind: 'option', at, next: at + 1, text: name, values: [] }
  return { kind: 'option', at, next: at + 2, text: name, values: [value] }
}

/** The first piece of a header option: `-HName: value`, `-H=Name: value`, `--header=Name: value`, or '' for none. */
function headerStart(text: string): string | undefined {
  if (text === '--header' || text === '-H') return ''
  if (text.startsWith('--header=')) return text.slice('--header='.length)
  if (text.startsWith('-H')) return text.slice(text[2] === '=' ? 3 : 2)
  return undefined
}

/** Whether a header, or the value of an option, ends before the argument at `at`. */
function isStop(argv: readonly string[], at: number): boolean {
  const text = argv[at] ?? '--'
  if (text.startsWith('--') || findFlag(text) !== undefined) return true
  // `-Hello` may be a piece; what is or becomes `-HName:` is a header.
  return (
    text.startsWith('-H') && ATTACHED_HEADER.test(`${text}${/^[:=]/.test(argv[at + 1] ?? '') ? ':' : ''}`)
  )
}

function takesValue(name: string, value: string): boolean {
  // A URL that follows `--log-level` is the server, and the level was forgotten.
  const isServer = SERVER_URL.test(value)
  const flag = findFlag(name)
  if (flag !== undefined) return flag.kind === 'url' || (flag.kind !== 'switch' && !isServer)
  return findMcpRemoteFlag(name)?.takes === 'text' && !isServer
}

/**
 * The place of a server URL that stands behind a header, or -1: the last URL there is, if none stands by itself. A
 * URL that a header has no other value than (`Referer:` `https://…`) is only taken if there is no better one.
 */
function findServerUrl(argv: readonly string[], items: readonly Item[], urlElsewhere: boolean): number {
  const isNamed = items.some(
    (item) =>
      (item.kind === 'option' && item.text === '--url-env') || (item.kind === 'word' && isUrlWord(item.text)),
  )
  if (isNamed) return -1
  let last = -1
  let needed = -1
  for (const item of items) {
    if (item.kind !== 'header') continue
    const start = headerStart(argv[item.at]!) ?? ''
    for (let at = item.at + 1; at < item.next; at++) {
      if (!SERVER_URL.test(argv[at]!)) continue
      const before = [start, ...argv.slice(item.at + 1, at)].join(' ')
      if (/^[^:=]*[:=]\s*$/.test(before)) needed = at
      else last = at
    }
  }
  if (last >= 0) return last
  return urlElsewhere ? -1 : needed
}

/** A word that stands by itself and is meant as the URL: it may begin with a variable. */
function isUrlWord(text: string): boolean {
  return SERVER_URL.test(text) || /^\s*(?:\\?["']|<)?\$\{/.test(text)
}

function write(items: readonly Item[], argv: readonly string[]): Omit<Repaired, 'command'> {
  const out: string[] = []
  const positionals: string[] = []
  const warnings: Warning[] = []
  let problem: BridgeError | undefined
  for (const [index, item] of items.entries()) {
    const before = items[index - 1]
    if (item.kind === 'end') continue
    if (item.kind === 'word') {
      const port = withoutQuotes(trimEnds(item.text))
      if (positionals.length === 1 && before?.kind === 'word' && isPortNumber(port)) positionals.push(port)
      else if (positionals.length === 0 && isUrlWord(item.text)) positionals.push(item.text)
      else problem ??= unexplained({ argv, at: item.at, kind: 'argument', hasUrl: positionals.length > 0 })
    } else if (item.kind === 'header') {
      const bare = item.values.map(withoutQuotes)
      const areQuoted = bare.length > 1 && bare.every((piece, at) => piece !== item.values[at])
      out.push(`--header=${(areQuoted ? bare : item.values).join(' ')}`)
      if (areQuoted) warnings.push(quotesLeftOut('the pieces of a header'))
      if (item.values.length > 1) warnings.push(joined(item))
    } else {
      const written = writeOption(item, before, argv)
      out.push(...written.argv)
      warnings.push(...written.warnings)
      problem ??= written.problem
    }
  }
  return { argv: [...out, '--', ...positionals], warnings, ...(problem && { problem }) }
}

type Written = Omit<Repaired, 'command'>

function writeOption(item: Item, before: Item | undefined, argv: readonly string[]): Written {
  const flag = findFlag(item.text)
  if (flag === undefined) {
    const known = findMcpRemoteFlag(item.text)
    if (known !== undefined) return writeMcpRemoteOption(item, known, argv)
    return nothing({
      problem: unexplained({ argv, at: item.at, kind: 'option', isAfterHeader: before?.kind === 'header' }),
    })
  }
  const value = item.values[0]
  if (flag.kind === 'switch') {
    if (value === undefined) return nothing({ argv: [flag.name] })
    return nothing({ problem: unexplained({ argv, at: item.at, kind: 'excess', flag: flag.name }) })
  }
  // Quotes in a command are the command's own.
  const bare = flag.kind === 'command' ? (value ?? '') : withoutQuotes(value ?? '')
  if (bare.trim() === '')
    return nothing({ problem: unexplained({ argv, at: item.at, kind: 'value', flag: flag.name }) })
  const warnings = bare === value ? [] : [quotesLeftOut(`the value of ${flag.name}`)]
  return { argv: [`${flag.name}=${bare}`], warnings }
}

function writeMcpRemoteOption(item: Item, known: McpRemoteFlag, argv: readonly string[]): Written {
  const name = item.text
  const written = item.values[0]
  const value = written === undefined ? undefined : withoutQuotes(trimEnds(written))
  const answer = answerTo(known, value)
  const refuse = (kind: 'excess' | 'value' | 'word'): Written =>
    nothing({ problem: unexplained({ argv, at: item.at, kind, flag: name }) })
  if (known.takes === 'nothing' && value !== undefined) return refuse('excess')
  if (known.takes !== 'nothing' && (value ?? '') === '') return refuse('value')
  if (answer === undefined) return refuse('word')
  switch (answer.kind) {
    case 'same':
      return nothing({
        argv: answer.as === undefined ? [] : [answer.as.endsWith('=') ? answer.as + value : answer.as],
        warnings:
          value === undefined || trimEnds(written!) === value ? [] : [quotesLeftOut(`the value of ${name}`)],
      })
    case 'no-effect': {
      const text = `${name} has no effect: ${answer.why}; you can remove it`
      return nothing({ warnings: [{ code: 'no-effect', level: 'info', text }] })
    }
  }
}

function nothing(written: Partial<Written>): Written {
  return { argv: [], warnings: [], ...written }
}

function isPortNumber(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65535
}

function joined(item: Item): Warning {
  return {
    code: 'joined-split-header',
    text: `a header came in ${item.values.length} arguments and was joined with blanks; write it as one argument, or use --header-env`,
  }
}

/** What stands where nothing of the kind belongs. `unexpected.ts`, which few starts need, finds the words for it. */
export type Unexpected = {
  readonly argv: readonly string[]
  readonly at: number
} & (
  | {
      readonly kind: 'option'
      /** It follows a header and may have been meant as a part of it. */
      readonly isAfterHeader: boolean
    }
  | { readonly kind: 'argument'; readonly hasUrl: boolean }
  /** A flag without its value, with one that it does not take, with a word that it does not know. */
  | { readonly kind: 'value' | 'excess' | 'word'; readonly flag: string }
)

const CODES = {
  option: 'unknown-option',
  argument: 'unexpected-argument',
  value: 'missing-value',
  excess: 'bad-value',
  word: 'bad-value',
}

function unexplained(unexpected: Unexpected): BridgeError {
  const code = CODES[unexpected.kind]
  return new BridgeError('usage', `argument ${unexpected.at + 1} is not understood`, { code }, unexpected)
}
