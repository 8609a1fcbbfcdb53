// What happened in one run of a bridge, step by step, and what is to be noticed: what was never answered, what took longest, what was
// sent again. Pure.
import type { Direction } from '../../stages/trace-record.ts'
import { errorOf, keyAt, nameOf } from './facts.ts'
import { createHttpSteps, type HttpStep } from './http-steps.ts'
import type { Run, Traced } from './reading.ts'

/** A message on the side of the host. */
export interface MessageStep {
  readonly step: 'message'
  readonly ms: number
  readonly dir: Direction
  readonly kind: Traced['kind']
  /** Of an answer, what it answers. */
  readonly method?: string
  /** The tool, the prompt, the URI. */
  readonly name?: string
  /** As it is written. */
  readonly id?: string
  readonly bytes: number
  /** Of an answer: since the request. */
  readonly tookMs?: number
  /** Of an answer that is an error, or says that the tool has failed. */
  readonly error?: string
  /** How many of the same are folded into it: progress. */
  readonly count?: number
  readonly untilMs?: number
}

export type Step =
  | MessageStep
  | HttpStep
  | { readonly step: 'lost'; readonly ms: number; readonly records: number }

export interface Asked {
  readonly dir: Direction
  readonly method: string
  readonly name?: string
  readonly id: string
  readonly ms: number
  readonly tookMs?: number
  readonly isCancelled?: boolean
}

export interface Summary {
  readonly toRemote: number
  readonly toHost: number
  readonly exchanges: number
  readonly sessions: number
  readonly errors: number
  readonly unanswered: readonly Asked[]
  /** The longest first. */
  readonly slowest: readonly Asked[]
  readonly again: readonly { readonly about: string; readonly times: number }[]
  readonly lost: number
}

export interface Sequence {
  readonly run: string
  readonly start?: Run['start']
  readonly steps: readonly Step[]
  readonly summary: Summary
}

const MOST_SLOW = 5
const PROGRESS = 'notifications/progress'

export function sequenceOf({ id: run, start, entries }: Run): Sequence {
  const steps: Step[] = []
  const asked = createAsked()
  const http = createHttpSteps()
  for (const entry of entries) {
    const { record, message } = entry
    if (record.kind === 'lost') steps.push({ step: 'lost', ms: record.ms, records: record.records })
    else if (record.kind === 'message' && record.side === 'host') {
      if (message !== undefined) add(steps, asked.step(record.ms, record.dir, message))
    } else steps.push(...http.steps(entry))
  }
  const messages = steps.filter((step) => step.step === 'message')
  const count = (dir: Direction): number =>
    messages.filter((step) => step.dir === dir).reduce((sum, step) => sum + (step.count ?? 1), 0)
  const all = asked.all()
  return {
    run,
    ...(start && { start }),
    steps,
    summary: {
      toRemote: count('toRemote'),
      toHost: count('toHost'),
      exchanges: http.count(),
      sessions: http.sessions(),
      errors: steps.filter((step) => 'error' in step && step.error !== undefined).length,
      unanswered: all.filter(({ tookMs }) => tookMs === undefined),
      slowest: all
        .filter(({ tookMs }) => tookMs !== undefined)
        .sort((a, b) => b.tookMs! - a.tookMs!)
        .slice(0, MOST_SLOW),
      again: http.again(),
      lost: steps.reduce((sum, step) => sum + (step.step === 'lost' ? step.records : 0), 0),
    },
  }
}

/** Progress that comes in a row is one step. */
function add(steps: Step[], step: MessageStep): void {
  const last = steps.at(-1)
  const isSame = last?.step === 'message' && last.dir === step.dir && last.method === PROGRESS
  if (step.method === PROGRESS && isSame) {
    const { count = 1, bytes } = last
    steps[steps.length - 1] = { ...last, count: count + 1, bytes: bytes + step.bytes, untilMs: step.ms }
  } else steps.push(step)
}

/** Requests of either side, until they are answered. */
function createAsked() {
  type Open = { -readonly [Key in keyof Asked]: Asked[Key] }
  const order: Open[] = []
  const open = { toRemote: new Map<string, Open>(), toHost: new Map<string, Open>() }

  function step(ms: number, dir: Direction, message: Traced): MessageStep {
    const { kind, id, method, sizeBytes } = message
    const common = { step: 'message', ms, dir, kind, bytes: sizeBytes, ...(id && { id: id.raw }) } as const
    const name = nameOf(message)
    if (kind === 'response') {
      const table = open[dir === 'toHost' ? 'toRemote' : 'toHost']
      const request = table.get(id?.key ?? '')
      const error = errorOf(message)
      const more = { ...common, ...(error !== undefined && { error }) }
      if (request === undefined) return more
      table.delete(id!.key)
      request.tookMs = ms - request.ms
      const of = { method: request.method, ...(request.name !== undefined && { name: request.name }) }
      return { ...more, ...of, tookMs: request.tookMs }
    }
    const of = { method: method!, ...(name !== undefined && { name }) }
    if (kind === 'request' && id !== undefined) {
      const request: Open = { dir, ...of, id: id.raw, ms }
      order.push(request)
      open[dir].set(id.key, request)
    }
    if (method === 'notifications/cancelled') {
      const cancelled = open[dir].get(keyAt(message, 'requestId') ?? '')
      if (cancelled !== undefined) cancelled.isCancelled = true
    }
    return { ...common, ...of }
  }
  return { step, all: (): Asked[] => order }
}
