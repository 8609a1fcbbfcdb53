// The stream on which the remote speaks unasked, kept open for as long as the session lives. Its failure never fails
// a request. protocol.md A.5.
import type { BridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import { backoff } from './backoff.ts'
import { createCursor } from './cursor.ts'
import { link } from './linked.ts'
import { isRefusedForNow } from './retry.ts'
import type { Session } from './session.ts'
import { createStop, LEFT, type Stop, stopNow } from './stop.ts'
import { delay } from './time.ts'
import type { Receive, StreamEnd, Transport } from './transport.ts'

/** A stream that lived this long was a good one, as is one that has said something. */
const GOOD_LIFE_MS = 10_000
const SHORT_LIFE_MS = 1000
const MOST_SHORT_LIVES = 5
const SLOW_WAIT_MS = 60_000
/** The remote has not noticed that the one before is dead. */
const CONFLICT_WAIT_MS = 5000

export interface ListeningSettings {
  readonly transport: Transport
  readonly session: Session
  /** Ends it. */
  readonly life: Stop
  readonly log: Log
  readonly onMessage: Receive
  /** The stream is open, or is no more. */
  readonly onChange: (isOpen: boolean) => void
  /** The remote does not offer it. */
  readonly onRefused: () => void
  /** Whether the remote really does not know the session any more: a GET alone does not prove it. */
  readonly isGone: () => Promise<boolean>
  /** The session is gone. */
  readonly onLost: () => void
}

export interface Listener {
  /** Resolves once the first stream is open, or is known not to be offered. */
  readonly heard: Promise<void>
  /** Opens the stream anew, at once. */
  reconnect(): void
}

export function keepListening(settings: ListeningSettings): Listener {
  const { transport, session, life, log, onMessage, onChange } = settings
  const cursor = createCursor()
  let current = createStop()
  let hasOpened = false
  let hasSkipped = false
  let failures = 0
  let shortLives = 0
  let tellHeard: () => void = () => {}
  const heard = new Promise<void>((resolve) => {
    tellHeard = resolve
  })

  function open(): void {
    if (life.reason !== undefined) return
    const mine = createStop()
    const unlink = link(mine, life)
    current = mine
    let openedAt: number | undefined
    let hasSpoken = false
    transport.listen(session, {
      stop: mine,
      isAside: true,
      cursor,
      onOpen() {
        openedAt = Date.now()
        hasOpened = true
        tellHeard()
        onChange(true)
      },
      onMessage(message, within) {
        hasSpoken = true
        onMessage(message, within)
      },
      onEnd(end) {
        unlink()
        if (openedAt !== undefined) onChange(false)
        if (end.error?.kind === 'too-large') skip(end.error)
        if (life.reason !== undefined) return tellHeard()
        log.debug('the stream of the remote has ended, or is not offered', { why: end.error?.message })
        const lived = openedAt === undefined ? undefined : Date.now() - openedAt
        if (lived !== undefined) weigh(lived, hasSpoken)
        void proceed(end, mine.reason !== undefined)
        tellHeard()
      },
    })
  }

  /** It would come again, and be too large again. A remote that sends nothing else must not fill the disk with this. */
  function skip({ message }: BridgeError): void {
    cursor.lastEventId = undefined
    log[hasSkipped ? 'debug' : 'warn'](message)
    hasSkipped = true
  }

  function weigh(livedMs: number, hasSpoken: boolean): void {
    if (livedMs > GOOD_LIFE_MS || hasSpoken) failures = 0
    shortLives = livedMs < SHORT_LIFE_MS && !hasSpoken ? shortLives + 1 : 0
  }

  async function proceed(end: StreamEnd, isLeft: boolean): Promise<void> {
    if (isLeft) return open()
    const waitMs = await next(end)
    if (waitMs === undefined || life.reason !== undefined) return
    current = createStop()
    const unlink = link(current, life)
    await delay(waitMs, current)
    unlink()
    open()
  }

  /** Milliseconds to wait before the stream is opened again; undefined for never. */
  async function next(end: StreamEnd): Promise<number | undefined> {
    switch (end.kind) {
      case 'ended':
        if (shortLives >= MOST_SHORT_LIVES) return SLOW_WAIT_MS
        return cursor.retryMs ?? backoff(++failures)
      case 'unreachable':
        return Math.max(cursor.retryMs ?? 0, backoff(++failures))
      case 'session-lost':
        settings.onLost()
        return undefined
      case 'refused':
        return afterRefusal(end)
    }
  }

  async function afterRefusal(end: Extract<StreamEnd, { kind: 'refused' }>): Promise<number | undefined> {
    const { status, error, retryAfterMs = 0 } = end
    if (error.kind === 'session-lost' || status === 404) {
      // Many routers answer 404 to a verb that they have no handler for: of a first try that is all it means.
      if ((hasOpened || failures > 0) && (await settings.isGone())) settings.onLost()
      else if (hasOpened) return SLOW_WAIT_MS
      else settings.onRefused()
      return undefined
    }
    if (status === 409) return backoff(++failures, CONFLICT_WAIT_MS)
    if (isRefusedForNow(status, error)) return Math.max(retryAfterMs, backoff(++failures))
    settings.onRefused()
    return undefined
  }

  open()
  return {
    heard,
    reconnect: () => stopNow(current, LEFT),
  }
}
