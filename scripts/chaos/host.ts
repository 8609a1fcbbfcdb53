// The host of the chaos run: starts the bridge, keeps many requests in flight, answers the remote's questions, and
// notes every line that comes back.
import { type ChildProcess, spawn } from 'node:child_process'
import { BIN, bareEnv } from '../../test/fixtures/hosts/raw-host.ts'
import { chaosOf, keyOf, parseRpc, type Rpc, withKey } from './instruction.ts'
import type { Planned } from './requests.ts'
import type { Answer } from './verdict.ts'

export interface Noted {
  readonly key: string
  readonly method: string
  isCancelled: boolean
  readonly answers: Answer[]
}

export interface Tally {
  strayLines: number
  questions: number
  questionIdsReused: number
  notificationsRepeated: number
  readonly notifications: Set<number>
}

export interface Host {
  readonly pid: number
  readonly asked: readonly Noted[]
  readonly tally: Tally
  readonly stderr: string
  /** Requests that are neither answered nor cancelled. */
  readonly open: number
  readonly hasExited: boolean
  /** Calls back when something has been answered or cancelled. */
  onProgress: () => void
  initialize(protocolVersion: string): Promise<void>
  ask(planned: Planned): void
  /** Ends stdin; resolves with the exit code. */
  end(): Promise<number | null>
  kill(): void
}

const SLOWEST_ANSWER_MS = 60

export function startHost(args: readonly string[], bin = BIN): Host {
  const child = spawn(process.execPath, [bin, ...args], { env: bareEnv(), stdio: 'pipe' })
  const asked: Noted[] = []
  const byId = new Map<unknown, Noted>()
  const questions = new Set<unknown>()
  const notifications = new Set<number>()
  const tally: Tally = {
    strayLines: 0,
    questions: 0,
    questionIdsReused: 0,
    notificationsRepeated: 0,
    notifications,
  }
  let open = 0
  let stderr = ''
  let initialized: (() => void) | undefined

  const send = (message: Rpc): void => write(child, JSON.stringify(message))

  function settle(noted: Noted, change: () => void): void {
    const isNew = noted.answers.length === 0 && !noted.isCancelled
    change()
    if (isNew) open--
    host.onProgress()
  }

  function answered(message: Rpc): void {
    if (message.id === 'init') return initialized?.()
    const noted = byId.get(message.id)
    if (noted === undefined) tally.strayLines++
    else settle(noted, () => noted.answers.push(readAnswer(message)))
  }

  function questioned({ id, params }: Rpc): void {
    tally.questions++
    if (questions.has(id)) tally.questionIdsReused++
    questions.add(id)
    setTimeout(
      () => {
        // It may have been cancelled meanwhile.
        if (!questions.delete(id)) return
        send({ jsonrpc: '2.0', id: id ?? null, result: withKey(keyOf(params) ?? '') })
      },
      (tally.questions * 7) % SLOWEST_ANSWER_MS,
    )
  }

  function notified({ method, params }: Rpc): void {
    if (method === 'notifications/cancelled') return void questions.delete(params?.requestId)
    const { seq } = chaosOf(params)
    if (typeof seq !== 'number') return
    if (notifications.has(seq)) tally.notificationsRepeated++
    notifications.add(seq)
  }

  function take(line: string): void {
    const message = parseRpc(line)
    if (message?.jsonrpc !== '2.0') tally.strayLines++
    else if (message.method === undefined) answered(message)
    else if (message.id !== undefined) questioned(message)
    else notified(message)
  }

  child.stdin.on('error', () => {})
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-20_000)
  })
  splitLines(child, take)
  const exit = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      resolve(code)
      host.onProgress()
    })
  })

  const host: Host = {
    pid: child.pid ?? -1,
    asked,
    tally,
    get stderr() {
      return stderr
    },
    get open() {
      return open
    },
    get hasExited() {
      return child.exitCode !== null || child.signalCode !== null
    },
    onProgress: () => {},
    async initialize(protocolVersion) {
      const answer = new Promise<void>((resolve) => {
        initialized = resolve
      })
      const capabilities = { sampling: {}, roots: {}, elicitation: {} }
      const params = { protocolVersion, capabilities, clientInfo: { name: 'chaos', version: '1.0.0' } }
      send({ jsonrpc: '2.0', id: 'init', method: 'initialize', params })
      await Promise.race([answer, exit])
      send({ jsonrpc: '2.0', method: 'notifications/initialized' })
    },
    ask({ id, key, method, line, cancelAfterMs }) {
      const noted: Noted = { key, method, isCancelled: false, answers: [] }
      asked.push(noted)
      byId.set(id, noted)
      open++
      write(child, line)
      if (cancelAfterMs === undefined) return
      setTimeout(() => {
        if (noted.answers.length > 0) return
        send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } })
        settle(noted, () => {
          noted.isCancelled = true
        })
      }, cancelAfterMs)
    },
    end() {
      child.stdin.end()
      return exit
    },
    kill: () => void child.kill('SIGKILL'),
  }
  return host
}

function write(child: ChildProcess, line: string): void {
  child.stdin?.write(`${line}\n`)
}

function splitLines(child: ChildProcess, take: (line: string) => void): void {
  let rest = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) take(line)
  })
}

function readAnswer({ result, error }: Rpc): Answer {
  if (error === undefined)
    return { kind: 'result', key: keyOf(result), isOwn: false, errorKind: '', maybeDelivered: undefined }
  const data = (error.data ?? {}) as Readonly<Record<string, unknown>>
  const isOwn = data.origin === 'mcp-ferry'
  const maybeDelivered = typeof data.maybeDelivered === 'boolean' ? data.maybeDelivered : undefined
  const errorKind = isOwn ? String(data.kind) : error.message
  return { kind: 'error', key: keyOf(data), isOwn, errorKind, maybeDelivered }
}
