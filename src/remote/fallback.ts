// What a refused `initialize` tells of the other transport, and what is told when that was tried in vain. Pure.
// protocol.md B.2. Deferred.
import { BridgeError } from '../errors.ts'
import type { Envelope } from '../message/envelope.ts'
import { errorCode } from '../message/message.ts'
import { textAt } from '../message/utf8.ts'

/** A stream was not to be had, or said nothing of an endpoint. */
export function speaksNoHttpSse(error: BridgeError | undefined): boolean {
  return error !== undefined && ['http', 'content', 'protocol', 'timeout'].includes(error.kind)
}

/** What a server of the old kind may say to a POST, by the texts of the revisions and what servers do. */
const MAY_BE_OLD: ReadonlySet<number> = new Set([400, 404, 405, 406, 410, 415, 422, 501])

/** Whether a server of the old kind may have refused a POST so. */
export function mayBeOld(error: BridgeError | undefined, answer: Envelope | undefined): boolean {
  if (answer !== undefined) return mayBeOldWords(answer)
  return error !== undefined && (error.kind === 'content' || MAY_BE_OLD.has(error.facts.httpStatus ?? 0))
}

/** A JSON-RPC error: not if a server of the present kind complains, or one of the next era tells its versions. */
function mayBeOldWords(answer: Envelope): boolean {
  const { bytes, shape } = answer
  const text = shape.error === undefined ? '' : textAt(bytes, shape.error)
  const code = errorCode(answer)
  if (code === -32601) return true
  return (
    (code === -32600 || code === -32700 || code === -32000) &&
    !/accept|content-type|version|initialize/i.test(text)
  )
}

/** The failure of the first transport, with what came of the second one. */
export function withSecond(
  { kind, message, facts, cause }: BridgeError,
  second: BridgeError | undefined,
): BridgeError {
  const { httpStatus } = second?.facts ?? {}
  const came =
    httpStatus === undefined ? `failed: ${second?.message ?? 'refused'}` : `answered HTTP ${httpStatus}`
  return new BridgeError(kind, `${message} (HTTP+SSE was tried as well, its GET ${came})`, facts, cause)
}
