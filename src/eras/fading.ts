// Tells from its answers when a modern remote is modern no more: replaced by an older server, or by none. protocol.md F.6.
import type { Envelope } from '../message/envelope.ts'
import { find, readString } from '../message/peek.ts'
import { decode } from '../message/utf8.ts'
import { isLegacyOnly, lacksHandshake } from './verdict.ts'

/** So often in a row that it is no accident. */
const MOST_STRANGE = 3

/** Makes a judge of the remote's answers: true as soon as they show that it does not speak the era any more. */
export function createFading(): (answer: Envelope) => boolean {
  let strange = 0
  return (answer) => {
    strange = isStrange(answer) ? strange + 1 : 0
    const hasFaded = isLegacyOnly(answer) || lacksHandshake(answer) || strange >= MOST_STRANGE
    if (hasFaded) strange = 0
    return hasFaded
  }
}

/** Whether it is an error of ours about an HTTP status with which no server of this era answers without JSON-RPC. */
function isStrange(answer: Envelope): boolean {
  const { error } = answer.shape
  if (error === undefined) return false
  const { bytes } = answer
  const data = find(bytes, error, 'data')
  if (data === undefined || readString(bytes, find(bytes, data, 'origin')) !== 'mcp-ferry') return false
  const status = find(bytes, data, 'httpStatus')
  const isClientError =
    status !== undefined && decode(bytes.subarray(status.start, status.end)).startsWith('4')
  return readString(bytes, find(bytes, data, 'kind')) === 'http' && isClientError
}
