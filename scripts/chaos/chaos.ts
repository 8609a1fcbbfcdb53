// One chaos run: remote, proxy and host are put together, the requests go through in rounds, each followed by quiet
// in which everything must come to rest, and what has been seen is handed back.

import { type Host, startHost } from './host.ts'
import { hostEra, LISTEN, type Pair, pathOf, type Transport } from './pairs.ts'
import { createPlan, type Plan } from './plan.ts'
import { type Use, useOf } from './process-use.ts'
import { startProxy } from './proxy.ts'
import { type Remote, startRemote } from './remote.ts'
import { MODERN_META, type Planned, plannedRequest } from './requests.ts'
import { type Answer, judge, type Verdict } from './verdict.ts'
import type { Truth } from './work.ts'

export interface ChaosSettings {
  readonly seed: number
  readonly requests: number
  readonly inFlight: number
  readonly pair: Pair
  readonly transport: Transport
  /** Names of faults; all if empty. */
  readonly faults: readonly string[]
  readonly rounds: number
  /** The bridge's arguments before the URL. */
  readonly bridgeArgs: readonly string[]
  /** Another bridge than the installed one. */
  readonly bin?: string
  /** How long nothing may be answered before what is open counts as never answered. */
  readonly patienceMs: number
  readonly trace: (line: string) => void
  readonly say: (line: string) => void
}

export interface Outcome {
  readonly verdict: Verdict
  readonly truth: Truth
  readonly plan: Plan
  readonly host: Host
  readonly warm: Use | undefined
  readonly rounds: readonly (Use | undefined)[]
  readonly before: Use | undefined
  /** Of the last requests, made when all faults were over, how many were answered with a result. */
  readonly recovered: { readonly asked: number; readonly results: number }
  /** Of the subscriptions that were open then, how many still heard of a change. */
  readonly subscriptions: { readonly open: number; readonly heard: number }
  readonly exitCode: number | null
  readonly seconds: number
}

/** In the bridge idle connections end after 4 s and cancelled requests after 5 s. */
const REST_MS = 15_000
const LOOK_MS = 250
const SPARE_DESCRIPTORS = 8
const LAST_REQUESTS = 20
const EXIT_MS = 15_000

function firstRequest(pair: Pair): Planned {
  const isModern = hostEra(pair) === 'modern'
  const method = isModern ? 'tools/list' : 'ping'
  const params = { _meta: { ...(isModern ? MODERN_META : {}), chaos: { key: 'first' } } }
  const line = JSON.stringify({ jsonrpc: '2.0', id: 'first', method, params })
  return { id: 'first', key: 'first', method, line, cancelAfterMs: undefined }
}

export async function runChaos(settings: ChaosSettings): Promise<Outcome> {
  const startedAt = Date.now()
  const { seed, pair, transport } = settings
  const remote = await startRemote(pair)
  const plan = createPlan({ seed, only: settings.faults, pair, transport, trace: settings.trace })
  const proxy = await startProxy(plan, remote, pair)
  const url = `http://127.0.0.1:${proxy.port}${pathOf(pair, transport)}`
  const host = startHost([...settings.bridgeArgs, url], pair, settings.bin)
  try {
    await host.begin(transport === 'http' ? '2025-06-18' : '2024-11-05')
    // Faults begin when the session stands, its own stream included.
    host.ask(firstRequest(pair))
    await drain(host, settings.patienceMs)
    const before = useIn(host)
    const { next, uses } = await playRounds({ host, plan, settings, before })
    // The first round is there to warm up.
    const [warm, ...rounds] = uses
    const recovered = await tryLast(host, settings, next)
    const subscriptions = await tryListens(host, remote, settings.patienceMs)
    const exitCode = await exitOf(host)
    const verdict = judge({
      asked: host.asked,
      executions: remote.truth.executions,
      rounds: remote.truth.rounds,
      strayChanges: host.tally.strayChanges,
      strayLines: host.tally.strayLines,
      questionsMixedUp: remote.truth.questionsMixedUp,
      questionIdsReused: host.tally.questionIdsReused,
    })
    const seconds = (Date.now() - startedAt) / 1000
    return {
      verdict,
      truth: remote.truth,
      plan,
      host,
      before,
      warm,
      rounds,
      recovered,
      subscriptions,
      exitCode,
      seconds,
    }
  } finally {
    host.kill()
    await proxy.close()
    await remote.close()
  }
}

