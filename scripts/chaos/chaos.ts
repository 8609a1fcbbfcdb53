// One chaos run: remote, proxy and host are put together, the requests go through in rounds, each followed by quiet
// in which everything must come to rest, and what has been seen is handed back.

import { type Host, startHost } from './host.ts'
import { withKey } from './instruction.ts'
import { createPlan, type Plan } from './plan.ts'
import { type Use, useOf } from './process-use.ts'
import { startProxy } from './proxy.ts'
import { startRemote } from './remote.ts'
import { type Planned, plannedRequest } from './requests.ts'
import { judge, type Verdict } from './verdict.ts'
import type { Truth } from './work.ts'

export interface ChaosSettings {
  readonly seed: number
  readonly requests: number
  readonly inFlight: number
  readonly transport: 'http' | 'http+sse'
  /** Names of faults; all if empty. */
  readonly faults: readonly string[]
  readonly rounds: number
  /** The bridge's arguments before the URL. */
  readonly bridgeArgs: readonly string[]
  readonly bin?: string | undefined
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
  readonly exitCode: number | null
  readonly seconds: number
}

/** In the bridge idle connections end after 4 s and cancelled requests after 5 s. */
const REST_MS = 15_000
const LOOK_MS = 250
const SPARE_DESCRIPTORS = 8
const LAST_REQUESTS = 20
const EXIT_MS = 15_000
const FIRST: Planned = {
  id: 'first',
  key: 'first',
  method: 'ping',
  line: JSON.stringify({ jsonrpc: '2.0', id: 'first', method: 'ping', params: withKey('first') }),
  cancelAfterMs: undefined,
}

export async function runChaos(settings: ChaosSettings): Promise<Outcome> {
  const startedAt = Date.now()
  const { seed, transport, say } = settings
  const remote = await startRemote()
  const plan = createPlan({ seed, only: settings.faults, transport, trace: settings.trace })
  const proxy = await startProxy(plan, remote)
  const url = `http://127.0.0.1:${proxy.port}/${transport === 'http' ? 'mcp' : 'sse'}`
  const host = startHost([...settings.bridgeArgs, url], settings.bin)
  try {
    await host.initialize(transport === 'http' ? '2025-06-18' : '2024-11-05')
    // Faults begin when the session stands, its own stream included.
    host.ask(FIRST)
    await drain(host, settings.patienceMs)
    const before = host.hasExited ? undefined : useOf(host.pid)
    const rounds: (Use | undefined)[] = []
    let warm: Use | undefined
    let next = 0
    // The first round is there to warm up.
    for (let round = 0; round <= settings.rounds && !host.hasExited; round++) {
      const upTo = Math.ceil((settings.requests * (round + 1)) / (settings.rounds + 1))
      plan.setActive(true)
      await load(host, settings, next, upTo)
      next = upTo
      plan.setActive(false)
      const isDrained = await drain(host, settings.patienceMs)
      await rest(host, before)
      const use = host.hasExited ? undefined : useOf(host.pid)
      if (round === 0) warm = use
      else rounds.push(use)
      say(`${next} requests, ${host.open} open, ${use?.rssMb.toFixed(0)} MB, ${use?.descriptors} descriptors`)
      if (!isDrained) break
    }
    const recovered = await tryLast(host, settings, next)
    const exitCode = await exitOf(host)
    const verdict = judge({
      asked: host.asked,
      executions: remote.truth.executions,
      strayLines: host.tally.strayLines,
      questionsMixedUp: remote.truth.questionsMixedUp,
      questionIdsReused: host.tally.questionIdsReused,
    })
    const seconds = (Date.now() - startedAt) / 1000
    return { verdict, truth: remote.truth, plan, host, before, warm, rounds, recovered, exitCode, seconds }
  } finally {
    host.kill()
    await proxy.close()
    await remote.close()
  }
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
        while (host.open < settings.inFlight && next < upTo) host.ask(plannedRequest(settings.seed, next++))
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
  const asked: number[] = []
  for (let number = next; asked.length < LAST_REQUESTS; number++) {
    const planned = plannedRequest(settings.seed, number)
    if (planned.cancelAfterMs !== undefined) continue
    asked.push(host.asked.length)
    host.ask(planned)
  }
  await drain(host, settings.patienceMs)
  const isGood = (index: number): boolean =>
    host.asked[index]!.answers.some(({ kind, key }) => kind === 'result' || key !== undefined)
  return { asked: asked.length, results: asked.filter(isGood).length }
}

async function exitOf(host: Host): Promise<number | null> {
  const timer = setTimeout(() => host.kill(), EXIT_MS)
  const code = await host.end()
  clearTimeout(timer)
  return code
}
