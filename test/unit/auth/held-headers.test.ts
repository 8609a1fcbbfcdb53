// When headers that cost something are made again, with a clock that the test turns.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHeld, type HeaderSource } from '../../../src/auth/headers/held-headers.ts'
import { BridgeError, isBridgeError } from '../../../src/errors.ts'

interface Bench {
  readonly source: HeaderSource
  readonly stale: string[]
  runs: number
  now: number
  /** How long the next one is good. */
  lastsMs: number | undefined
  fails: boolean
}

function bench(ttlMs?: number): Bench {
  const at: Bench = {
    stale: [],
    runs: 0,
    now: 1_000_000,
    lastsMs: undefined,
    fails: false,
    source: createHeld({
      again: 'it was made again',
      ttlMs,
      now: () => at.now,
      onStale: ({ message }) => void at.stale.push(message),
      async make() {
        at.runs++
        if (at.fails) throw new BridgeError('auth-failed', `run ${at.runs} failed`)
        const headers = [{ name: 'X-Run', value: String(at.runs) }]
        return at.lastsMs === undefined ? { headers } : { headers, expiresAt: at.now + at.lastsMs }
      },
    }),
  }
  return at
}

async function value({ source }: Bench): Promise<string> {
  const found = await source.current()
  return isBridgeError(found) ? found.message : found[0]!.value
}

test('they are made when they are first needed, once for all who wait', async () => {
  const at = bench()
  assert.equal(at.runs, 0)
  assert.deepEqual(await Promise.all([value(at), value(at), value(at)]), ['1', '1', '1'])
  assert.ok(!(at.source.current() instanceof Promise), 'what is known is there at once')
  at.now += 1e9
  assert.equal(await value(at), '1')
})

test('they are made again half a minute before their end, or at half their time', async () => {
  const at = bench(5)
  at.lastsMs = 3_600_000
  await value(at)
  at.now += 3_569_999
  assert.equal(await value(at), '1')
  at.now += 1
  at.lastsMs = 10_000
  assert.equal(await value(at), '2')
  at.now += 4999
  assert.equal(await value(at), '2')
  at.now += 1
  at.lastsMs = -5
  assert.equal(await value(at), '3')
  // An end that lies behind is no end: the time to live counts.
  at.now += 4
  assert.equal(await value(at), '3')
})

test('without an end of their own the time to live counts', async () => {
  const at = bench(60_000)
  await value(at)
  at.now += 59_999
  assert.equal(await value(at), '1')
  at.now += 1
  assert.equal(await value(at), '2')
})

test('a burst of refusals makes them again once, and a later one once more', async () => {
  const at = bench()
  await value(at)
  await Promise.all([at.source.renew(), at.source.renew()])
  await at.source.renew()
  assert.equal(at.runs, 2)
  assert.equal(await value(at), '2')
  at.now += 2000
  await at.source.renew()
  assert.equal(at.runs, 3)
})

test('a failure is the answer for a moment, and then it is tried again', async () => {
  const at = bench()
  at.fails = true
  assert.equal(await value(at), 'run 1 failed')
  assert.equal(await value(at), 'run 1 failed')
  at.now += 2000
  at.fails = false
  assert.equal(await value(at), '2')
  assert.deepEqual(at.stale, [])
})

test('the last good ones are used on when they cannot be made again', async () => {
  const at = bench(60_000)
  await value(at)
  at.now += 60_000
  at.fails = true
  assert.equal(await value(at), '1')
  assert.equal(await value(at), '1')
  assert.deepEqual(at.stale, ['run 2 failed'])
  at.now += 30_000
  at.fails = false
  assert.equal(await value(at), '3')
})

test('after a refusal a failure is told', async () => {
  const at = bench()
  await value(at)
  at.fails = true
  assert.equal((await at.source.renew())?.message, 'run 2 failed')
})

test('when it is closed nothing is made any more', async () => {
  const at = bench(1)
  await value(at)
  at.source.close()
  at.now += 5
  assert.equal(await value(at), '1')
  await at.source.renew()
  assert.equal(at.runs, 1)
})
