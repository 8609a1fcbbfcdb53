// Requests whose answers come on another stream than that of their POST, as all do over HTTP+SSE. protocol.md B.1.
import type { BridgeError } from '../errors.ts'
import type { Envelope } from '../message/envelope.ts'
import { offStop, onStop } from './stop.ts'
import type { Posted, Posting } from './transport.ts'

/** A request whose answer has not come. */
export interface Pending {
  readonly request: Envelope
  readonly posting: Posting
  settle(posted: Posted): void
}

/** Notes that an answer is waited for. */
export function awaitAnswer(all: Set<Pending>, request: Envelope, posting: Posting): Pending {
  const onStopped = (error: BridgeError): void => pending.settle({ kind: 'failed', error })
  const pending: Pending = {
    request,
    posting,
    settle(posted) {
      if (!all.delete(pending)) return
      offStop(posting.stop, onStopped)
      posting.onDone(posted)
    },
  }
  all.add(pending)
  onStop(posting.stop, onStopped)
  return pending
}

/** The request that is answered. Its number may have been rounded on the way, or written in another form. */
export function findPending(all: ReadonlySet<Pending>, { id }: Envelope): Pending | undefined {
  if (id === undefined) return undefined
  for (const candidate of all) if (candidate.request.id!.key === id.key) return candidate
  if (id.raw[0] === '"') return undefined
  for (const candidate of all) if (Number(candidate.request.id!.raw) === Number(id.raw)) return candidate
  return undefined
}
