// Where HTTP+SSE has messages posted to: what the remote's `endpoint` event says, which is not trusted. Pure.
// protocol.md B.1.

/** Words of a path are shorter. */
const LIKE_AN_ID = 16

/** The URL to POST to, if it is on the origin of the stream. */
export function endpointOf(data: string, base: URL): URL | undefined {
  if (!URL.canParse(data, base.href)) return undefined
  const url = new URL(data, base)
  return url.origin === base.origin ? url : undefined
}

/** The endpoint names the session, in its query or in its path. */
export function secretsIn({ pathname, searchParams }: URL): string[] {
  const segments = pathname.split('/').filter((segment) => segment.length >= LIKE_AN_ID)
  return [...segments, ...searchParams.values()]
}
