// What a host is shown of the progress of one request, which may take several legs of which each counts from the start.
// protocol.md D.7-8, D.10.

import type { Sink } from '../../lane.ts'
import { type Envelope, type Id, readId, spanAt } from '../../message/envelope.ts'
import { notification } from '../../message/message.ts'
import { textAt } from '../../message/utf8.ts'

export interface Progress {
  readonly token: Id
  /** Passes it on if it goes beyond what has been shown. */
  pass(message: Envelope): void
  /** Shows one step more. `message`: JSON. */
  step(message: string | undefined): void
}

/** Undefined where the host wants to see none. */
export function createProgress(request: Envelope, toHost: Sink): Progress | undefined {
  const token = readId(request.bytes, spanAt(request, 'params', '_meta', 'progressToken'))
  if (token === undefined) return undefined
  let shown: number | undefined
  return {
    token,
    pass(message) {
      const span = spanAt(message, 'params', 'progress')
      const progress = span === undefined ? Number.NaN : Number(textAt(message.bytes, span))
      if (shown !== undefined && progress <= shown) return
      // What is too large for JavaScript can be passed on, but not be counted on from.
      if (Number.isFinite(progress)) shown = progress
      toHost(message)
    },
    step(message) {
      shown = Math.floor(shown ?? 0) + 1
      const said = message === undefined ? '' : `,"message":${message}`
      toHost(
        notification('notifications/progress', `{"progressToken":${token.raw},"progress":${shown}${said}}`),
      )
    },
  }
}

/** The token of the request that a `notifications/progress` is about. */
export function progressToken(message: Envelope): Id | undefined {
  return readId(message.bytes, spanAt(message, 'params', 'progressToken'))
}
