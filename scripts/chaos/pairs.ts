// Who speaks to whom: the era of the host and of the remote, and what follows from it for a run. Pure.
// protocol.md "Terms", D, E.
export type Era = 'legacy' | 'modern'

export const PAIRS = ['legacy-legacy', 'modern-modern', 'legacy-modern', 'modern-legacy'] as const
export type Pair = (typeof PAIRS)[number]

export type Transport = 'http' | 'http+sse'

export const MODERN = '2026-07-28'
export const META = 'io.modelcontextprotocol/'

export const LISTEN = 'subscriptions/listen'

export const hostEra = (pair: Pair): Era => (pair.startsWith('legacy') ? 'legacy' : 'modern')
export const remoteEra = (pair: Pair): Era => (pair.endsWith('legacy') ? 'legacy' : 'modern')

/** HTTP+SSE is legacy. */
export const hasTransport = (pair: Pair, transport: Transport): boolean =>
  transport === 'http' || remoteEra(pair) === 'legacy'

/** Where the remote serves this era by this transport. */
export function pathOf(pair: Pair, transport: Transport): string {
  if (remoteEra(pair) === 'modern') return '/modern'
  return transport === 'http' ? '/mcp' : '/sse'
}

/** What the bridge answers by itself where the eras differ, so that the answer bears no key (D.4, E.2). */
const OWN: Readonly<Partial<Record<Pair, readonly string[]>>> = {
  'legacy-modern': ['ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe'],
  'modern-legacy': ['server/discover'],
}

export const isAnsweredByBridge = (pair: Pair, method: string): boolean =>
  OWN[pair]?.includes(method) === true
