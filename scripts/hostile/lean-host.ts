// A host that forgets what it has read: floods are counted, not kept. Notes what on stdout is no message.
import { spawn } from 'node:child_process'
import { lineSplitter } from '../../test/fixtures/hosts/line-splitter.ts'
import { BIN, bareEnv } from '../../test/fixtures/hosts/raw-host.ts'

export interface Read {
  readonly id?: unknown
  readonly method?: unknown
  readonly error?: { readonly message?: string; readonly data?: { readonly kind?: string } }
}

export interface LeanHost {
  readonly pid: number
  readonly lines: number
  /** The beginnings of lines on stdout that are no messages. */
  readonly strays: readonly string[]
  readonly stderrBytes: number
  say(line: string): void
  /** The answer to this id; undefined if the bridge has ended without one. */
  answer(id: string): Promise<Read | undefined>
  endInput(): void
  kill(): void
  /** Resolves with the exit code. */
  readonly exit: Promise<number | null>
}

/** Starts the bridge with these arguments; `onQuestion` gets what the remote asks. */
export function startLeanHost(
  args: readonly string[],
  onQuestion: (host: LeanHost, id: unknown) => void,
): LeanHost {
  const child = spawn(process.execPath, [BIN, ...args], { env: bareEnv(), stdio: 'pipe' })
  const answers = new Map<unknown, Read>()
  const waiting = new Set<() => void>()
  const strays: string[] = []
  let lines = 0
  let stderrBytes = 0
  let isGone = false
  const wake = (): void => {
    for (const look of [...waiting]) look()
  }
  const splitter = lineSplitter((line) => {
    lines++
    const read = asMessage(line)
    if (read === undefined) strays.push(line.slice(0, 200))
    else if (read.method === undefined) {
      answers.set(read.id, read)
      wake()
    } else if (read.id !== undefined) onQuestion(host, read.id)
  })
  child.stdout.on('data', splitter.push)
  child.stdin.on('error', () => {})
  child.stderr.on('data', (chunk: Buffer) => {
    stderrBytes += chunk.length
  })
  const exit = new Promise<number | null>((resolve) => {
    child.on('close', (code) => {
      isGone = true
      wake()
      resolve(code)
    })
  })
  const host: LeanHost = {
    pid: child.pid!,
    get lines() {
      return lines
    },
    strays,
    get stderrBytes() {
      return stderrBytes
    },
    say: (line) => void child.stdin.write(`${line}\n`),
    answer: (id) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!answers.has(id) && !isGone) return
          waiting.delete(look)
          resolve(answers.get(id))
        }
        waiting.add(look)
        look()
      }),
    endInput: () => void child.stdin.end(),
    kill: () => void child.kill('SIGKILL'),
    exit,
  }
  return host
}

function asMessage(line: string): Read | undefined {
  try {
    const read = JSON.parse(line) as { jsonrpc?: unknown } | null
    return read?.jsonrpc === '2.0' ? (read as Read) : undefined
  } catch {
    return undefined
  }
}
