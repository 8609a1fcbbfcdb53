// The HTTP of one run, exchange by exchange. Pure.
import type { TraceRecord } from '../../stages/trace-record.ts'
import { aboutOf } from './facts.ts'
import type { Entry, Traced } from './reading.ts'

export interface HttpStep {
  readonly step: 'sent' | 'answered' | 'ended'
  readonly ms: number
  readonly exchange: number
  readonly method: string
  /** The path of the URL. */
  readonly path?: string
  readonly status?: number
  readonly type?: string
  readonly session?: string
  readonly tookMs?: number
  readonly bytes?: number
  readonly error?: string
  /** What was sent, or is answered: `tools/call 3`. */
  readonly about?: string
  /** It has been sent before. */
  readonly isAgain?: boolean
}

export function createHttpSteps() {
  const exchanges = new Map<number, { ms: number; method: string; about?: string; hasAnswer?: boolean }>()
  const sessions = new Set<string>()
  const times = new Map<string, number>()

  function sent(
    { ms, exchange, method, url, headers }: Extract<TraceRecord, { kind: 'request' }>,
    message?: Traced,
  ): HttpStep {
    const about = message && aboutOf(message)
    exchanges.set(exchange, { ms, method, ...(about !== undefined && { about }) })
    const before = message?.kind === 'request' ? (times.get(about!) ?? 0) : 0
    if (message?.kind === 'request') times.set(about!, before + 1)
    const session = sessionIn(headers)
    const path = URL.canParse(url) ? new URL(url).pathname : url
    return {
      step: 'sent',
      ms,
      exchange,
      method,
      path,
      ...(about !== undefined && { about }),
      ...(session !== undefined && { session }),
      ...(before > 0 && { isAgain: true }),
    }
  }

  function steps({ record, message }: Entry): HttpStep[] {
    if (record.kind === 'request') return [sent(record, message)]
    if (record.kind === 'message' && record.side === 'remote' && message?.kind === 'response') {
      const answered = exchanges.get(record.exchange)
      if (answered !== undefined) answered.hasAnswer = true
    }
    if (record.kind !== 'response' && record.kind !== 'end') return []
    const exchange = exchanges.get(record.exchange)
    const { method = '?', about } = exchange ?? {}
    const common = { ms: record.ms, exchange: record.exchange, method, ...(about !== undefined && { about }) }
    const tookMs = exchange && record.ms - exchange.ms
    if (record.kind === 'response') {
      const session = sessionIn(record.headers)
      if (session !== undefined) sessions.add(session)
      const type = headerIn(record.headers, 'content-type')?.split(';', 1)[0]
      const { status } = record
      const isRefusal = status >= 400 && !(method === 'GET' && status === 405)
      return [
        {
          step: 'answered',
          ...common,
          status,
          ...(type !== undefined && { type }),
          ...(session !== undefined && { session }),
          ...(tookMs !== undefined && { tookMs }),
          ...(isRefusal && { error: `HTTP ${status}` }),
        },
      ]
    }
    const { durationMs, bytes, error, by } = record
    const isUnusual = error !== undefined && by === undefined && !exchange?.hasAnswer
    if (!isUnusual && method !== 'GET') return []
    const told = {
      ...(bytes !== undefined && { bytes }),
      ...(isUnusual && { error: `${error.kind}: ${error.message}` }),
    }
    return [{ step: 'ended', ...common, tookMs: durationMs, ...told }]
  }

  return {
    steps,
    count: () => exchanges.size,
    sessions: () => sessions.size,
    again: () =>
      [...times].filter(([, count]) => count > 1).map(([about, count]) => ({ about, times: count })),
  }
}

function headerIn(
  headers: Readonly<Record<string, string | readonly string[]>>,
  name: string,
): string | undefined {
  const found = Object.entries(headers).find(([one]) => one.toLowerCase() === name)?.[1]
  return found === undefined ? undefined : String(found)
}

function sessionIn(headers: Readonly<Record<string, string | readonly string[]>>): string | undefined {
  return /session \d+/.exec(headerIn(headers, 'mcp-session-id') ?? '')?.[0]
}
