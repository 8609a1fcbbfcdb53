// One attack on one bridge: what the host got, whether it was served beside it, and what that cost the bridge.
// protocol.md 0.1, 0.8.
import { readFileSync } from 'node:fs'
import { modern } from '../../test/fixtures/hosts/modern-words.ts'
import { INITIALIZED, initializeLine } from '../../test/fixtures/hosts/raw-host.ts'
import { type Attack, hostileServer } from '../../test/fixtures/servers/hostile.ts'
import { type LeanHost, type Read, startLeanHost } from './lean-host.ts'

export interface Outcome {
  /** `answer`, the kind of the bridge's own error, or `nothing`. */
  readonly got: string
  /** The sentence of the error, if it was one. */
  readonly sentence: string
  /** Whether other requests were answered all the while. */
  readonly isServed: boolean
  /** Megabytes at the peak above idle; undefined where the system does not tell. */
  readonly aboveMb: number | undefined
  readonly lines: number
  readonly strays: readonly string[]
  readonly stderrBytes: number
  readonly exitCode: number | null
}

export interface Siege {
  readonly size: number
  readonly args: readonly string[]
  /** Gets what ends it before its time. */
  readonly onBegun?: (end: () => Promise<void>) => void
}

/** About what a bridge has when it has just begun, for attacks on that. */
const IDLE_MB = 45

export async function besiege(attack: Attack, { size, args, onBegun }: Siege): Promise<Outcome> {
  const server = await hostileServer(attack, size)
  const all = [...args, ...(attack.args ?? []), '--drain-timeout', '1s', server.url]
  const host = startLeanHost(all, (asked, id) => {
    if (attack.isHostWilling) asked.say(JSON.stringify({ jsonrpc: '2.0', id, result: {} }))
  })
  onBegun?.(async () => {
    host.kill()
    await server.close()
  })
  const isModern = attack.isHostModern === true
  await open(host, isModern)
  const idleMb = attack.on === 'initialize' ? IDLE_MB : memoryOf(host.pid, 'VmRSS')
  if (!isModern) host.say(INITIALIZED)
  host.say(requestLine('met', isModern, 'tools/call', { name: 'echo', arguments: {} }))
  const met = attack.gets === 'nothing' ? undefined : await host.answer('met')
  if (attack.on !== 'DELETE') await server.over
  const isServed = await serves(host, isModern)
  const peakMb = memoryOf(host.pid, 'VmHWM')
  host.endInput()
  const exitCode = await host.exit
  await server.over
  await server.close()
  const { lines, strays, stderrBytes } = host
  return {
    got:
      met === undefined ? 'nothing' : met.error === undefined ? 'answer' : (met.error.data?.kind ?? 'error'),
    sentence: met?.error?.message ?? '',
    isServed,
    aboveMb:
      peakMb === undefined || idleMb === undefined ? undefined : Math.max(0, Math.round(peakMb - idleMb)),
    lines,
    strays,
    stderrBytes,
    exitCode,
  }
}

function open(host: LeanHost, isModern: boolean): Promise<Read | undefined> {
  host.say(isModern ? requestLine('init', true, 'server/discover', {}) : initializeLine('init'))
  return host.answer('init')
}

/** What a remote writes behind an answer spoils the connection, and with it the next request; not the one after that. */
async function serves(host: LeanHost, isModern: boolean): Promise<boolean> {
  for (const id of ['after', 'and again']) {
    host.say(requestLine(id, isModern, 'tools/list', {}))
    const answer = await host.answer(id)
    if (answer !== undefined && answer.error === undefined) return true
  }
  return false
}

function requestLine(id: string, isModern: boolean, method: string, params: object): string {
  return isModern ? modern(id, method, params) : JSON.stringify({ jsonrpc: '2.0', id, method, params })
}

/** Of Linux; undefined elsewhere, or where the process is gone. */
function memoryOf(pid: number, name: 'VmRSS' | 'VmHWM'): number | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return (Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 1024) / 1e6
  } catch {
    return undefined
  }
}
