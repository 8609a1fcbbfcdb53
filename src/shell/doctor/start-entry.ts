// Starts the program of an entry as its editor would, speaks to it as far as its tools, and sees to it that it is gone
// afterwards. What it saw is told as a value. arguments.md 1.1, users.md 1 rows 4, 15, 17 and 55.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import crossSpawn from 'cross-spawn'
import { systemTool } from '../../auth/system-tool.ts'
import { after } from '../../bridge.ts'
import { within } from '../../remote/time.ts'
import { textOf } from '../foreign-text.ts'
import { type Conversation, converse, PROTOCOL_VERSION, type Refusal } from './entry-conversation.ts'
import type { Start } from './launchers.ts'

export interface Starting {
  readonly start: Exclude<Start, { readonly by: 'nothing' }>
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly windows: boolean
  /** Our own environment, which tells where Windows is: that of the entry says what its project likes. */
  readonly systemEnv: Readonly<Record<string, string | undefined>>
  /** How long it may take until it answers. */
  readonly limitMs: number
  /** Our own, as that of the editor. */
  readonly version: string
  /** The person wants an end. */
  readonly stopped: Promise<void>
}

/** How far it came. */
export type Outcome =
  | {
      readonly kind: 'answered'
      readonly tookMs: number
      readonly server: string
      readonly protocol: string
      /** Undefined if it offers none. */
      readonly tools: number | undefined
      /** There are more of them, which were not asked for. */
      readonly isEndless?: boolean
      /** Why the tools are not known. */
      readonly toolsRefused?: string
    }
  | { readonly kind: 'refused'; readonly tookMs: number; readonly message: string }
  /** It could not be started at all. */
  | { readonly kind: 'not-started'; readonly code: string }
  /** It ended before it had answered. */
  | { readonly kind: 'ended'; readonly tookMs: number; readonly how: string }
  | { readonly kind: 'silent'; readonly waitedMs: number }

export interface Seen {
  readonly outcome: Outcome
  readonly noise: Conversation['noise']
  /** The last that it wrote to stderr. */
  readonly stderr: string
  /** How it went when its input had ended. */
  readonly ending: 'by-itself' | 'ended-by-us' | 'children-left' | 'was-gone'
}

/** Editors wait for two to five seconds before they use force. */
const END_MS = 5000
const CHILDREN_MS = 2000
const LOOK_MS = 50
/** More than is shown: where it begins may be the middle of a secret. */
const STDERR_KEPT = 8192
/** For all of its pages. */
const TOOLS_MS = 30_000
/** The list of tools may have as many pages as this. */
const MOST_PAGES = 50

export async function startEntry(starting: Starting): Promise<Seen> {
  const began = performance.now()
  let child: ChildProcess
  try {
    child = launch(starting)
  } catch (thrown) {
    // What Node does not even hand to the system: a NUL in a text, for one.
    return nothing({ kind: 'not-started', code: (thrown as NodeJS.ErrnoException).code ?? 'EINVAL' })
  }
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT)
  })
  const failed = new Promise<Outcome>((resolve) => {
    child.on('error', ({ code = 'unknown error' }: NodeJS.ErrnoException) => {
      if (child.pid === undefined) resolve({ kind: 'not-started', code })
    })
  })
  if (child.stdin === null || child.stdout === null) return nothing(await failed)
  const conversation = converse(child.stdin, child.stdout)
  const isGone = closing(child)
  void starting.stopped.then(() => endTree(child, starting))
  const ended = isGone.then((): Outcome => ({ kind: 'ended', tookMs: since(began), how: howEnded(child) }))
  const outcome = await Promise.race([failed, ended, talk(conversation, starting, began)])
  if (outcome.kind === 'not-started') return nothing(outcome)
  const ending = outcome.kind === 'ended' ? await leftBy(child, starting) : await end(child, isGone, starting)
  return { outcome, noise: conversation.noise, stderr, ending }
}

function nothing(outcome: Outcome): Seen {
  return { outcome, noise: undefined, stderr: '', ending: 'was-gone' }
}

function launch({ start, env, cwd, windows }: Starting): ChildProcess {
  const options: SpawnOptions = {
    env,
    cwd,
    stdio: 'pipe',
    windowsHide: true,
    // A group of its own, which can be looked at and ended as a whole.
    detached: !windows,
  }
  if (start.by === 'cross-spawn') return crossSpawn(start.file, start.args, options)
  const { file, args, shell, verbatim } = start
  return spawn(file, args, { ...options, shell, windowsVerbatimArguments: verbatim })
}

