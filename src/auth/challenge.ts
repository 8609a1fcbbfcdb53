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

const PARAM = /^([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\[\s\S])*)"|([^\s",]+))/
const SCHEME = /^([A-Za-z][\w!#$%&'*+.^`|~-]*)(?=[\s,]|$)/
const TOKEN68 = /^[\w.~+/-]+=*(?=[\s,]|$)/

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

/** The challenges of one header, names in lower case. What cannot be read is skipped. */
export function parseChallenges(header: string): Parsed[] {
  const found: Parsed[] = []
  let rest = header
  while (rest !== '') {
    rest = rest.replace(/^[\s,]+/, '')
    const param = PARAM.exec(rest)
    const current = found.at(-1)
    if (param !== null && current !== undefined) {
      const [text, name, quoted, plain] = param
      const value = quoted === undefined ? plain! : quoted.replace(/\\([\s\S])/g, '$1')
      // The first one counts: a later one may be smuggled in.
      if (!current.params.has(name!.toLowerCase())) current.params.set(name!.toLowerCase(), value)
      rest = rest.slice(text.length)
      continue
    }
    const scheme = SCHEME.exec(rest)?.[1]
    if (scheme !== undefined) {
      found.push({ scheme: scheme.toLowerCase(), params: new Map() })
      rest = rest.slice(scheme.length).replace(/^[ \t]+/, '')
      // Of a scheme that takes one value, such as Negotiate.
      const value = TOKEN68.exec(rest)
      if (value !== null && !SCHEME.test(rest) && !PARAM.test(rest)) rest = rest.slice(value[0].length)
      continue
    }
    rest = rest.slice(1)
  }
  return found
}
