// Counts what is copied from one array of bytes into another.
import type { TestContext } from 'node:test'

export interface Copying {
  bytes: number
}

/** Counts until the test ends; whoever asks may begin anew. */
export function countCopied(t: TestContext): Copying {
  const copied: Copying = { bytes: 0 }
  const { set } = Uint8Array.prototype
  t.mock.method(
    Uint8Array.prototype,
    'set',
    function (this: Uint8Array, from: ArrayLike<number>, at?: number) {
      copied.bytes += from.length
      return set.call(this, from, at)
    },
  )
  return copied
}
