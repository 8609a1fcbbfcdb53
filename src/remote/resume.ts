// The stream of an answer that ended before the answer came, taken up again by GET from the last event id on, until the
// answer is there. A clean end is how a remote makes its caller poll, and no failure. protocol.md A.4.
import { BridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Envelope } from '../message/envelope.ts'
import { backoff } from './backoff.ts'
import type { Cursor } from './cursor.ts'
import { link } from './linked.ts'
import { isRefusedForNow } from './retry.ts'
import type { Session } from './session.ts'
import { createStop, LEFT, type Stop, stopNow } from './stop.ts'
import { delay } from './time.ts'
import type { Listening, Posted, StreamEnd, Transport } from './transport.ts'

/** So many tries in a row that fail are enough. */
const MOST_FAILURES = 5
/** A remote that has not noticed the end of the stream refuses a second one (SDK v1: 409); at 30 s each, 12 minutes. */
const MOST_CONFLICTS = 30
/** A stream that ends within this time, with nothing on it, makes the next one come later. */
const SHORT_LIFE_MS = 1000

export interface Following {
  readonly session: Session
  readonly cursor: Cursor
  /** Ends it; its reason becomes the failure. */
  readonly stop: Stop
  /** Takes each message of the stream. */
  readonly take: (message: Envelope) => void
  /** Whether the answer has come. */
  readonly isOver: () => boolean
  /** Whether anyone waits for it. */
  readonly isWanted: () => boolean
  /** Takes the failure, if the answer does not come. */
  readonly give: (posted: Posted) => void
  /** Closes the connection that the stream is on now. */
  leave: () => void
}

/** Goes on with the stream, and ends with the answer or by `give`. */
export function resume(
  following: Following,
  { listen, log }: Pick<Transport, 'listen'> & { readonly log: Log },
): void {
  const { session, cursor, stop, take, isOver, isWanted, give } = following
  let failures = 0
  let conflicts = 0
  let idleLives = 0

  function wait(): void {
    const tries = failures + conflicts
    // A remote that has said how often it wants to be asked is asked so often.
    const waitMs = cursor.retryMs ?? backoff(1 + tries + idleLives)
    void delay(tries > 0 ? Math.max(waitMs, backoff(tries)) : waitMs, stop).then(open)
  }

  function open(): void {
    if (stop.reason !== undefined || !isWanted()) return give({ kind: 'failed', error: stop.reason ?? LEFT })
    const life = createStop()
    const unlink = link(life, stop)
    following.leave = () => stopNow(life, LEFT)
    let openedAt = 0
    let hasEvents = false
    const listening: Listening = {
      stop: life,
      isAside: false,
      cursor,
      onOpen() {
        openedAt = Date.now()
      },
      onMessage(message) {
        hasEvents = true
        take(message)
      },
      onEnd(end) {
        unlink()
        if (isOver()) return
        if (stop.reason !== undefined) return give({ kind: 'failed', error: stop.reason })
        idleLives = hasEvents || Date.now() - openedAt > SHORT_LIFE_MS ? 0 : idleLives + 1
        const lost = judge(end, hasEvents)
        if (lost === undefined) return wait()
        log.debug('the stream cannot be taken up again', { why: lost.error.message })
        give(lost)
      },
    }
    listen(session, listening)
  }

  /** What it means that this try has ended; undefined: to try again. */
  function judge(end: StreamEnd, hasEvents: boolean): Extract<Posted, { kind: 'failed' }> | undefined {
    switch (end.kind) {
      case 'ended':
        if (end.error?.kind === 'too-large') return { kind: 'failed', error: end.error }
        // Damaged from the start, it is as good as none.
        if (end.error?.kind === 'content' && !hasEvents)
          return ++failures < MOST_FAILURES ? undefined : lost(end.error)
        failures = 0
        conflicts = 0
        return undefined
      case 'unreachable':
        return ++failures < MOST_FAILURES ? undefined : lost(end.error)
      case 'session-lost':
        return { ...lost(end.error), session: 'in-doubt' }
      case 'refused':
        return judgeStatus(end)
    }
  }

  function judgeStatus({ status, error }: Extract<StreamEnd, { kind: 'refused' }>): ReturnType<typeof judge> {
    if (error.kind === 'session-lost') return { ...lost(error), session: 'in-doubt' }
    if (status === 409) return ++conflicts < MOST_CONFLICTS ? undefined : lost(error)
    return isRefusedForNow(status, error) && ++failures < MOST_FAILURES ? undefined : lost(error)
  }

  wait()
}

function lost(why: BridgeError): { kind: 'failed'; error: BridgeError } {
  const { url, httpStatus } = why.facts
  const facts = {
    ...(url === undefined ? {} : { url }),
    ...(httpStatus === undefined ? {} : { httpStatus }),
    retryable: true,
    maybeDelivered: true,
  }
  const text = `the stream with the answer broke off and could not be taken up again (${why.message})`
  return { kind: 'failed', error: new BridgeError('stream-lost', text, facts, why) }
}
