// Every request of the host is owed exactly one answer. Steps 3 and 10 of the path; protocol.md 0.5.
// It is the stage next to the host, so nothing reaches stdout that was not asked for, and nothing twice.
import type { BridgeError } from '../errors.ts'
import type { Lane, Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import { type Envelope, type Id, textOf } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { CODE, cancelledId, refusal, refuse } from '../message/message.ts'
import { sizeOf } from '../message/text.ts'

interface Debt {
  readonly id: Id
  readonly sizeBytes: number
  readonly method: string
  isCancelled: boolean
}

/** Whether so much of the host's is under way that no more is to be read. */
export interface Intake {
  readonly isFull: boolean
  /** Calls back each time there is room again. */
  onRoom(callback: () => void): void
  /** Messages that are owed no answer wait for the remote: so many more, of so many bytes; fewer where negative. */
  weigh(messages: number, sizeBytes: number): void
}

export interface Ledger {
  readonly intake: Intake
  readonly stage: Stage
  /** How many answers the host waits for. */
  owed(): number
  /** Answers all that is owed with this error. */
  settleAll(error: BridgeError): void
  /** Calls back each time nothing is owed any more. */
  onSettled(callback: () => void): void
}

/** Longer than a cancelled request is read for (A.9). */
const FORGET_MS = 10_000
/** Each request under way has a connection; a process has some thousands. */
const MOST_UNDER_WAY = 1024
/** A request is kept until it is answered, as it may have to be sent again. */
const UNDER_WAY_BYTES = 64 * 1024 * 1024
/** A remote that takes nothing: even with so little as is read then, a host that never stops would fill the memory. */
const MOST_WAITING = 16 * MOST_UNDER_WAY
const WAITING_BYTES = 2 * UNDER_WAY_BYTES

export function createLedger(log: Log): Ledger {
  const debts = createIdTable<Debt>()
  let owed = 0
  let underWay = 0
  let underWayBytes = 0
  let isFull = false
  let waiting = 0
  let waitingBytes = 0
  let hasDropped = false
  let tellRoom: () => void = () => {}
  let tellSettled: () => void = () => {}
  let toHost: Lane['toHost'] = () => {}

  function weigh(messages: number, sizeBytes: number): void {
    underWay += messages
    underWayBytes += sizeBytes
    if (underWay > MOST_UNDER_WAY || underWayBytes > UNDER_WAY_BYTES) isFull = true
    if (!isFull || underWay > MOST_UNDER_WAY / 2 || underWayBytes > UNDER_WAY_BYTES / 2) return
    isFull = false
    tellRoom()
  }

  function forget({ id, sizeBytes }: Debt): void {
    debts.delete(id)
    weigh(-1, -sizeBytes)
  }

  function settle(debt: Debt): void {
    forget(debt)
    if (!debt.isCancelled) oweLess()
  }

  function oweLess(): void {
    if (--owed === 0) tellSettled()
  }

  function note(envelope: Envelope, id: Id): boolean {
    const earlier = debts.get(id)
    if (earlier !== undefined && !earlier.isCancelled) {
      const message = `mcp-ferry: duplicate request id ${id.raw}: ${earlier.method} with that id is still waiting for its answer`
      toHost(
        refuse(id, { code: CODE.invalidRequest, message, data: { origin: 'mcp-ferry', kind: 'protocol' } }),
      )
      return false
    }
    if (earlier !== undefined) forget(earlier)
    const sizeBytes = sizeOf(textOf(envelope))
    debts.set(id, { id, sizeBytes, method: envelope.method ?? '', isCancelled: false })
    owed++
    weigh(1, sizeBytes)
    return true
  }

  /** Whether there was something to cancel. */
  function cancel(envelope: Envelope): boolean {
    const id = cancelledId(envelope)
    const debt = id && debts.get(id)
    // initialize must not be cancelled (25/CAN): its answer stays owed.
    if (debt === undefined || debt.isCancelled || debt.method === 'initialize') return false
    debt.isCancelled = true
    // A late answer is still passed on, but most never come.
    setTimeout(() => debts.get(debt.id) === debt && forget(debt), FORGET_MS).unref()
    oweLess()
    return true
  }

  /** Whether a notification is one too many. */
  function drops({ method }: Envelope): boolean {
    if (waiting < MOST_WAITING && waitingBytes < WAITING_BYTES) return false
    log[hasDropped ? 'debug' : 'warn'](`the remote takes no notifications: ${method} and others are dropped`)
    hasDropped = true
    return true
  }

  return {
    stage: (next) => {
      toHost = next.toHost
      return {
        toRemote(envelope) {
          if (envelope.kind === 'request' && !note(envelope, envelope.id!)) return
          // What ends a request is never one too many: the request would run all the same when the remote takes it.
          const isCancelling = envelope.method === 'notifications/cancelled' && cancel(envelope)
          if (!isCancelling && envelope.kind === 'notification' && drops(envelope)) return
          next.toRemote(envelope)
        },
        toHost(envelope) {
          if (envelope.kind === 'response') {
            const debt = envelope.id && debts.get(envelope.id)
            if (debt === undefined) {
              log.debug('dropped an answer that nobody waits for', { id: envelope.id?.raw })
              return
            }
            settle(debt)
          }
          next.toHost(envelope)
        },
      }
    },
    intake: {
      get isFull() {
        return isFull
      },
      onRoom(callback) {
        tellRoom = callback
      },
      weigh(messages, sizeBytes) {
        waiting += messages
        waitingBytes += sizeBytes
        weigh(messages, sizeBytes)
      },
    },
    owed: () => owed,
    settleAll(error) {
      for (const debt of debts.values()) {
        settle(debt)
        if (!debt.isCancelled) toHost(refusal(debt.id, error))
      }
    },
    onSettled(callback) {
      tellSettled = callback
    },
  }
}
