// What a modern host is told in the remote's stead while that is not there. Pure. protocol.md 0.12, its last but one item.
import { ALL_VERSIONS, META } from '../era/era.ts'
import { UNCACHED } from '../era/to-legacy/modern-results.ts'
import type { Envelope } from '../message/envelope.ts'
import { own } from '../message/message.ts'
import { rewrite } from '../message/rewrite.ts'
import { emptyList } from '../remote/start.ts'

/** The answer to `server/discover`. `remembered`: the JSON of what the remote said of itself at an earlier start. */
export function provisionalDiscovery(
  request: Envelope,
  about: { readonly host: string; readonly why: string; readonly remembered: string | undefined },
): Envelope {
  const { host, why, remembered } = about
  const known = remembered === undefined ? {} : (JSON.parse(remembered) as Record<string, unknown>)
  const changes = { listChanged: true }
  const { tasks: _, ...capabilities } = (known.capabilities ?? {
    tools: changes,
    prompts: changes,
    resources: changes,
  }) as Record<string, unknown>
  const meta = known._meta as Record<string, unknown> | undefined
  const serverInfo = meta?.[`${META}serverInfo`] ?? known.serverInfo ?? { name: host, version: '0' }
  const result = {
    resultType: 'complete',
    supportedVersions: ALL_VERSIONS,
    capabilities,
    instructions: `This server (${host}) is not connected yet: ${why}. mcp-ferry goes on trying; ask for its lists again in a while.`,
    ttlMs: 0,
    cacheScope: 'private',
    _meta: { [`${META}serverInfo`]: serverInfo },
  }
  return own(`{"jsonrpc":"2.0","id":${request.id!.raw},"result":${JSON.stringify(result)}}`)
}

/** The answer to a list request that has waited long enough, and which list it is; undefined for other methods. */
export function emptyModernList(request: Envelope): ReturnType<typeof emptyList> {
  const empty = emptyList(request)
  if (empty === undefined) return undefined
  return { ...empty, answer: rewrite(empty.answer, { result: { resultType: '"complete"', ...UNCACHED } }) }
}
