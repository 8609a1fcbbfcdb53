// The command line as nearly all starts have it: a URL, and options and headers in which nothing is to be repaired, asked or
// refused. It is read here as argv.ts and headers.ts would read it, which then need not be loaded (bench: start); at
// anything else this gives up, and they read it. Pure. arguments.md 4.1, 4.2.
import type { FlagName } from './flag-table.ts'
import { findFlag } from './flags.ts'
import type { Given, HeaderRequest, HeaderSet } from './header-sources.ts'
import type { Header } from './headers.ts'
import type { Read } from './plain-words.ts'
import { lookUp } from './variables.ts'

const URL_ALONE = /^https?:\/\/\S+$/
/** Begins with no quote and no dash, and is no URL, which may have been meant as the remote's. */
const PLAIN_VALUE = /^(?!http[a-z+]*:)[\w.~/$]/i
/** The name is none that we set ourselves, and behind a scheme stands more than a scheme, so that none is written twice. */
const PLAIN_HEADER =
  /^((?:x-[\w-]*)?authorization(?=: [a-z-]+ (?:\$|.{8}))|x-[\w-]+(?<!authorization)): ((?:[a-z-]+ )?)(?:\$\{([a-z_]\w*)\}|([\w.~+/=-]+))$/i
const PLAIN_SECRET = /^[\w.~+/=-]{8,}$/

/** Undefined: argv.ts has to look at it. */
export function readOrdinaryLine(argv: readonly string[]): Read | undefined {
  const [url, ...rest] = argv
  if (url === undefined || !URL_ALONE.test(url)) return undefined
  const given = new Map<FlagName, string[]>()
  for (let at = 0; at < rest.length; at++) {
    const flag = findFlag(rest[at]!)
    // Those without a variable ask for something else than a bridge.
    if (flag?.env === undefined || flag.name !== rest[at]) return undefined
    const text = flag.kind === 'switch' ? '' : (rest[++at] ?? '')
    if (flag.kind !== 'switch' && !PLAIN_VALUE.test(text)) return undefined
    given.set(flag.name, [...(given.get(flag.name) ?? []), text])
  }
  return { given, url, port: undefined }
}

/** The headers of --header alone. Undefined: header-sources.ts has to look at them. */
export function readOrdinaryHeaders(
  given: Given,
  environment: HeaderRequest['environment'],
): HeaderSet | undefined {
  const headers = new Map<string, Header>()
  const texts = given.get('--header') ?? []
  for (const text of texts) {
    const [, name = '', scheme, variable, plain] = PLAIN_HEADER.exec(text) ?? []
    const value = variable === undefined ? plain : lookUp(variable, environment)
    if (value === undefined || (variable !== undefined && !PLAIN_SECRET.test(value))) return undefined
    headers.set(name.toLowerCase(), { name, value: scheme + value })
  }
  return headers.size < texts.length ? undefined : { headers: [...headers.values()], warnings: [] }
}
