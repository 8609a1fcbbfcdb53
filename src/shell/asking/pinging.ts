// `ping`: how long the remote takes to answer. What the bridge answers itself measures nothing, so a remote of the modern era,
// which knows no ping, is asked what it is. protocol.md A.9, D.3.

import type { Sent } from '../exchanges.ts'
import { printable } from '../foreign-text.ts'
import { codeOf, OUTCOME } from '../outcome.ts'
import type { Conversation } from './session.ts'

export interface PingSettings {
  readonly host: string
  /** 0: until the person does not want any more. */
  readonly count: number
  readonly intervalMs: number
  readonly isJson: boolean
  readonly version: string
  /** What the bridge has sent so far. */
  readonly sent: readonly Sent[]
}

const MODERN = '2026-07-28'
const META = 'io.modelcontextprotocol/'

interface Way {
  readonly method: string
  readonly params?: string
}

export async function ping(conversation: Conversation, settings: PingSettings): Promise<number> {
  const { client, screen, note, openedMs, over, isOver } = conversation
  const { host, count, intervalMs, isJson } = settings
  const way = wayTo(settings)
  const say = (line: string): Promise<void> => (isJson ? Promise.resolve() : screen.lines([line]))
  await say(`connected to ${host} in ${milliseconds(openedMs)}`)
  // The first of them finds out which era it is.
  if (way.method !== 'ping') await Promise.race([client.ask(way.method, way.params).reply, over])
  const times: number[] = []
  let lost = 0
  let code: number = OUTCOME.ok
  for (let turn = 1; (count === 0 || turn <= count) && !isOver(); turn++) {
    if (turn > 1) await pause(intervalMs, over)
    if (isOver()) break
    const startedMs = performance.now()
    const reply = await Promise.race([client.ask(way.method, way.params).reply, over])
    const tookMs = performance.now() - startedMs
    if (reply === undefined || isOver()) break
    // An answer that is an error comes from the remote as well: it may know no ping.
    if (reply.kind !== 'failed') {
      times.push(tookMs)
      await say(`${way.method} ${turn}: ${milliseconds(tookMs)}`)
    } else {
      lost++
      code = codeOf(reply.error)
      note(printable(`${way.method} ${turn}: ${reply.error.message}`))
    }
  }
  const summary = summaryOf(times)
  if (isJson)
    await screen.lines([
      JSON.stringify({
        host,
        method: way.method,
        connectMs: rounded(openedMs),
        count: times.length + lost,
        lost,
        ...summary,
        timesMs: times.map(rounded),
      }),
    ])
  else await screen.lines([closing(times.length + lost, lost, summary)])
  return code
}

/** Which era the handshake has ended with, by what was sent for it. */
export function isModern(sent: readonly Sent[]): boolean {
  const opened = sent.filter(
    ({ what, status }) => status < 300 && (what === 'initialize' || what === 'server/discover'),
  )
  return opened.at(-1)?.what === 'server/discover'
}

function wayTo({ sent, version }: PingSettings): Way {
  if (!isModern(sent)) return { method: 'ping' }
  const _meta = {
    [`${META}protocolVersion`]: MODERN,
    [`${META}clientInfo`]: { name: 'mcp-ferry', version },
    [`${META}clientCapabilities`]: {},
  }
  return { method: 'server/discover', params: JSON.stringify({ _meta }) }
}

function pause(ms: number, over: Promise<void>): Promise<void> {
  if (ms === 0) return Promise.resolve()
  let timer: NodeJS.Timeout | undefined
  const waited = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  return Promise.race([waited, over]).finally(() => clearTimeout(timer))
}

export interface Summary {
  readonly minMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly maxMs: number
}

/** Of the ranks that are nearest; undefined of nothing. */
export function summaryOf(times: readonly number[]): Summary | undefined {
  if (times.length === 0) return undefined
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number): number => rounded(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!)
  return { minMs: at(0), p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
}

function closing(count: number, lost: number, summary: Summary | undefined): string {
  const counted = `${count} ${count === 1 ? 'ping' : 'pings'}, ${lost} lost`
  if (summary === undefined) return counted
  const { minMs, p50Ms, p99Ms, maxMs } = summary
  const [min, p50, p99, max] = [minMs, p50Ms, p99Ms, maxMs].map(milliseconds)
  return `${counted}; min ${min}, p50 ${p50}, p99 ${p99}, max ${max}`
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100
}

function milliseconds(ms: number): string {
  return `${ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`
}
