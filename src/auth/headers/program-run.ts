// Runs one program without a shell, for what it prints: with an end to its time and to its output, and with all that it
// has started ended as well. Knows nothing of headers.
import type { ChildProcess } from 'node:child_process'
import { basename } from 'node:path'
import spawn from 'cross-spawn'
import { BridgeError } from '../../errors.ts'
import { looksLikeSecret } from '../../options/variables.ts'
import { programFor } from '../program-path.ts'
import { systemTool } from '../system-tool.ts'
import { withoutTokens } from './token-shapes.ts'

export interface ProgramRun {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly windows: boolean
  readonly redact: (text: string) => string
  readonly limitMs?: number
}

export interface Running {
  /** What it has printed. Rejects with BridgeError `auth-failed`. */
  readonly output: Promise<string>
  stop(): void
}

const LIMIT_MS = 30_000
const OUTPUT_LIMIT = 64 * 1024
const ERRORS_KEPT = 4096
const ERRORS_SHOWN = 300
/** How long the pipes are read on after the program has ended: what it has left running may hold them open. */
const LAST_WORDS_MS = 500

/** The program for sentences: its name, never its arguments. */
export function nameProgram([program = '']: readonly string[]): string {
  const name = basename(program.replaceAll('\\', '/'))
  return looksLikeSecret(name.replace(/\.\w{1,4}$/, '')) ? 'the command' : `the command ${name}`
}

export function runProgram(run: ProgramRun): Running {
  const { command, windows, limitMs = LIMIT_MS } = run
  const name = nameProgram(command)
  let give: (thrown: BridgeError) => void = () => {}
  const output = new Promise<string>((resolve, reject) => {
    const [program = '', ...args] = command
    const file = programFor(program, run)
    if (file === undefined) return reject(noStart(name, { code: 'ENOENT' }))
    const child = spawn(file, args, {
      env: run.env as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      // A group of its own, which can be ended as a whole.
      detached: !windows,
    })
    const printed: Buffer[] = []
    let size = 0
    let errors = ''
    let isGivenUp = false
    give = (thrown) => {
      if (isGivenUp) return
      isGivenUp = true
      clearTimeout(timer)
      // Its number may be another program's by now.
      if (child.exitCode === null && child.signalCode === null) endTree(child, run)
      reject(thrown)
    }
    const timer = setTimeout(() => {
      const why = `did not end within ${limitMs / 1000} s`
      give(failure(`${name} ${why}${said(errors, printed, run)}; it must end by itself and ask nothing`))
    }, limitMs)
    child.stdout?.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= OUTPUT_LIMIT) printed.push(chunk)
      else
        give(failure(`${name} printed more than ${OUTPUT_LIMIT / 1024} KiB; it must print the value alone`))
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-ERRORS_KEPT)
    })
    child.on('error', (thrown: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      reject(noStart(name, thrown))
    })
    const end = (code: number | null, signal: NodeJS.Signals | null): void => {
      clearTimeout(timer)
      child.stdout?.destroy()
      child.stderr?.destroy()
      if (code === 0) return resolve(Buffer.concat(printed).toString('utf8'))
      const how = code === null ? `was ended by ${signal}` : `failed with exit code ${code}`
      reject(failure(`${name} ${how}${said(errors, printed, run)}; run it in a terminal to see why`))
    }
    child.on('close', end)
    child.on('exit', (code, signal) => {
      setTimeout(end, LAST_WORDS_MS, code, signal).unref()
    })
  })
  // It may be given up before anybody waits for it.
  output.catch(() => {})
  return { output, stop: () => give(new BridgeError('shutdown', 'the bridge is closing')) }
}

/** What it wrote to stderr, for a sentence: its end, without what might be the value. */
function said(errors: string, printed: readonly Buffer[], { redact }: ProgramRun): string {
  const value = Buffer.concat(printed).toString('utf8').trim()
  const whole = errors.length < ERRORS_KEPT ? errors : errors.replace(/^\S*/, '')
  const apart = value.length < 6 ? whole : whole.replaceAll(value, '[redacted]')
  const clean = withoutTokens(redact(apart))
    .replace(/[\u0000-\u001f\u007f]+/g, ' ')
    .trim()
  if (clean === '') return ''
  return `: ${clean.length > ERRORS_SHOWN ? `…${clean.slice(-ERRORS_SHOWN)}` : clean}`
}

function noStart(name: string, { code }: { readonly code?: string | undefined }): BridgeError {
  if (code !== 'ENOENT') return failure(`${name} cannot be started (${code}); is it a program?`)
  return failure(
    `${name} was not found; write its whole path, since an editor often starts with a shorter PATH than a terminal`,
  )
}

function failure(text: string): BridgeError {
  return new BridgeError('auth-failed', text, { retryable: false, maybeDelivered: false })
}

function endTree(child: ChildProcess, { windows, env }: ProgramRun): void {
  const { pid } = child
  if (pid === undefined) return
  if (windows) {
    const args = ['/pid', String(pid), '/T', '/F']
    spawn(systemTool('taskkill.exe', env), args, { stdio: 'ignore', windowsHide: true }).on('error', () => {})
    return
  }
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
