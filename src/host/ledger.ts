// Every request of the host is owed exactly one answer. Steps 3 and 10 of the path; protocol.md 0.5.
// It is the stage next to the host, so nothing reaches stdout that was not asked for, and nothing twice.
import type { BridgeError } from '../errors.ts'
import type { Lane, Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import type { Envelope, Id } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { CODE, cancelledId, refusal, refuse } from '../message/message.ts'

interface Debt {
  readonly id: Id
  readonly method: string
  isCancelled: boolean
}

export interface Ledger {
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

export function createLedger(log: Log): Ledger {
  const debts = createIdTable<Debt>()
  const callbacks: (() => void)[] = []
  let owed = 0
  let toHost: Lane['toHost'] = () => {}

  function settle(debt: Debt): void {
    debts.delete(debt.id)
    if (debt.isCancelled) return
    owed--
    if (owed === 0) for (const callback of callbacks) callback()
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
    debts.set(id, { id, method: envelope.method ?? '', isCancelled: false })
    owed++
    return true
  }

  function cancel(envelope: Envelope): void {
    const id = cancelledId(envelope)
    const debt = id && debts.get(id)
    // initialize must not be cancelled (25/CAN): its answer stays owed.
    if (debt === undefined || debt.isCancelled || debt.method === 'initialize') return
    debt.isCancelled = true
    // A late answer is still passed on, but most never come.
    setTimeout(() => debts.get(debt.id) === debt && debts.delete(debt.id), FORGET_MS).unref()
    owed--
    if (owed === 0) for (const callback of callbacks) callback()
  }

  return {
    stage: (next) => {
      toHost = next.toHost
      return {
        toRemote(envelope) {
          if (envelope.kind === 'request' && !note(envelope, envelope.id!)) return
          if (envelope.method === 'notifications/cancelled') cancel(envelope)
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
    owed: () => owed,
    settleAll(error) {
      for (const debt of debts.values()) {
        settle(debt)
        if (!debt.isCancelled) toHost(refusal(debt.id, error))
      }
    },
    onSettled: (callback) => void callbacks.push(callback),
  }
}