interface Playing {
  readonly host: Host
  readonly plan: Plan
  readonly settings: ChaosSettings
  readonly before: Use | undefined
}

/** Until all requests have been made, or some are never answered: the number of the next, and what was held after each round. */
async function playRounds({ host, plan, settings, before }: Playing) {
  const { requests, rounds, patienceMs, say } = settings
  const uses: (Use | undefined)[] = []
  let next = 0
  let isDrained = true
  for (let round = 0; round <= rounds && isDrained && !host.hasExited; round++) {
    const upTo = Math.ceil((requests * (round + 1)) / (rounds + 1))
    plan.setActive(true)
    await load(host, settings, next, upTo)
    next = upTo
    plan.setActive(false)
    isDrained = await drain(host, patienceMs)
    await rest(host, before)
    const use = useIn(host)
    uses.push(use)
    say(`${next} requests, ${host.open} open, ${use?.rssMb.toFixed(0)} MB, ${use?.descriptors} descriptors`)
  }
  return { next, uses }
}

function useIn(host: Host): Use | undefined {
  return host.hasExited ? undefined : useOf(host.pid)
}

/** Keeps as many requests in flight as wanted; resolves when the last has been sent, or nothing moves any more. */
function load(host: Host, settings: ChaosSettings, from: number, upTo: number): Promise<void> {
  let next = from
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout
    let isFilling = false
    const fill = (): void => {
      clearTimeout(timer)
      timer = setTimeout(done, settings.patienceMs)
      if (isFilling) return
      isFilling = true
      // Together and in the next turn, as a busy host writes.
      setImmediate(() => {
        isFilling = false
        while (host.open < settings.inFlight && next < upTo)
          host.ask(plannedRequest(settings.seed, next++, settings.pair))
        if (next >= upTo || host.hasExited) done()
      })
    }
    const done = (): void => {
      clearTimeout(timer)
      host.onProgress = () => {}
      resolve()
    }
    host.onProgress = fill
    fill()
  })
}

/** Whether all was answered before patience ran out. */
function drain(host: Host, patienceMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout
    const look = (): void => {
      clearTimeout(timer)
      if (host.open === 0 || host.hasExited) done()
      else timer = setTimeout(done, patienceMs)
    }
    const done = (): void => {
      host.onProgress = () => {}
      resolve(host.open === 0)
    }
    host.onProgress = look
    look()
  })
}

/** Waits until the bridge holds as few descriptors as in the beginning, or it clearly will not. */
async function rest(host: Host, before: Use | undefined): Promise<void> {
  const until = Date.now() + REST_MS
  while (before !== undefined && !host.hasExited && Date.now() < until) {
    if (useOf(host.pid)!.descriptors <= before.descriptors + SPARE_DESCRIPTORS) return
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

async function tryLast(host: Host, settings: ChaosSettings, next: number): Promise<Outcome['recovered']> {
  const asked: string[] = []
  const from = host.asked.length
  host.comeBack()
  for (let number = next; asked.length < LAST_REQUESTS; number++) {
    const planned = plannedRequest(settings.seed, number, settings.pair)
    if (planned.cancelAfterMs !== undefined || planned.method === LISTEN) continue
    asked.push(planned.key)
    host.ask(planned)
  }
  await drain(host, settings.patienceMs)
  const isGood = (key: string): boolean =>
    host.asked.slice(from).some((each) => each.key === key && each.answers.some((answer) => isAnswer(answer)))
  return { asked: asked.length, results: asked.filter(isGood).length }
}

/** The remote's own errors bear the key too. */
function isAnswer({ kind, key }: Answer): boolean {
  return kind !== 'question' && (kind === 'result' || key !== undefined)
}

/** Lets the remote tell of changes until each subscription has heard of one, or patience is over. */
async function tryListens(host: Host, remote: Remote, patienceMs: number): Promise<Outcome['subscriptions']> {
  const { open } = host.listens
  const before = new Map(open.map((listen) => [listen, listen.heard]))
  const left = (): number => open.filter((listen) => listen.heard === before.get(listen)).length
  const until = Date.now() + patienceMs
  while (left() > 0 && !host.hasExited && Date.now() < until) {
    remote.announce()
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
  return { open: open.length, heard: open.length - left() }
}

async function exitOf(host: Host): Promise<number | null> {
  const timer = setTimeout(() => host.kill(), EXIT_MS)
  const code = await host.end()
  clearTimeout(timer)
  return code
}
