// What has to be true of every refusal: it is a BridgeError of the kind that belongs there, and its sentence can be shown.
import assert from 'node:assert/strict'
import { type BridgeError, type ErrorKind, isBridgeError } from '../../../../src/errors.ts'
import { explain } from '../../../../src/options/unexpected.ts'

/** No name, no word, no piece of it may be in a sentence. */
export const SECRET = 'ghp_Zq7Kx4f9W2mN8sR1tV6y'

/** What it returns, or the refusal that it throws. */
export function refusalOf<Value>(kind: ErrorKind, work: () => Value): Value | BridgeError {
  try {
    return work()
  } catch (thrown) {
    return checkRefusal(kind, thrown)
  }
}

export async function refusalOfAsync<Value>(
  kind: ErrorKind,
  work: () => Promise<Value>,
): Promise<Value | BridgeError> {
  try {
    return await work()
  } catch (thrown) {
    return checkRefusal(kind, thrown)
  }
}

/** The refusal itself; throws if it is none, or not one to show. */
export function checkRefusal(kind: ErrorKind, thrown: unknown): BridgeError {
  if (!isBridgeError(thrown)) throw thrown
  assert.equal(thrown.kind, kind, `another kind: ${thrown.message}`)
  const { message } = explain(thrown)
  assert.match(message, /^[^\x00-\x1f\x7f-\x9f]+$/, 'a sentence is one line of plain text')
  assert.ok(message.length < 1500, `a sentence of ${message.length} characters`)
  assert.ok(!message.includes(SECRET), `a sentence with a secret: ${message}`)
  if (kind === 'usage') assert.match(String(thrown.facts.code), /^[a-z-]+$/, 'a code')
  return thrown
}

/** For `parse`: the time of a refusal is one too. */
export function quietly(work: () => unknown): unknown {
  try {
    return work()
  } catch (thrown) {
    return thrown
  }
}
