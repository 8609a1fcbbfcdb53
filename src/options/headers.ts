// One header as text → its name and value, in the order of work of arguments.md 4.2, with the errors of 4.4 and the
// warnings of 4.5. Pure. What cannot be read in one way only is refused, and no sentence ever shows a value, nor a
// name that is not a plain name, since secrets get written in the wrong place.
import { type BridgeError, usage } from '../errors.ts'
import type { Filled } from './references.ts'
import { fillIn, isOneVariable } from './references.ts'
import { codePoint, leftovers, suspicions } from './suspicions.ts'
import type { Environment } from './variables.ts'
import { looksLikeSecret, trimEnds, withoutQuotes } from './variables.ts'
import { quotesLeftOut, type Warning } from './warning.ts'

/** One header that goes with every request to the remote's origin. */
export interface Header {
  /** As written by the user; compared without regard to case. */
  readonly name: string
  /** A secret: never in a log, an error or a fixture. */
  readonly value: string
}

export interface HeaderText {
  readonly text: string
  /** Where it came from, for the sentences: `--header`, `line 3 of ~/headers`. */
  readonly from: string
  /** What there is to tell of how it was given. */
  readonly warnings?: readonly Warning[]
}

export interface ParsedHeader {
  /** Absent when the value is an optional variable that is not set. */
  readonly header?: Header
  readonly warnings: readonly Warning[]
}

