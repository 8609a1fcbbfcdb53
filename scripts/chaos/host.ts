// The host of the chaos run: starts the bridge, keeps many requests in flight, answers the remote's questions, and
// notes every line that comes back.
import { type ChildProcess, spawn } from 'node:child_process'
import { lineSplitter } from '../../test/fixtures/hosts/line-splitter.ts'
import { BIN, bareEnv } from '../../test/fixtures/hosts/raw-host.ts'
import { chaosOf, keyOf, parseRpc, type Rpc } from './instruction.ts'
import { createListens, type Listens } from './listens.ts'
import { hostEra, isAnsweredByBridge, LISTEN, type Pair } from './pairs.ts'
import { answerToQuestion, isOfOtherEra, readAnswer, retryOf } from './readings.ts'
import { MODERN_META, type Planned } from './requests.ts'
import type { Answer } from './verdict.ts'

interface Noted {
  readonly key: string
  readonly method: string
  isCancelled: boolean
  readonly answers: Answer[]
  readonly isOwn: boolean
}

interface Tally {
  /** The beginnings of lines that are none of ours, or not of the host's era. */
  readonly strayLines: string[]
  questions: number
  questionIdsReused: number
  notificationsRepeated: number
  strayChanges: number
  readonly notifications: Set<number>
}

export interface Host {
  readonly pid: number
  readonly asked: readonly Noted[]
  readonly tally: Tally
  readonly listens: Listens
  readonly stderr: string
  /** Requests that are neither answered nor cancelled; subscriptions, which are to stay open, are none. */
  readonly open: number
  readonly hasExited: boolean
  /** From now on it answers each question. */
  comeBack(): void
  /** Calls back when something has been answered or cancelled. */
  onProgress: () => void
  /** The first exchange, in the words of the host's era; the version is a legacy host's. */
  begin(protocolVersion: string): Promise<void>
  ask(planned: Planned): void
  /** Ends stdin; resolves with the exit code. */
  end(): Promise<number | null>
  kill(): void
}

const SLOWEST_ANSWER_MS = 60
const NEVER_BACK_EVERY = 11
/** How much of a line that is wrong is shown. */
const SHOWN = 300

