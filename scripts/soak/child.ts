// The bridge under the soak, as an editor starts it, with probe.cjs inside: requests and their answers, answers to what
// the remote asks, and what the process holds. Keeps nothing of what has been answered.
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { lineSplitter } from '../../test/fixtures/hosts/line-splitter.ts'
import { cancelLine, modern } from '../../test/fixtures/hosts/modern-words.ts'
import { BIN, bareEnv, INITIALIZED, initializeLine } from '../../test/fixtures/hosts/raw-host.ts'
import { type Census, census } from './snapshot.ts'

const PROBE = fileURLToPath(new URL('./probe.cjs', import.meta.url))

export interface Answer {
  readonly id?: unknown
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: {
    readonly code: number
    readonly message: string
    readonly data?: { readonly kind?: string }
  }
}

/** What the process holds. */
export interface Look {
  readonly heapBytes: number
  readonly rssBytes: number
  readonly bufferBytes: number
  readonly objects: number
  readonly sockets: number
  /** Those that have yet to fire. */
  readonly timers: number
  readonly resources: Readonly<Record<string, number>>
  /** The most that one emitter has. */
  readonly listeners: number
  /** What the process believes the time to be. */
  readonly dateMs: number
  /** Undefined where the system does not tell. */
  readonly descriptors: number | undefined
}

export interface ChildOptions {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly bin?: string | undefined
  /** How much faster than the world its clock runs. */
  readonly rate?: number
  /** How much later than in the world it is at its start. */
  readonly aheadMs?: number
}

export type Era = 'legacy' | 'modern'

export interface Child {
  readonly pid: number
  /** How often each notification has come. */
  readonly heard: ReadonlyMap<string, number>
  readonly stderr: string
  readonly exit: Promise<number | null>
  say(line: string): void
  /** A request under the next id, in the words of the era; resolves with its answer, also when that is an error. */
  ask(method: string, params?: object, meta?: object): Promise<Answer>
  /** The same without waiting. */
  begin(
    method: string,
    params?: object,
    meta?: object,
  ): { readonly id: number; readonly answer: Promise<Answer> }
  /** Nobody waits for its answer any more. */
  cancel(id: number): void
  /** Resolves when this notification has come so many times in all. */
  notified(method: string, count: number): Promise<void>
  look(): Promise<Look>
  /** Counts everything on its heap. */
  census(file: string): Promise<Census>
  /** Resolves when so much has passed by its clock. */
  idle(ms: number): Promise<void>
  /** Turns the clock. */
  run(rate: number): Promise<void>
  /** Stops the process, has `meanwhile` done, and lets it go on so much later. */
  sleep(ms: number, meanwhile: () => void): Promise<void>
  endInput(): void
  kill(): void
}

/** Its types do not tell that with a channel there are pipes too. */
type Piped = ChildProcess & Pick<ChildProcessWithoutNullStreams, 'stdin' | 'stdout' | 'stderr'>

export async function startChild(options: ChildOptions, era: Era): Promise<Child> {
  const child = createChild(options, era)
  if (era === 'modern') await child.ask('server/discover')
  else {
    const { error } = await handshake(child)
    if (error !== undefined) throw new Error(`initialize was answered: ${error.message}`)
  }
  return child
}

function handshake(child: Child & { expect(id: unknown): Promise<Answer> }): Promise<Answer> {
  const answer = child.expect('init')
  child.say(initializeLine('init'))
  return answer.then((given) => {
    child.say(INITIALIZED)
    return given
  })
}

