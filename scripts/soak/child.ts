// The bridge under the soak, as an editor starts it, with probe.cjs inside, which tells what the process holds and turns
// its clock.
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { lineSplitter } from '../../test/fixtures/hosts/line-splitter.ts'
import { BIN, bareEnv } from '../../test/fixtures/hosts/raw-host.ts'
import { type Census, census } from './snapshot.ts'
import { createTalk, type Era, type Talk } from './talk.ts'

const PROBE = fileURLToPath(new URL('./probe.cjs', import.meta.url))

/** What the process holds. */
export interface Look {
  readonly heapBytes: number
  readonly rssBytes: number
  readonly bufferBytes: number
  readonly objects: number
  readonly sockets: number
  /** Those that have yet to fire. */
  readonly timers: number
  /** The most that one emitter has. */
  readonly listeners: number
  /** Undefined where the system does not tell. */
  readonly descriptors: number | undefined
}

export interface ChildOptions {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly bin?: string | undefined
  /** How much faster than the world its clock runs. */
  readonly rate?: number
}

export interface Child extends Omit<Talk, 'open'> {
  readonly stderr: string
  readonly exit: Promise<number | null>
  look(): Promise<Look>
  /** Counts everything on its heap, by way of this file. */
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

/** Resolves when the bridge has answered that it is there. */
export async function startChild(options: ChildOptions, era: Era): Promise<Child> {
  const env = { ...bareEnv(), FERRY_SOAK_RATE: String(options.rate ?? 1), ...options.env }
  const argv = ['--expose-gc', '--require', PROBE, options.bin ?? BIN, ...options.args]
  const program = spawn(process.execPath, argv, { env, stdio: ['pipe', 'pipe', 'pipe', 'ipc'] }) as Piped
  let stderr = ''
  let isGone = false
  const over = (): string | undefined => (isGone ? `the bridge has ended: ${stderr}` : undefined)
  const { talk, hears, ends } = createTalk(era, {
    say: (line) => void program.stdin.write(`${line}\n`),
    over,
  })
  const probe = createProbe(program, over)
  program.stdin.on('error', () => {})
  program.stdout.on('data', lineSplitter(hears).push)
  program.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-4000)
  })
  const exit = new Promise<number | null>((resolve) => {
    program.on('close', (code) => {
      isGone = true
      ends()
      probe.ends()
      resolve(code)
    })
  })
  const { error } = await talk.open()
  if (error !== undefined) {
    program.kill('SIGKILL')
    throw new Error(`the bridge did not begin: ${error.message}`)
  }
  return {
    ...talk,
    get stderr() {
      return stderr
    },
    exit,
    look: async () => ({ ...((await probe.tell('look')) as Look), descriptors: descriptorsOf(program.pid!) }),
    async census(file) {
      await probe.tell('census', file)
      return census(file)
    },
    idle: async (ms) => void (await probe.tell('idle', ms)),
    run: async (rate) => void (await probe.tell('run', rate)),
    async sleep(ms, meanwhile) {
      await probe.tell('sleep', ms)
      program.kill('SIGSTOP')
      meanwhile()
      program.kill('SIGCONT')
    },
    endInput: () => void program.stdin.end(),
    kill: () => void program.kill('SIGKILL'),
  }
}

interface Probe {
  tell(ask: string, value?: number | string): Promise<unknown>
  ends(): void
}

function createProbe(program: Piped, over: () => string | undefined): Probe {
  const waiting = new Map<number, { resolve(found: unknown): void; reject(error: Error): void }>()
  let last = 0
  program.on('message', ({ number, found }: { number: number; found: unknown }) => {
    waiting.get(number)?.resolve(found)
    waiting.delete(number)
  })
  return {
    tell: (ask, value) =>
      new Promise((resolve, reject) => {
        const why = over()
        if (why !== undefined) return reject(new Error(why))
        const number = ++last
        waiting.set(number, { resolve, reject })
        program.send({ ask, value, number })
      }),
    ends() {
      for (const { reject } of waiting.values()) reject(new Error(over()))
    },
  }
}

function descriptorsOf(pid: number): number | undefined {
  return process.platform === 'linux' ? readdirSync(`/proc/${pid}/fd`).length : undefined
}
