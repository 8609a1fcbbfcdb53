// What a person who watches is told of a stream that ends.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLosses } from '../../../../src/shell/asking/losses.ts'

type Kind = 'open' | 'lost'
const GONE = 'h is lost; it is tried again and again, until Ctrl-C'
const BACK = 'h is there again; what it has told meanwhile may be lost'

const CASES: readonly (readonly [name: string, events: readonly Kind[], lines: readonly string[]])[] = [
  ['one that is not offered', ['lost'], []],
  ['one that is lost before it was open', ['lost', 'lost', 'open'], [GONE, BACK]],
  ['one that ends now and then', ['open', 'lost', 'open', 'lost', 'open'], []],
  ['one that does not come back is told once', ['open', 'lost', 'lost', 'lost'], [GONE]],
  ['one that comes back after a while', ['open', 'lost', 'lost', 'lost', 'open'], [GONE, BACK]],
  ['one that is lost twice', ['open', 'lost', 'lost', 'open', 'lost', 'lost'], [GONE, BACK, GONE]],
]

for (const [name, events, lines] of CASES)
  test(name, () => {
    const losses = createLosses('h')
    assert.deepEqual(
      events.map((kind) => losses({ kind })).filter((line) => line !== undefined),
      lines,
    )
  })
