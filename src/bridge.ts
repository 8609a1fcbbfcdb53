// Puts the line together, once: host → ledger → junction → remote; runs it, and takes it apart in order. protocol.md 0.10.
import type { Readable, Writable } from 'node:stream'
import { BridgeError, EXIT } from './errors.ts'
import { readHost } from './host/host.ts'
import { createLedger } from './host/ledger.ts'
import { createWriter } from './host/writer.ts'
import { createJunction, type JunctionSettings, type Remembering } from './junction.ts'
import { compose, createFlow, type Sink, type Stage } from './lane.ts'
import { type Log, TRACE_BYTES } from './log.ts'
import { textOf } from './message/envelope.ts'
import { beginningOf } from './message/text.ts'
import { decode } from './message/utf8.ts'
import type { Options } from './options/options.ts'
import type { Authorizer } from './remote/authorizer.ts'
import { createHttp } from './remote/http/choice.ts'
import { createRemote } from './remote/remote.ts'
import { createSending } from './remote/sending.ts'
import { createStreamable } from './remote/streamable.ts'
import { createTransports } from './remote/transports.ts'
import type { Trace } from './stages/trace.ts'

/** How long notifications that have not left yet may still leave at the end. */
const LEAVE_MS = 1000
/** How long a host that does not read is waited for when the bridge has been told to stop. */
const FLUSH_MS = 1000
/** How long it is waited for tokens that are being renewed, and then kept. */
const SIGN_OFF_MS = 5000
/** How often it is looked whether the host is still there, while answers are waited for that only it can read. */
const ORPHAN_CHECK_MS = 200

export interface BridgeSettings {
  readonly options: Options
  readonly input: Readable
  /** Opens the host's end, when it is first needed. */
  readonly output: () => Writable
  readonly log: Log
  readonly version: string
  /** Resolves to end the bridge at once, without waiting for answers. */
  readonly stopped: Promise<void>
  /** The remote's handshakes of earlier starts. */
  readonly memory: Memory
  /** Whether whoever started us is gone, so that nobody reads the answers. */
  readonly isOrphan: () => boolean
  /** Knows credentials that come and go; absent where what the user has given is all there is. */
  readonly authorizer?: Authorizer | undefined
  readonly trace?: Trace | undefined
}

export interface Memory extends Remembering {
  /** Does now what was to be done soon. Never rejects, and ends where a disk hangs too. */
  flush(): Promise<void>
}

/** Runs a bridge that is put together already on these streams; resolves to its exit code. */
export type Run = (input: Readable, output: () => Writable) => Promise<number>

/** Bridges until the host closes its end, or `stopped`. Resolves with the exit code; never rejects. */
export async function runBridge({
  options,
  input,
  output,
  log,
  version,
  stopped,
  memory,
  isOrphan,
  authorizer,
  trace,
}: BridgeSettings): Promise<number> {
  const { limits } = options
  const flow = createFlow()
  const ledger = createLedger(log)
  const writer = createWriter(output, flow, () => ledger.owed() === 0)
  const { url, headers, keepsCookies } = options
  const { connectTimeoutMs } = limits
  const direct = createHttp(options.network, { connectTimeoutMs, flow })
  const http = trace?.around(direct) ?? direct
  const sending = createSending({
    url,
    headers,
    userAgent: `mcp-ferry/${version}`,
    http,
    log,
    keepsCookies,
    authorizer,
  })
  const waitsFor = () => authorizer?.waitsFor
  const { weigh } = ledger.intake
  const wire = { sending, log, eventLimitBytes: limits.eventLimitBytes }
  const streamable = createStreamable(wire)
  let toRemote: Sink = () => {}
  const line = compose([...(trace ? [trace.stage] : []), ledger.stage, ...(await loadStages(options, log))], {
    toRemote: (envelope) => toRemote(envelope),
    toHost(envelope) {
      log.trace?.(decode(beginningOf(textOf(envelope), TRACE_BYTES)), { to: 'host' })
      writer.write(envelope)
    },
  })
  const makeRemote: JunctionSettings['makeRemote'] = (toHost, { startBudgetMs, ...more }, hint) => {
    const transports = createTransports({
      choice: options.transport,
      url,
      expectsOld: hint?.transport === 'http+sse',
      http: streamable,
      loadHttpSse: async () => (await import('./remote/http-sse.ts')).createHttpSse(wire),
    })
    return createRemote({
      transports,
      log,
      limits: startBudgetMs === undefined ? limits : { ...limits, startBudgetMs },
      toHost,
      host: url.hostname,
      dropIdle: http.dropIdle,
      weigh,
      recall: memory.recall,
      waitsFor,
      remember(initializeResult) {
        memory.remember(initializeResult)
        // What is known already is not known for longer by that: it is asked anew when its time is over (F.5).
        const transport = transports.isBoundToStream() ? 'http+sse' : undefined
        if (transport !== hint?.transport)
          memory.rememberEra({ era: 'legacy', ...(transport && { transport }) })
        else if (hint?.era === 'modern') memory.rememberEra({ era: 'legacy' })
      },
      ...more,
    })
  }
  const remote = createJunction({
    options,
    toHost: line.toHost,
    log,
    host: url.hostname,
    version,
    makeRemote,
    post: streamable.post,
    dropIdle: http.dropIdle,
    weigh,
    waitsFor,
    memory,
  })
  toRemote = remote.toRemote

  const ended = readHost({
    input,
    log,
    lineLimitBytes: limits.lineLimitBytes,
    toRemote: line.toRemote,
    refuse: writer.write,
    intake: ledger.intake,
  })
  await Promise.race([ended.then(drain), stopped, writer.closed])

  const unsigned = waitsFor()
  if (unsigned !== undefined) ledger.settleAll(unsigned)
  // What the remote is asked last must not open a browser.
  const signedOff = authorizer && Promise.race([authorizer.close(), after(SIGN_OFF_MS)])
  const closed = remote
    .close()
    .then(() => signedOff)
    .then(http.close)
  ledger.settleAll(new BridgeError('shutdown', 'the bridge is closing', { maybeDelivered: true }))
  await Promise.all([closed, memory.flush(), Promise.race([writer.flush(), after(FLUSH_MS)])])
  input.destroy()
  return EXIT.ok

  /** stdin has ended: what is owed may still be answered. */
  async function drain(): Promise<void> {
    remote.inputEnded()
    const deadline = after(limits.drainTimeoutMs)
    const orphaned = until(isOrphan)
    const settled = new Promise<void>((resolve) => ledger.onSettled(resolve))
    if (ledger.owed() > 0) await Promise.race([settled, deadline, orphaned])
    // An answer that the host has not read yet is still owed.
    await Promise.race([writer.flush(), deadline, orphaned])
    await Promise.race([remote.idle(), after(LEAVE_MS)])
  }
}

/** Off for most, and so loaded only where one is on. */
async function loadStages(options: Options, log: Log): Promise<Stage[]> {
  if (options.limits.requestTimeoutMs === 0 && options.shaping === undefined) return []
  return (await import('./stages/stages.ts')).createStages(options, log)
}

/** Resolves when `check` is true; looks every while. */
function until(check: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (!check()) return
      clearInterval(timer)
      resolve()
    }, ORPHAN_CHECK_MS).unref()
  })
}

/** Resolves after the time. */
export function after(waitMs: number): Promise<undefined> {
  return new Promise((resolve) => {
    setTimeout(resolve as () => void, waitMs)
  })
}
