// Errors that the bridge has written itself, told from those of the remote: they say that nothing is known of the answer, and
// may be over when the question is asked again. The same in both directions between the eras. Pure. protocol.md 0.8.
import type { Envelope } from '../message/envelope.ts'
import { find, readString } from '../message/peek.ts'

/** Whether the bridge has written this error: the remote was not reached, or its answer was lost. */
export function isOwnError(response: Envelope): boolean {
  const { error } = response.shape
  if (error === undefined) return false
  const { bytes } = response
  return readString(bytes, find(bytes, error, 'data', 'origin')) === 'mcp-ferry'
}

/** Whether such an error may be another answer next time: what is too large is so each time. */
export function isPassing(response: Envelope): boolean {
  const { bytes, shape } = response
  return isOwnError(response) && readString(bytes, find(bytes, shape.error!, 'data', 'kind')) !== 'too-large'
}
