// Tells from its answers when a modern remote is modern no more: replaced by an older server, or by none. protocol.md F.6.
import { isOwnError } from '../era/own-errors.ts'
import { type Envelope, spanAt, stringAt } from '../message/envelope.ts'
import { textAt } from '../message/utf8.ts'
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
  if (!isOwnError(answer) || stringAt(answer, 'error', 'data', 'kind') !== 'http') return false
  const status = spanAt(answer, 'error', 'data', 'httpStatus')
  return status !== undefined && textAt(answer.bytes, status).startsWith('4')
}
