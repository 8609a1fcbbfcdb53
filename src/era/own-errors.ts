// Errors that the bridge has written itself, told from those of the remote: they say that nothing is known of the answer, and
// may be over when the question is asked again. The same in both directions between the eras. Pure. protocol.md 0.8.
import { type Envelope, stringAt } from '../message/envelope.ts'

/** Whether the bridge has written this error: the remote was not reached, or its answer was lost. */
export function isOwnError(response: Envelope): boolean {
  return stringAt(response, 'error', 'data', 'origin') === 'mcp-ferry'
}

/** Whether such an error may be another answer next time: what is too large is so each time. */
export function isPassing(response: Envelope): boolean {
  return isOwnError(response) && stringAt(response, 'error', 'data', 'kind') !== 'too-large'
}
