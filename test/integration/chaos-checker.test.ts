// Whether the chaos run finds what it looks for: bridges that each make one mistake on purpose, and one that makes none.
import assert from 'node:assert/strict'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { runChaos } from '../../scripts/chaos/chaos.ts'
import type { Verdict } from '../../scripts/chaos/verdict.ts'

const CARELESS = fileURLToPath(new URL('../fixtures/bridges/careless.mjs', import.meta.url))

async function verdictOn(mistake: string): Promise<Verdict> {
  const { verdict } = await runChaos({
    seed: 7,
    requests: 150,
    inFlight: 20,
    transport: 'http',
    // No fault has this name: everything passes.
    faults: ['none'],
    rounds: 1,
    bridgeArgs: [mistake],
    bin: CARELESS,
    patienceMs: mistake === 'drops' ? 2000 : 20_000,
    trace: () => {},
    say: () => {},
  })
  return verdict
}

function counts({ answeredTwice, neverAnswered, ranTwice, lies }: Verdict): Record<string, number> {
  const all = { answeredTwice, neverAnswered, ranTwice, lies }
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, found]) => (found.length > 0 ? [[name, found.length]] : [])),
  )
}

test('a bridge without a mistake is found to have none', async () => {
  const verdict = await verdictOn('none')
  assert.deepEqual(counts(verdict), {})
  assert.ok(verdict.results > 100)
})

const MISTAKES: Readonly<Record<string, readonly [keyof Verdict, RegExp]>> = {
  doubles: ['answeredTwice', /tools\/call/],
  drops: ['neverAnswered', /tools\/call/],
  resends: ['ranTwice', /2 times/],
  denies: ['lies', /ran although its error \(refused\) says it did not/],
  swaps: ['lies', /was given the answer of k\d+/],
  invents: ['lies', /was given a result and never ran/],
}

for (const [mistake, [where, words]] of Object.entries(MISTAKES)) {
  test(`a bridge that ${mistake} is found out, and of nothing else`, async () => {
    const verdict = await verdictOn(mistake)
    assert.deepEqual(Object.keys(counts(verdict)), [where])
    assert.match((verdict[where] as readonly string[])[0]!, words)
  })
}
