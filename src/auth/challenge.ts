// `WWW-Authenticate` → what the remote asks for. Lenient: a header that is not quite right still says where to sign in.
// Pure. RFC 9110 11.6.1; protocol.md G.1 row 1.

export interface Wanted {
  readonly scheme: 'bearer' | 'dpop'
  readonly resourceMetadata?: string
  readonly scope?: string
  readonly error?: string
}

interface Parsed {
  readonly scheme: string
  readonly params: Map<string, string>
}

/** A token (RFC 9110 5.6.2), whole: the expressions below begin where it ends, so that nothing is looked at twice. */
const TOKEN = /[\w!#$%&'*+.^`|~-]+/y
const VALUE = /\s*=\s*(?:"((?:[^"\\]|\\[\s\S])*)"|([^\s",]+))/y
const END = /[\s,]|$/y
const TOKEN68 = /[\w.~+/-]+=*(?=[\s,]|$)/y

/** The first challenge for Bearer or DPoP; if both are there, the one for DPoP with an error, else the first. */
export function wantedBy(headers: readonly string[]): Wanted | undefined {
  const ours = headers
    .flatMap(parseChallenges)
    .filter(({ scheme }) => scheme === 'bearer' || scheme === 'dpop')
  const chosen = ours.find(({ scheme, params }) => scheme === 'dpop' && params.has('error')) ?? ours[0]
  if (chosen === undefined) return undefined
  // Either may tell where to sign in.
  const param = (name: string): string | undefined =>
    chosen.params.get(name) ?? ours.find(({ params }) => params.has(name))?.params.get(name)
  const resourceMetadata = param('resource_metadata')
  const scope = param('scope')
  const error = param('error')
  return {
    scheme:
      ours.some(({ scheme }) => scheme === 'bearer') && !chosen.params.has('error')
        ? 'bearer'
        : (chosen.scheme as 'dpop'),
    ...(resourceMetadata !== undefined && { resourceMetadata }),
    ...(scope !== undefined && { scope }),
    ...(error !== undefined && { error }),
  }
}

/** The challenges of one header, names in lower case. What cannot be read is skipped. Linear: the header is the remote's. */
export function parseChallenges(header: string): Parsed[] {
  const found: Parsed[] = []
  for (let at = 0; at < header.length; ) {
    const token = match(TOKEN, header, at)?.[0]
    if (token === undefined) {
      at++
      continue
    }
    const end = at + token.length
    const current = found.at(-1)
    const value = current && match(VALUE, header, end)
    if (current !== undefined && value !== undefined) {
      addParam(current, token, value)
      at = end + value[0].length
    } else if (/^[A-Za-z]/.test(token) && match(END, header, end) !== undefined) {
      found.push({ scheme: token.toLowerCase(), params: new Map() })
      at = behindToken68(header, end)
    } else at += /^[^A-Za-z]+/.exec(token)?.[0].length ?? token.length
  }
  return found
}

function addParam({ params }: Parsed, token: string, [, quoted, plain = '']: RegExpExecArray): void {
  const name = token.toLowerCase()
  // The first one counts: a later one may be smuggled in.
  if (!params.has(name)) params.set(name, quoted === undefined ? plain : quoted.replace(/\\([\s\S])/g, '$1'))
}

/** Behind the one value of a scheme that takes one, such as Negotiate. */
function behindToken68(header: string, at: number): number {
  const start = at + (match(/[ \t]*/y, header, at)?.[0].length ?? 0)
  const value = match(TOKEN68, header, start)?.[0]
  if (value === undefined) return start
  const token = match(TOKEN, header, start)?.[0] ?? ''
  const end = start + token.length
  const isScheme = /^[A-Za-z]/.test(token) && match(END, header, end) !== undefined
  const isParam = token !== '' && match(VALUE, header, end) !== undefined
  return isScheme || isParam ? start : start + value.length
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(text) ?? undefined
}