async function talk(conversation: Conversation, starting: Starting, began: number): Promise<Outcome> {
  const { version, limitMs } = starting
  const params = {
    protocolVersion: PROTOCOL_VERSION,
    capabilities: {},
    clientInfo: { name: 'mcp-ferry-doctor', version },
  }
  try {
    const hello = await within(conversation.ask('initialize', params), limitMs)
    if (hello === undefined) return { kind: 'silent', waitedMs: limitMs }
    const tookMs = since(began)
    conversation.tell('notifications/initialized')
    return { kind: 'answered', tookMs, ...introduction(hello), ...(await countTools(conversation, hello)) }
  } catch (refusal) {
    return { kind: 'refused', tookMs: since(began), message: (refusal as Refusal).message }
  }
}

function introduction(hello: Readonly<Record<string, unknown>>): { server: string; protocol: string } {
  const { name, version } = (hello.serverInfo ?? {}) as { name?: unknown; version?: unknown }
  return {
    server: `${textOf(name)} ${textOf(version)}`.trim() || 'a server without a name',
    protocol: textOf(hello.protocolVersion) || 'no version',
  }
}

async function countTools(
  conversation: Conversation,
  hello: Readonly<Record<string, unknown>>,
): Promise<{ tools: number | undefined; toolsRefused?: string; isEndless?: boolean }> {
  const { tools } = (hello.capabilities ?? {}) as { tools?: unknown }
  if (tools === undefined) return { tools: undefined }
  let count = 0
  let cursor: unknown
  const began = performance.now()
  try {
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const asked = conversation.ask('tools/list', cursor === undefined ? {} : { cursor })
      const list = await within(asked, TOOLS_MS - since(began))
      if (list === undefined)
        return { tools: undefined, toolsRefused: `it did not answer within ${TOOLS_MS / 1000} s` }
      count += Array.isArray(list.tools) ? list.tools.length : 0
      cursor = list.nextCursor
      if (typeof cursor !== 'string' || cursor === '') return { tools: count }
    }
    return { tools: count, isEndless: true }
  } catch (refusal) {
    return { tools: undefined, toolsRefused: (refusal as Refusal).message }
  }
}

function since(began: number): number {
  return Math.round(performance.now() - began)
}

/** Resolves when it has ended and what it wrote is read; what it has left running may hold its pipes open. */
async function closing(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close').catch(() => {})
  await once(child, 'exit').catch(() => {})
  await within(closed, 500)
}

/** It has ended by itself, and there may be others that it has started. */
async function leftBy(child: ChildProcess, starting: Starting): Promise<Seen['ending']> {
  if (starting.windows || (await groupEnds(child))) return 'was-gone'
  endTree(child, starting)
  return 'children-left'
}

function howEnded({ exitCode, signalCode }: ChildProcess): string {
  return exitCode === null ? `it was ended by ${signalCode}` : `it ended with exit code ${exitCode}`
}

/** As an editor does it: the end of the input first, and force only for what stays. */
async function end(child: ChildProcess, isGone: Promise<void>, starting: Starting): Promise<Seen['ending']> {
  child.stdin?.end()
  const isByItself = await within(
    isGone.then(() => true),
    END_MS,
  )
  if (isByItself && (starting.windows || (await groupEnds(child)))) return 'by-itself'
  endTree(child, starting)
  if (isByItself) return 'children-left'
  await within(isGone, END_MS)
  return 'ended-by-us'
}

/** Those that it has started may need a moment longer. */
async function groupEnds({ pid }: ChildProcess): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < CHILDREN_MS; waitedMs += LOOK_MS) {
    if (!isAlive(-pid!)) return true
    await after(LOOK_MS)
  }
  return !isAlive(-pid!)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

function endTree(child: ChildProcess, { windows, systemEnv }: Starting): void {
  const { pid, exitCode, signalCode } = child
  if (pid === undefined) return
  child.stdout?.destroy()
  child.stderr?.destroy()
  if (windows) {
    // It gives the number of what has ended to another program.
    if (exitCode !== null || signalCode !== null) return
    const killer = spawn(systemTool('taskkill.exe', systemEnv), ['/pid', String(pid), '/T', '/F'], {
      stdio: 'ignore',
      windowsHide: true,
    })
    killer.on('error', () => child.kill())
    return
  }
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}
