// What has come of each request in a replay, beside what came of it in the trace. Pure.
import { OUTCOME } from '../outcome.ts'
import { compare, type Difference, type Ignored, ownKind } from './comparison.ts'
import type { Played } from './player.ts'
import type { Replayed, Script } from './script.ts'

export interface Verdict {
  /** `unknown`: the answer in the trace is not whole. `new`: it was never answered then. `skipped`: it could not be sent. */
  readonly outcome: 'same' | 'different' | 'missing' | 'new' | 'unanswered' | 'unknown' | 'skipped'
  readonly method: string
  readonly name?: string
  readonly id: string
  readonly thenMs?: number
  readonly nowMs?: number
  readonly differences: readonly Difference[]
  /** The bridge has failed where it had not. */
  readonly failure?: string
}

export function verdictsOf({ requests }: Script, played: Played, isIgnored: Ignored): Verdict[] {
  return requests.map((request) => {
    const { method, name, id, tookMs } = request
    const now = played.answers.get(request)
    const judged = judge(request, now?.envelope, isIgnored)
    return {
      ...judged,
      method,
      ...(name !== undefined && { name }),
      id: id.raw,
      ...(tookMs !== undefined && { thenMs: Math.round(tookMs) }),
      ...(now !== undefined && { nowMs: Math.round(now.tookMs) }),
    }
  })
}

type Judged = Pick<Verdict, 'outcome' | 'differences' | 'failure'>
type Answer = NonNullable<Replayed['answer']>['envelope']

function judge({ answer, isCut }: Replayed, now: Answer, isIgnored: Ignored): Judged {
  const differences: Difference[] = []
  if (isCut) return { outcome: 'skipped', differences }
  const failure = now && ownKind(now)
  if (answer === undefined)
    return { outcome: now === undefined || failure ? 'unanswered' : 'new', differences }
  if (now === undefined) return { outcome: 'missing', differences }
  if (answer.envelope === undefined) return { outcome: 'unknown', differences }
  differences.push(...compare(answer.envelope, now, isIgnored))
  if (differences.length === 0) return { outcome: 'same', differences }
  const isNew = failure !== undefined && ownKind(answer.envelope) === undefined
  return { outcome: 'different', differences, ...(isNew && { failure }) }
}

/** Answers differ, or are missing. */
const DIFFERS = 4

export function exitCodeOf(verdicts: readonly Verdict[]): number {
  const failures = verdicts.flatMap(({ failure }) => failure ?? [])
  if (failures.some((kind) => kind.startsWith('auth-'))) return OUTCOME.auth
  if (failures.length > 0) return OUTCOME.transport
  return verdicts.some(({ outcome }) => outcome === 'different' || outcome === 'missing')
    ? DIFFERS
    : OUTCOME.ok
}