function createChild(options: ChildOptions, era: Era): Child & { expect(id: unknown): Promise<Answer> } {
  const clock = {
    FERRY_SOAK_RATE: String(options.rate ?? 1),
    FERRY_SOAK_AHEAD_MS: String(options.aheadMs ?? 0),
  }
  const argv = ['--expose-gc', '--require', PROBE, options.bin ?? BIN, ...options.args]
  const env = { ...bareEnv(), ...clock, ...options.env }
  const program = spawn(process.execPath, argv, { env, stdio: ['pipe', 'pipe', 'pipe', 'ipc'] }) as Piped
  const waiting = new Map<unknown, (answer: Answer) => void>()
  const looks = new Map<number, (found: unknown) => void>()
  const heard = new Map<string, number>()
  const watchers = new Set<() => void>()
  let lastId = 0
  let lastLook = 0
  let stderr = ''
  let isGone = false

  function take(line: string): void {
    const message = JSON.parse(line) as Answer
    if (message.method === undefined) {
      const settle = waiting.get(message.id)
      waiting.delete(message.id)
      return settle?.(message)
    }
    if (message.id !== undefined) return child.say(answerTo(message))
    heard.set(message.method, (heard.get(message.method) ?? 0) + 1)
    for (const look of [...watchers]) look()
  }

  const gone = (): Answer => ({ error: { code: 0, message: `the bridge has ended: ${stderr}` } })
  const expect = (id: unknown): Promise<Answer> =>
    new Promise((resolve) => {
      if (isGone) resolve(gone())
      else waiting.set(id, resolve)
    })
  const tell = (ask: string, value?: number | string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (isGone) return reject(new Error(`the bridge has ended: ${stderr}`))
      const number = ++lastLook
      looks.set(number, resolve)
      program.send({ ask, value, number })
    })

  program.stdin.on('error', () => {})
  program.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4000)
  })
  program.on('message', ({ number, found }: { number: number; found: unknown }) => {
    looks.get(number)?.(found)
    looks.delete(number)
  })
  program.stdout.on('data', lineSplitter(take).push)
  const exit = new Promise<number | null>((resolve) => {
    program.on('close', (code) => {
      isGone = true
      for (const settle of waiting.values()) settle(gone())
      resolve(code)
    })
  })

  const child: Child & { expect(id: unknown): Promise<Answer> } = {
    pid: program.pid ?? -1,
    heard,
    get stderr() {
      return stderr
    },
    exit,
    expect,
    say: (line) => void program.stdin.write(`${line}\n`),
    ask: (method, params, meta) => child.begin(method, params, meta).answer,
    begin(method, params = {}, meta = {}) {
      const id = ++lastId
      const answer = expect(id)
      if (era === 'modern') child.say(modern(id, method, params, { meta: meta as Record<string, unknown> }))
      else child.say(JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } }))
      return { id, answer }
    },
    cancel(id) {
      waiting.delete(id)
      child.say(cancelLine(id))
    },
    notified: (method, count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if ((heard.get(method) ?? 0) < count && !isGone) return
          watchers.delete(look)
          resolve()
        }
        watchers.add(look)
        look()
      }),
    look: async () => ({ ...((await tell('look')) as Look), descriptors: descriptorsOf(child.pid) }),
    async census(file) {
      await tell('census', file)
      return census(file)
    },
    idle: async (ms) => void (await tell('idle', ms)),
    run: async (rate) => void (await tell('run', rate)),
    async sleep(ms, meanwhile) {
      await tell('sleep', ms)
      program.kill('SIGSTOP')
      meanwhile()
      program.kill('SIGCONT')
    },
    endInput: () => void program.stdin.end(),
    kill: () => void program.kill('SIGKILL'),
  }
  return child
}

function descriptorsOf(pid: number): number | undefined {
  return process.platform === 'linux' ? readdirSync(`/proc/${pid}/fd`).length : undefined
}

/** What a person and an editor say to what a remote asks. */
function answerTo({ id, method }: Answer): string {
  const results: Readonly<Record<string, object>> = {
    'elicitation/create': { action: 'accept', content: { name: 'Ada' } },
    'sampling/createMessage': { role: 'assistant', content: { type: 'text', text: 'x' }, model: 'm' },
    'roots/list': { roots: [{ uri: 'file:///home' }] },
  }
  return JSON.stringify({ jsonrpc: '2.0', id, result: results[method ?? ''] ?? {} })
}
