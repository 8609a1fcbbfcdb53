// The subscriptions that a modern host has open: what each is told belongs to it, comes after it was acknowledged and
// was asked for. protocol.md C.5, E.7.
import { chaosOf, type Rpc } from './instruction.ts'
import { META } from './pairs.ts'

/** More would hide what the bridge forgets to close. */
const AT_MOST = 4

export interface Listen {
  readonly id: string | number
  readonly key: string
  /** How often it was told that the tools have changed. */
  heard: number
}

export interface Listens {
  readonly open: readonly Listen[]
  opened(id: string | number, noted: Cancellable): void
  over(id: unknown): void
  /** Whether this notification was one for a subscription, and whether that has had it before. */
  take(notification: Rpc): 'new' | 'again' | undefined
}

interface Cancellable {
  readonly key: string
  isCancelled: boolean
}

interface Entry extends Listen {
  readonly noted: Cancellable
  acknowledged: Readonly<Record<string, unknown>> | undefined
  readonly seen: Set<unknown>
}

const KINDS: Readonly<Record<string, string>> = {
  'notifications/tools/list_changed': 'toolsListChanged',
  'notifications/prompts/list_changed': 'promptsListChanged',
  'notifications/resources/list_changed': 'resourcesListChanged',
  'notifications/resources/updated': 'resourceSubscriptions',
}

export function createListens(tally: { strayChanges: number }, send: (message: Rpc) => void): Listens {
  const all = new Map<unknown, Entry>()
  const open: Entry[] = []

  function close(entry: Entry): void {
    const at = open.indexOf(entry)
    if (at >= 0) open.splice(at, 1)
  }

  return {
    get open() {
      return [...open]
    },
    opened(id, noted) {
      const entry: Entry = { id, key: noted.key, noted, heard: 0, acknowledged: undefined, seen: new Set() }
      all.set(id, entry)
      open.push(entry)
      const [oldest] = open
      if (open.length <= AT_MOST || oldest === undefined) return
      close(oldest)
      oldest.noted.isCancelled = true
      send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: oldest.id } })
    },
    over(id) {
      const entry = all.get(id)
      if (entry !== undefined) close(entry)
    },
    take({ method = '', params }) {
      const meta = params?._meta as Readonly<Record<string, unknown>> | undefined
      const id = meta?.[`${META}subscriptionId`]
      const kind = KINDS[method]
      const isAck = method === 'notifications/subscriptions/acknowledged'
      if (id === undefined) {
        // A legacy host has no subscriptions and is told by the bare notification.
        if (all.size > 0 && (kind !== undefined || isAck)) tally.strayChanges++
        return undefined
      }
      const entry = all.get(id)
      const { of, seq } = chaosOf(params)
      const isWanted = isAck || (kind !== undefined && Boolean(entry?.acknowledged?.[kind]))
      // What was on its way when the host cancelled is no mistake.
      if (entry === undefined || !isWanted || (of !== undefined && of !== entry.key)) tally.strayChanges++
      if (entry === undefined) return 'new'
      if (isAck) entry.acknowledged = (params?.notifications ?? {}) as Readonly<Record<string, unknown>>
      if (kind === 'toolsListChanged') entry.heard++
      const isRepeated = seq !== undefined && entry.seen.has(seq)
      entry.seen.add(seq)
      return isRepeated ? 'again' : 'new'
    },
  }
}
