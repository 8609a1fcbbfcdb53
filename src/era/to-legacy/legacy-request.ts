// A modern host's request as a legacy remote wants to read it, and what goes with it. Pure. protocol.md E.3.
import type { Envelope, Id } from '../../message/envelope.ts'
import { type Changes, rewrite } from '../../message/rewrite.ts'
import { META } from '../era.ts'

/** What a modern request says of itself that a legacy one does not. */
const MODERN_META: Changes = {
  [`${META}protocolVersion`]: undefined,
  [`${META}clientInfo`]: undefined,
  [`${META}clientCapabilities`]: undefined,
  [`${META}logLevel`]: undefined,
}

/** The request under this id. `progressToken` (JSON) takes the place of the host's, which it may use again too soon. */
export function asLegacy(request: Envelope, id: Id, progressToken: string | undefined): Envelope {
  return rewrite(request, {
    id: id.raw,
    params: {
      inputResponses: undefined,
      requestState: undefined,
      _meta: { ...MODERN_META, progressToken },
    },
  })
}

/** The notification without what only modern ones have. */
export function asLegacyNotification(notification: Envelope): Envelope {
  return rewrite(notification, { params: { _meta: MODERN_META } })
}

/** The host's cancellation, of the request that the remote knows under this id. */
export function asLegacyCancellation(cancellation: Envelope, { raw }: Id): Envelope {
  return rewrite(cancellation, { params: { requestId: raw, _meta: MODERN_META } })
}
