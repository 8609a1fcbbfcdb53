// One `subscriptions/listen` of ours that is kept open: another filter is asked for before the stream with the old one is
// given up, and what has ended is opened again. Broken streams are taken up by the remote itself. protocol.md D.6, C.5.
import type { Log } from '../../log.ts'
import { type Envelope, type Id, spanAt } from '../../message/envelope.ts'
import { isOwnError } from '../own-errors.ts'
import type { Legs } from './legs.ts'

export interface KeptListenSettings {
  readonly legs: Legs
  readonly log: Log
  /** The filter as JSON; undefined if nothing is to be listened to. */
  readonly filter: () => string | undefined
  /** A stream with the last filter stands. `isLate`: something may have been missed. */
  readonly onAcknowledged: (acknowledgement: Envelope, isLate: boolean) => void
  /** A stream that stands was broken off and taken up again, and the remote grants something else on it. */
  readonly onRegranted: (acknowledgement: Envelope) => void
  /** It was answered before it stood. */
  readonly onRefused: (response: Envelope) => void
}

export interface KeptListen {
  /** There is a stream that the remote has acknowledged. */
  readonly isLive: boolean
  /** Whether the stream with this id is one of these. */
  has(id: Id): boolean
  /** Asks for what the filter is now. */
  refresh(): void
  /** The stream that is being opened has been waited for long enough. */
  giveUp(): void
  /** The remote has acknowledged the stream with this id. */
  acknowledged(id: Id, acknowledgement: Envelope): void
  /** The remote has just answered something: if it could not be reached before, it can be now. */
  remoteIsThere(): void
  close(): void
}

/** A server that has said goodbye is left alone for a while. */
const GOODBYE_MS = 30_000
/** What was missed in less is taken up by who asks next. */
const GAP_MS = 5000

export function createKeptListen(settings: KeptListenSettings): KeptListen {
  const { legs, log, filter, onAcknowledged, onRegranted, onRefused } = settings
  let live: Id | undefined
  let opening: Id | undefined
  /** The filter has changed since the opening one was asked for. */
  let isOutdated = false
  let lostAt: number | undefined
  let isUnreachable = false
  /** Not before this: something has answered in the remote's stead, and will again. */
  let notBefore = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let isClosed = false

  function refresh(): void {
    if (isClosed) return
    if (opening !== undefined) {
      isOutdated = true
      return
    }
    clearTimeout(timer)
    isUnreachable = false
    const text = filter()
    if (text === undefined) return leave()
    const id = legs.nextId()
    opening = id
    isOutdated = false
    legs.ask({
      method: 'subscriptions/listen',
      params: `"notifications":${text}`,
      id,
      onAnswer: (response) => ended(id, response),
    })
  }

  function leave(): void {
    const id = live
    live = undefined
    lostAt = undefined
    if (id !== undefined) legs.abort(id)
  }

  function ended(id: Id, response: Envelope): void {
    if (isClosed) return
    const wasOpening = id.key === opening?.key
    if (wasOpening) opening = undefined
    else if (id.key === live?.key) live = undefined
    else return
    if (live === undefined) lostAt ??= Date.now()
    if (wasOpening) onRefused(response)
    if (response.shape.error === undefined) {
      clearTimeout(timer)
      timer = setTimeout(refresh, GOODBYE_MS)
    } else if (isOwnError(response)) {
      isUnreachable = true
      // Refused by HTTP, as each try would be.
      const hasStatus = spanAt(response, 'error', 'data', 'httpStatus') !== undefined
      notBefore = hasStatus ? Date.now() + GOODBYE_MS : 0
    } else log.warn('the server takes no subscription: what it has to tell of changes is not heard')
    if (wasOpening && isOutdated) refresh()
  }

  return {
    get isLive() {
      return live !== undefined
    },
    has: ({ key }) => key === live?.key || key === opening?.key,
    refresh,
    giveUp() {
      const id = opening
      opening = undefined
      if (id !== undefined) legs.abort(id)
    },
    acknowledged(id, acknowledgement) {
      if (id.key === live?.key) return onRegranted(acknowledgement)
      if (id.key !== opening?.key) return
      const before = live
      live = opening
      opening = undefined
      if (before !== undefined) legs.abort(before)
      // The one before may have ended meanwhile.
      clearTimeout(timer)
      isUnreachable = false
      const isLate = lostAt !== undefined && Date.now() - lostAt > GAP_MS
      lostAt = undefined
      onAcknowledged(acknowledgement, isLate)
      if (isOutdated) refresh()
    },
    remoteIsThere() {
      if (isUnreachable && Date.now() >= notBefore) refresh()
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      for (const id of [live, opening]) if (id !== undefined) legs.abort(id)
    },
  }
}
