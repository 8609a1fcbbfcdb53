// Headers as a trace shows them: values only of those that are known to hold no secret, and of none that the user has given.
// protocol.md 0.8.
import type { Headers } from './trace-record.ts'

export interface HeaderSecrets {
  /** Names in lower case that the user has given. */
  readonly own: ReadonlySet<string>
  readonly redact: (text: string) => string
  /** The number of a session, by its id: sessions can be told apart and not be used. */
  readonly sessionNumber: (id: string) => number
}

/** What HTTP and MCP themselves say, and what tells of caches, limits and proxies. */
const SHOWN = new Set(
  (
    'accept accept-encoding accept-ranges age allow alt-svc cache-control cf-cache-status cf-ray connection ' +
    'content-encoding content-language content-length content-type date etag expires host keep-alive ' +
    'last-event-id mcp-method mcp-name mcp-protocol-version pragma ratelimit ratelimit-limit ratelimit-policy ' +
    'ratelimit-remaining ratelimit-reset retry-after server server-timing strict-transport-security ' +
    'transfer-encoding upgrade user-agent vary via x-accel-buffering x-cache x-content-type-options ' +
    'x-frame-options x-powered-by x-ratelimit-limit x-ratelimit-remaining x-ratelimit-reset x-request-id'
  ).split(' '),
)
const SHOWN_GROUPS = /^(?:mcp-param|access-control)-/
const SCHEME = /^(?:Basic|Bearer|DPoP|Digest|Negotiate|NTLM|Token|ApiKey)(?= )/i
const REDACTED = '<redacted>'

/** `list`: names and values in turn. */
export function shownHeaders(list: readonly string[], secrets: HeaderSecrets): Headers {
  const shown = new Map<string, string[]>()
  for (let at = 0; at + 1 < list.length; at += 2) {
    const name = list[at]!
    shown.set(name, [...(shown.get(name) ?? []), shownValue(name.toLowerCase(), list[at + 1]!, secrets)])
  }
  return Object.fromEntries(
    [...shown].map(([name, values]) => [name, values.length === 1 ? values[0]! : values] as const),
  )
}

function shownValue(name: string, value: string, { own, redact, sessionNumber }: HeaderSecrets): string {
  if (!own.has(name)) {
    if (SHOWN.has(name) || SHOWN_GROUPS.test(name)) return redact(value)
    if (name === 'mcp-session-id') return `<redacted: session ${sessionNumber(value)}>`
    if (name === 'location') return redact(value.replace(/[?#].*$/s, `?${REDACTED}`))
    if (name === 'www-authenticate') return redact(challengeOf(value))
  }
  const scheme = SCHEME.exec(value)?.[0]
  return scheme === undefined ? REDACTED : `${scheme} ${REDACTED}`
}

/** The schemes of a challenge, and of its parameters those that say what is wanted. */
const CHALLENGE =
  /\b(?:Basic|Bearer|DPoP|Digest|Negotiate|NTLM)\b(?=\s|,|$)|\b(?:realm|error|error_description|scope|resource_metadata|algs)=(?:"(?:[^"\\]|\\.)*"|[^\s,"]+)/gi

function challengeOf(value: string): string {
  const parts = value.match(CHALLENGE) ?? []
  const shown = parts.map((part) => part.replace(/(\/\/[^?"\s]*)\?[^"\s]*/, `$1?${REDACTED}`))
  // A word right behind a scheme is taken for a credential.
  return shown.length === 0 ? REDACTED : shown.join(', ')
}

/** Origin and path, also of a URL whose scheme has no origin. */
export function placeOf({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`
}