export function startHost(args: readonly string[], pair: Pair, bin = BIN): Host {
  const child = spawn(process.execPath, [bin, ...args], { env: bareEnv(), stdio: 'pipe' })
  const asked: Noted[] = []
  const byId = new Map<unknown, Noted>()
  const keys = new Set<unknown>()
  const questions = new Set<unknown>()
  const notifications = new Set<number>()
  const tally: Tally = {
    strayLines: [],
    questions: 0,
    questionIdsReused: 0,
    notificationsRepeated: 0,
    strayChanges: 0,
    notifications,
  }
  const isModern = hostEra(pair) === 'modern'
  /** The lines of calls, which may have to be sent again with the answer to a question. */
  const calls = new Map<unknown, string>()
  let open = 0
  let legs = 0
  let mayStayAway = true
  let stderr = ''
  let begun: (() => void) | undefined

  const send = (message: Rpc): void => write(child, JSON.stringify(message))
  const listens = createListens(tally, send)

  const stray = (what: Rpc | string): void =>
    void tally.strayLines.push((typeof what === 'string' ? what : JSON.stringify(what)).slice(0, SHOWN))

  function settle(noted: Noted, change: () => void): void {
    const isNew = noted.answers.length === 0 && !noted.isCancelled
    change()
    if (isNew) open--
    host.onProgress()
  }

  function answered(message: Rpc): void {
    if (message.id === 'init') return begun?.()
    const noted = byId.get(message.id)
    if (noted === undefined) return stray(message)
    const answer = readAnswer(message)
    const call = calls.get(message.id)
    calls.delete(message.id)
    // What belongs to one era only must not be seen in the other.
    if (isOfOtherEra(message, isModern)) stray(message)
    if (noted.method === LISTEN) {
      listens.over(message.id)
      noted.answers.push(answer)
      return
    }
    const isAsked = answer.kind === 'question' && noted.answers.length === 0 && !noted.isCancelled
    if (isAsked && call !== undefined) askAgain(noted, call, message)
    settle(noted, () => noted.answers.push(answer))
  }

  /** Most hosts come back with the answers; some never do (E.5). */
  function askAgain(noted: Noted, line: string, { result }: Rpc): void {
    tally.questions++
    if (mayStayAway && tally.questions % NEVER_BACK_EVERY === 0) return
    const id = `leg-${++legs}`
    open++
    setTimeout(
      () => {
        const again: Noted = { ...noted, isCancelled: false, answers: [] }
        enter(id, again, retryOf(line, id, result))
      },
      (tally.questions * 7) % SLOWEST_ANSWER_MS,
    )
  }

  function enter(id: string | number, noted: Noted, line: string): void {
    asked.push(noted)
    byId.set(id, noted)
    if (isModern && noted.method !== LISTEN) calls.set(id, line)
    write(child, line)
  }

  function questioned({ id, method, params }: Rpc): void {
    tally.questions++
    if (questions.has(id)) tally.questionIdsReused++
    questions.add(id)
    setTimeout(
      () => {
        // It may have been cancelled meanwhile.
        if (!questions.delete(id)) return
        send({ jsonrpc: '2.0', id: id ?? null, result: answerToQuestion(method, keyOf(params)) })
      },
      (tally.questions * 7) % SLOWEST_ANSWER_MS,
    )
  }

  function notified(message: Rpc): void {
    const { method, params } = message
    if (method === 'notifications/cancelled') return void questions.delete(params?.requestId)
    if (method === 'notifications/progress' && !keys.has(params?.progressToken)) stray(message)
    const tag = listens.take(message)
    const { seq } = chaosOf(params)
    if (typeof seq !== 'number') return
    // A change of a legacy remote is told to each subscription once.
    const repeated = tag === undefined ? notifications.has(seq) : tag === 'again'
    if (repeated) tally.notificationsRepeated++
    notifications.add(seq)
  }

  function take(line: string): void {
    const message = parseRpc(line)
    if (message?.jsonrpc !== '2.0') stray(line)
    else if (message.method === undefined) answered(message)
    else if (message.id === undefined) notified(message)
    // A modern host is asked nothing of its own.
    else if (isModern) stray(message)
    else questioned(message)
  }

  child.stdin.on('error', () => {})
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-20_000)
  })
  child.stdout.on('data', lineSplitter(take).push)
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
    listens,
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
    comeBack() {
      mayStayAway = false
    },
    async begin(protocolVersion) {
      const answer = new Promise<void>((resolve) => {
        begun = resolve
      })
      const capabilities = { sampling: {}, roots: {}, elicitation: {} }
      const params = { protocolVersion, capabilities, clientInfo: { name: 'chaos', version: '1.0.0' } }
      if (isModern)
        send({ jsonrpc: '2.0', id: 'init', method: 'server/discover', params: { _meta: MODERN_META } })
      else send({ jsonrpc: '2.0', id: 'init', method: 'initialize', params })
      await Promise.race([answer, exit])
      if (!isModern) send({ jsonrpc: '2.0', method: 'notifications/initialized' })
    },
    ask({ id, key, method, line, cancelAfterMs }) {
      const isOwn = isAnsweredByBridge(pair, method) || method === LISTEN
      const noted: Noted = { key, method, isCancelled: false, answers: [], isOwn }
      keys.add(key)
      if (method === LISTEN) {
        enter(id, noted, line)
        return listens.opened(id, noted)
      }
      open++
      enter(id, noted, line)
      if (cancelAfterMs === undefined) return
      setTimeout(() => {
        if (noted.answers.length > 0) return
        send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } })
        calls.delete(id)
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
