// The run in print, and whether it passes. Pure.
import type { ChaosSettings, Outcome } from './chaos.ts'

/** A leak of half a kilobyte for each of a hundred thousand requests would show. */
const MEMORY_MB = 25
/** Of five: so long the system and the collector take to agree on how much they keep. */
const SETTLING_ROUNDS = 2
const DESCRIPTORS = 8
/** With fewer results nothing has been proved: a bridge that refuses everything tells no lies. */
const LEAST_RESULTS = 0.6
const LEAST_FAULTS = 30

/** Why the run has failed; empty if it has not. `isLong`: it must show all that a long run is to show. */
export function failures(outcome: Outcome, isLong: boolean): string[] {
  const { verdict, recovered, subscriptions, before, warm, rounds, plan, host } = outcome
  const last = rounds.at(-1)
  // The first half of a call that asks is no result, and the other half comes as a request of its own.
  const wanted = verdict.requests - verdict.cancelled - verdict.questions
  const failed: (string | false)[] = [
    some(verdict.neverAnswered, 'never answered'),
    some(verdict.answeredTwice, 'answered twice'),
    some(verdict.ranTwice, 'tools run twice'),
    some(verdict.lies, 'lies'),
    verdict.results < LEAST_RESULTS * wanted && `only ${verdict.results} results for ${wanted} requests`,
    recovered.results < recovered.asked &&
      `after the faults ${recovered.asked - recovered.results} of ${recovered.asked} requests still failed`,
    subscriptions.heard < subscriptions.open &&
      `after the faults ${subscriptions.open - subscriptions.heard} of ${subscriptions.open} subscriptions were deaf`,
    outcome.exitCode !== 0 && `the bridge ended with ${outcome.exitCode}: ${host.stderr.slice(-500)}`,
    isLong && plan.injected.size < LEAST_FAULTS && `only ${plan.injected.size} kinds of fault`,
  ]
  if (before !== undefined && last !== undefined && last.descriptors > before.descriptors + DESCRIPTORS)
    failed.push(`descriptors grew from ${before.descriptors} to ${last.descriptors}`)
  // Short runs end while the heap is still finding its size, and long ones begin so: a leak goes on growing after that.
  const settledMb = Math.max(...[warm, ...rounds.slice(0, SETTLING_ROUNDS)].map((use) => use?.rssMb ?? 0))
  if (isLong && last !== undefined && last.rssMb > settledMb + MEMORY_MB)
    failed.push(`memory grew from ${settledMb.toFixed(0)} to ${last.rssMb.toFixed(0)} MB`)
  return failed.filter((text) => text !== false)
}

function some(names: readonly string[], what: string): string | false {
  return names.length > 0 && `${names.length} ${what}: ${names.slice(0, 5).join('; ')}`
}

export function report(outcome: Outcome, settings: ChaosSettings): string {
  const { verdict, truth, host, plan, warm, rounds, recovered, subscriptions, before } = outcome
  const { tally } = host
  const errors = [...verdict.errors].map(([kind, count]) => `${kind} ${count}`).join(', ')
  const lost = truth.notifications - tally.notifications.size
  const rss = [warm, ...rounds].map((use) => use?.rssMb.toFixed(0) ?? '-').join(' ')
  const descriptors = [before, warm, ...rounds].map((use) => use?.descriptors ?? '-').join(' ')
  const rows: readonly (readonly [string, string | number])[] = [
    ['seed', settings.seed],
    ['pair, transport', `${settings.pair}, ${settings.transport}`],
    ['seconds', outcome.seconds.toFixed(1)],
    ['requests', `${verdict.requests}, ${settings.inFlight} in flight, ${verdict.cancelled} cancelled`],
    ['results', `${verdict.results}, and ${verdict.questions} answers that ask first`],
    ['errors', errors || 'none'],
    ['answered twice', verdict.answeredTwice.length],
    ['never answered', verdict.neverAnswered.length],
    ['tools run twice', verdict.ranTwice.length],
    ['lies', verdict.lies.length],
    ['sessions', `${truth.sessions}; answers and streams resumed ${truth.resumed}`],
    [
      'questions to the host',
      `${truth.questions}, reached it ${tally.questions}, answered ${truth.questionsAnswered}, by the bridge ${truth.questionsRefused}`,
    ],
    ['notifications', `${truth.notifications}, lost ${lost}, repeated ${tally.notificationsRepeated}`],
    ['after the faults', `${recovered.results} of ${recovered.asked} requests answered`],
    ['subscriptions then', `${subscriptions.heard} of ${subscriptions.open} heard of a change`],
    ['memory, MB', `${rss} (warm, then after each round)`],
    ['descriptors', `${descriptors} (at start, warm, then after each round)`],
    ['kinds of fault', plan.injected.size],
  ]
  const table = rows.map(([name, value]) => `${name.padEnd(24)}${value}`)
  return [...table, '', ...faultTable(outcome)].join('\n')
}

/** How often each fault came, and how the requests that met it, perhaps among others, ended. */
function faultTable({ plan, host }: Outcome): string[] {
  const ends = new Map<string, { results: number; errors: number }>()
  for (const { key, method, answers } of host.asked) {
    const number = key.slice(1)
    const met = [number, `"id-${number}"`, key].flatMap((id) => plan.met.get(`${method} ${id}`) ?? [])
    for (const name of new Set(met)) {
      const end = ends.get(name) ?? { results: 0, errors: 0 }
      if (answers[0]?.kind === 'result') end.results++
      else if (answers[0] !== undefined) end.errors++
      ends.set(name, end)
    }
  }
  const lines = [...plan.injected]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, count]) => {
      const { results, errors } = ends.get(name) ?? { results: '', errors: '' }
      return `${name.padEnd(42)}${String(count).padStart(7)}${String(results).padStart(9)}${String(errors).padStart(9)}`
    })
  return [
    `${'fault'.padEnd(42)}${'times'.padStart(7)}${'results'.padStart(9)}${'errors'.padStart(9)}`,
    ...lines,
  ]
}
