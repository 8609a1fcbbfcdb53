// Whether the chaos run finds what it looks for: bridges that each make one mistake on purpose, and one that makes none.
import assert from 'node:assert/strict'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Outcome, runChaos } from '../../scripts/chaos/chaos.ts'
import type { Pair } from '../../scripts/chaos/pairs.ts'
import { failures } from '../../scripts/chaos/report.ts'
import type { Verdict } from '../../scripts/chaos/verdict.ts'

const CARELESS = fileURLToPath(new URL('../fixtures/bridges/careless.mjs', import.meta.url))

function runOn(mistake: string, pair: Pair, requests = 150): Promise<Outcome> {
  return runChaos({
    // With subscriptions that are still open at the end.
    seed: 11,
    requests,
    inFlight: 20,
    pair,
    transport: 'http',
    // No fault has this name: everything passes.
    faults: ['none'],
    rounds: 1,
    bridgeArgs: [mistake],
    bin: CARELESS,
    patienceMs: ['drops', 'deafens', 'confuses'].includes(mistake) ? 2000 : 20_000,
    trace: () => {},
    say: () => {},
  })
}

function counts({ answeredTwice, neverAnswered, ranTwice, lies }: Verdict): Record<string, number> {
  const all = { answeredTwice, neverAnswered, ranTwice, lies }
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, found]) => (found.length > 0 ? [[name, found.length]] : [])),
  )
}

for (const pair of ['legacy-legacy', 'modern-modern'] as const) {
  test(`a ${pair} bridge without a mistake is found to have none`, async () => {
    const outcome = await runOn('none', pair, 400)
    assert.deepEqual(failures(outcome, false), [])
    assert.deepEqual(counts(outcome.verdict), {})
    assert.ok(outcome.verdict.results > 300, `${outcome.verdict.results} results`)
    if (pair === 'legacy-legacy') return
    assert.ok(outcome.subscriptions.open > 1, 'some subscriptions were open at the end')
    assert.ok(outcome.truth.questionsAnswered > 3, 'some calls asked first')
  })
}

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
    const { verdict } = await runOn(mistake, 'legacy-legacy')
    assert.deepEqual(Object.keys(counts(verdict)), [where])
    assert.match((verdict[where] as readonly string[])[0]!, words)
  })
}

const MODERN_MISTAKES: Readonly<Record<string, readonly [keyof Verdict, RegExp]>> = {
  resends: ['ranTwice', /2 times/],
  denies: ['lies', /ran although its error \(refused\) says it did not/],
  forgets: ['neverAnswered', /subscriptions\/listen/],
  confuses: ['lies', /changes that were told where nobody had asked for them/],
  mixes: ['lies', /answers that came to another of the remote's questions/],
}

for (const [mistake, [where, words]] of Object.entries(MODERN_MISTAKES)) {
  test(`a modern bridge that ${mistake} is found out, and of nothing else`, async () => {
    const { verdict } = await runOn(mistake, 'modern-modern', 400)
    assert.deepEqual(Object.keys(counts(verdict)), [where])
    assert.match((verdict[where] as readonly string[])[0]!, words)
  })
}

test('a modern bridge that deafens its subscriptions is found out', async () => {
  const outcome = await runOn('deafens', 'modern-modern', 400)
  assert.match(failures(outcome, false).join('; '), /subscriptions were deaf/)
})