/** RFC 9110 token without $ % ' and the backtick, which only come from a reference that nobody expanded. */
const NAME = /^[!#&*+\-.^_|~A-Za-z0-9]+$/
const CREDENTIAL = /authorization$|^cookie$|api[-_]?key$|token$|secret$/i
const SCHEMES = 'bearer|basic|digest|token|apikey|api-key|dpop'
const SCHEME_ALONE = new RegExp(`^(?:${SCHEMES})$`, 'i')
const SCHEME_TWICE = new RegExp(`^(${SCHEMES})[ \\t]+(?=\\1(?:[ \\t]|$))`, 'i')
const SCHEME_FIRST = new RegExp(`^((?:${SCHEMES})[ \\t]+)([\\s\\S]*)$`, 'i')
const SCHEME_IN_QUOTES = new RegExp(`^(?:${SCHEMES})["']`, 'i')
/** And no placeholder, as `{name}` is. */
const JSON_START = /^\{(?!\{?[\w .-]+\})/
const JSON_PAIR = /^(\\?["'])([^"'\\]+)\1\s*:\s*(\\?["'])([\s\S]*)\3$/
/**
 * Set by the bridge itself (protocol.md 0.6), or belonging to one connection only. `Accept-Encoding` is here because
 * the bridge asks for none: a coding that it cannot undo would make every answer unreadable.
 */
const FORBIDDEN =
  /^(?:host|content-(?:length|type|encoding)|transfer-encoding|connection|proxy-connection|keep-alive|expect|te|trailer|upgrade|http2-settings|accept|accept-encoding|last-event-id|mcp-.*)$/i

/** Reads one header. Throws the `header-…` and `env-…` errors of arguments.md 4.4. */
export function parseHeader(given: HeaderText, environment: Environment): ParsedHeader {
  const { text, isData, warnings } = readOutside(given, environment)
  if (text === undefined) return { warnings }
  const { name, value: written, separator } = split(text, given)
  const what = `${nameHeader(name)} from ${given.from}`
  if (FORBIDDEN.test(name))
    throw usage(
      'header-forbidden',
      /^mcp-/i.test(name)
        ? `${what} cannot be set, names that begin with Mcp- belong to the protocol; remove it`
        : `${what} cannot be set, mcp-ferry sets it itself; remove it`,
    )
  if (separator === '=')
    warnings.push(warning('equals-separator', `${what} has = after its name; write a colon`))
  const value = isCredential(name) ? unquoteCredential(written, what) : written
  if (value !== written) warnings.push(quotesLeftOut(`the value of ${what}`))
  if (isEmpty(name, value)) throw noValue(what, environment)

  const filled = isData
    ? { text: value, optional: false }
    : fillInValue({ name, value, what, environment, warnings })
  const once = isAuthorization(name) ? filled.text.replace(SCHEME_TWICE, '') : filled.text
  if (once !== filled.text)
    warnings.push(warning('double-scheme', `${what} names its scheme twice; write it once`))
  const result = trimEnds(once)
  if (isEmpty(name, result)) {
    if (filled.optional) return { warnings }
    throw noValue(what, environment)
  }
  checkCharacters(result, what)
  return { header: { name, value: result }, warnings }
}

/** Steps 2 to 5. No text: all of it was an optional variable that is not set. */
function readOutside(
  given: HeaderText,
  environment: Environment,
): { text: string | undefined; isData: boolean; warnings: Warning[] } {
  const what = `the header from ${given.from}`
  const warnings: Warning[] = []
  let text = trimEnds(given.text)
  const isWritten = !isOneVariable(text)
  if (isWritten) {
    const inner = unquote(text, given)
    if (inner !== text) warnings.push(quotesLeftOut(what))
    text = inner
  }
  if (!isOneVariable(text)) {
    if (text === '') throw noHeader(given, environment)
    return { text, isData: false, warnings }
  }
  const filled = fillIn(text, { what, environment }, ({ value }) => value)
  warnings.push(...filled.warnings)
  const data = trimEnds(filled.text)
  if (data === '') return { text: undefined, isData: true, warnings }
  const inner = unquote(data, given)
  if (inner !== data) warnings.push(quotesLeftOut(what))
  return { text: inner, isData: true, warnings }
}

interface WrittenValue {
  readonly name: string
  readonly value: string
  readonly what: string
  readonly environment: Environment
  readonly warnings: Warning[]
}

/** Step 10. */
function fillInValue({ name, value, what, environment, warnings }: WrittenValue): Filled {
  warnings.push(...suspicions(value, what, environment))
  const filled = fillIn(value, { what, environment }, (gap) => {
    warnings.push(...leftovers(gap.value, `the variable ${gap.name}`))
    if (!isCredential(name)) return gap.value
    const bare = unquoteCredential(gap.value, what)
    if (bare !== gap.value) warnings.push(quotesLeftOut(`the text of the variable ${gap.name}`))
    const again = /^[A-Za-z-]+(?=[ \t]*:)/.exec(bare)?.[0]
    if (again?.toLowerCase() !== name.toLowerCase()) return bare
    warnings.push(
      warning(
        'name-in-value',
        `the variable ${gap.name} repeats the name of ${what}; write the value alone into it`,
      ),
    )
    return trimEnds(bare.slice(bare.indexOf(':') + 1))
  })
  warnings.push(...filled.warnings)
  return filled
}

/** Whether this may stand as a header's name (arguments.md 4.1). */
export function isHeaderName(text: string): boolean {
  return NAME.test(text)
}

function isCredential(name: string): boolean {
  return CREDENTIAL.test(name)
}

function isAuthorization(name: string): boolean {
  return /authorization$/i.test(name)
}

function isEmpty(name: string, value: string): boolean {
  return value === '' || (isAuthorization(name) && SCHEME_ALONE.test(value))
}

/** `the header X-A`, for the sentences; without its name if that may be a secret in the wrong place. */
export function nameHeader(name: string): string {
  return name.length <= 64 && !looksLikeSecret(name) ? `the header ${name}` : 'the header'
}

/** Steps 4 and 5: a pair copied from JSON, or one pair of quotes around all of it. */
function unquote(text: string, given: HeaderText): string {
  const pair = JSON_PAIR.exec(text)
  if (pair !== null && !pair[4]!.includes(pair[3]!)) return `${pair[2]}: ${pair[4]}`
  const quote = /^\\?["']/.exec(text)?.[0]
  if (quote === undefined) return text
  const inner = withoutQuotes(text)
  if (inner !== text) return trimEnds(inner)
  throw usage(
    'header-unbalanced-quote',
    `the header from ${given.from} begins with a quote that does not end it; write Name: value without quotes inside the argument`,
  )
}

/** Step 6 and 7. */
function split(text: string, given: HeaderText): { name: string; value: string; separator: string } {
  const at = text.search(/[:=]/)
  // Line ends are never folded (4.4).
  const name = at < 0 ? '' : text.slice(0, at).replace(/^[ \t]+|(?<![ \t])[ \t]+$/g, '')
  const value = trimEnds(text.slice(at + 1))
  // A URL, or Base64 with its padding, in the place of a header.
  const isOther =
    (/^https?$/i.test(name) && value.startsWith('//')) || (text[at] === '=' && /^=+$/.test(value))
  if (at < 0 || isOther) throw noSeparator(text, given)
  if (!NAME.test(name)) throw badName(name, given)
  return { name, value, separator: text[at]! }
}

/** Step 8. `Digest username="x"` ends with a quote that has its partner, so the quotes inside are counted. */
function unquoteCredential(value: string, what: string): string {
  const inner = withoutQuotes(value)
  if (inner !== value) return trimEnds(inner)
  const [, scheme = '', rest = value] = SCHEME_FIRST.exec(value) ?? []
  const bare = withoutQuotes(rest)
  if (bare !== rest && !/["']/.test(bare)) return trimEnds(`${scheme}${bare}`)
  const last = value.at(-1) ?? ''
  const isHalf =
    /^\\?["']/.test(rest) ||
    SCHEME_IN_QUOTES.test(value) ||
    (/["']/.test(last) && value.split(last).length % 2 === 0)
  if (!isHalf) return value
  throw usage(
    'header-unbalanced-quote',
    `the value of ${what} has a quote on one side only; write it without quotes`,
  )
}

/** Step 11. */
function checkCharacters(value: string, what: string): void {
  const control = /[\x00-\x08\x0a-\x1f\x7f]/.exec(value)
  if (control !== null)
    throw usage(
      'header-illegal-char',
      `the value of ${what} contains ${codePoint(control[0])}, a control character; write the value on one line without it`,
    )
  const odd = /[^\x00-\x7f]/u.exec(value)
  if (odd !== null)
    throw usage(
      'header-non-ascii',
      `the value of ${what} contains ${codePoint(odd[0])}, and headers are ASCII; type the value again instead of pasting it, or percent-encode it`,
    )
}

function noHeader(given: HeaderText, environment: Environment): BridgeError {
  return usage(
    'header-missing-value',
    `${given.from} is not followed by a header; write "Name: value"${shellHint(environment)}`,
  )
}

function noValue(what: string, environment: Environment): BridgeError {
  return usage(
    'header-empty-value',
    `${what} has no value; write it after the colon, or use --header-env${shellHint(environment)}`,
  )
}

function shellHint(environment: Environment): string {
  return environment.windows
    ? ` (if $\{VAR} stood there, PowerShell or the editor has replaced it: use single quotes or --header-env)`
    : ''
}

function noSeparator(text: string, given: HeaderText): BridgeError {
  const first = /^(?:(?:proxy-)?authorization|cookie|x-api-key|api-key)(?=[ \t]|$)/i.exec(text)?.[0]
  const scheme = /^(?:bearer|basic)(?=[ \t])/i.exec(text)?.[0]
  const odd = /[^\x00-\x7f]/u.exec(text)?.[0]
  const write =
    first !== undefined
      ? `"${first}: value"`
      : scheme !== undefined
        ? `"Authorization: ${scheme} …"`
        : '"Name: value"'
  const hint = JSON_START.test(text)
    ? ' (JSON is not read here)'
    : odd === undefined
      ? ''
      : ` (it contains ${codePoint(odd)}, which is no colon)`
  return usage(
    'header-no-separator',
    `the header from ${given.from} has no colon after its name${hint}; write ${write}`,
  )
}

function badName(name: string, given: HeaderText): BridgeError {
  const odd = /[^\x00-\x7f]/u.exec(name)?.[0]
  const why =
    name === ''
      ? 'has nothing before the colon'
      : JSON_START.test(name)
        ? 'is JSON'
        : odd !== undefined
          ? `has ${codePoint(odd)} in its name`
          : /[$%]/.test(name)
            ? 'has a variable in its name, and variables are filled in only in values'
            : /[ \t]/.test(name)
              ? 'has a blank in its name, or no colon after it'
              : 'has a character in its name that no header may have'
  return usage('header-invalid-name', `the header from ${given.from} ${why}; write "Name: value"`)
}

function warning(code: string, text: string): Warning {
  return { code, text }
}
