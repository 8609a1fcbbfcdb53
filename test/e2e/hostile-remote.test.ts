// A remote that floods, never ends, or makes much of little: memory stays bounded, the host is served all the while and told
// in one sentence, and the bridge ends when it should. `npm run hostile` is the same with all its might.
// protocol.md 0.1, 0.6, 0.7, 0.8, 0.13.
import assert from 'node:assert/strict'
import { describe, type TestContext } from 'node:test'
import { besiege } from '../../scripts/hostile/siege.ts'
import { complaints } from '../../scripts/hostile/verdict.ts'
import { SMALL_ARGS } from '../fixtures/servers/hostile.ts'
import { ATTACKS } from '../fixtures/servers/hostile-attacks.ts'
import { test } from './harness.ts'

/** A machine under load takes its time; a bridge that hangs takes more. */
const LIMIT_MS = 180_000

describe('a hostile remote', { concurrency: 2 }, () => {
  for (const attack of ATTACKS) {
    const body = async (t: TestContext): Promise<void> => {
      const [size] = attack.sizes
      const onBegun = (end: () => Promise<void>): void => t.after(end)
      const outcome = await besiege(attack, { size, args: SMALL_ARGS, onBegun })
      assert.deepEqual(complaints(attack, outcome, attack.bounds[0]), [])
    }
    test(`${attack.name}: the bridge holds`, body, false, LIMIT_MS)
  }
})
