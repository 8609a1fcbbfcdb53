// Which era the remote of a modern host speaks: its own first request is the probe where that is `server/discover`, else we
// ask in front of it, since a legacy server might execute the request and mean something else by it. protocol.md F.3.
import type { Era } from '../era/era.ts'
import { BridgeError, isBridgeError, toBridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Envelope } from '../message/envelope.ts'
import { own } from '../message/message.ts'
import { requestMeta, rewrite } from '../message/rewrite.ts'
import { backoff } from '../remote/backoff.ts'
import { inContext } from '../remote/failures.ts'
import type { Asked } from '../remote/modern/asking.ts'
import type { ModernRemote } from '../remote/modern/modern-remote.ts'
import { quoteOf } from '../remote/said.ts'
import { createStop, LEFT, stopNow } from '../remote/stop.ts'
import { delay, silence } from '../remote/time.ts'
import { isModernError, judgeProbe, type ProbeVerdict } from './verdict.ts'

/** A remote that is silent for so long may be a legacy one that blocks on what it does not know. */
const SILENCE_MS = 3000
const WAITS_MS = [250, 500, 1000, 2000, 4000]
/** How often a remote that cannot be reached is tried when the host waits for no more. */
const FEW = 3

export interface DecisionSettings {
  /** The host's request that it is about. */
  readonly first: Envelope
  /** What is tried first. */
  readonly expected: Era | undefined
  /** Whether nothing else is tried. */
  readonly isFixed: boolean
  readonly log: Log
  readonly ask: ModernRemote['ask']
  /** Whether a remote that is not there is to be waited for. */
  readonly waits: () => boolean
  /** What somebody has to do before the remote can answer: sign in. */
  readonly waitsFor: () => BridgeError | undefined
  /**
   * Opens a legacy session; resolves with the words in which the remote refuses it. `isSaid`: nothing but that era is left, by
   * the remote's own words or the user's.
   */
  readonly openLegacy: (first: Envelope, isSaid: boolean) => Promise<Envelope | undefined>
  /** `discovery`: the remote's answer to `first`, if that was the question. */
  readonly onModern: (discovery: Envelope | undefined) => void
  readonly onLegacy: () => void
  /** Not now. `words`: the remote's own answer to `first`. */
  readonly onFailed: (error: BridgeError, words: Envelope | undefined, first: Envelope) => void
}

export interface Decision {
  /** Why it is not decided yet. */
  readonly delayed: BridgeError | undefined
  /** Tries again now, if it waits to. */
  poke(): void
  /** Ends it; nothing is called any more. */
  stop(): void
}

export function createDecision(settings: DecisionSettings): Decision {
  const { first, expected, isFixed, log, waitsFor, ask, openLegacy, onModern, onLegacy, onFailed } = settings
  let delayed: BridgeError | undefined
  let pause = createStop()
  let isOver = false
  const question = createStop()
  const isDiscover = first.method === 'server/discover'

  /** Calls at most one of the three, once. */
  function conclude(tell: () => void): void {
    if (isOver) return
    isOver = true
    stopNow(question, LEFT)
    tell()
  }

  async function run(): Promise<void> {
    // The host's own question costs nothing more, and so is put whatever is expected.
    if (expected === 'modern' && !isDiscover) return conclude(() => onModern(undefined))
    if (expected === 'legacy' && isFixed) return tryLegacy(undefined)
    // One that is a legacy remote no more may refuse, or be silent.
    if (expected === 'legacy')
      await Promise.race([tryLegacy(undefined), silence(SILENCE_MS, question, waitsFor)])
    for (let attempt = 1; !isOver; attempt++) {
      const verdict = await probe()
      if (isOver) return
      if (verdict.kind !== 'unreachable') return follow(verdict)
      if (!settings.waits() && attempt >= FEW) return fail(inContext(verdict.error, first.method!, attempt))
      delayed = verdict.error
      const waitMs = WAITS_MS[attempt - 1] ?? backoff(attempt - 1)
      log.debug('the remote is asked for its era again', { why: verdict.error.message, waitMs })
      pause = createStop()
      await delay(waitMs, pause)
    }
  }

  async function probe(): Promise<ProbeVerdict> {
    const answered = createStop()
    if (!isFixed)
      void silence(SILENCE_MS, answered, waitsFor).then(() => {
        if (answered.reason === undefined) void tryLegacy(undefined)
      })
    const came = await ask(isDiscover ? first : probeFor(first), question)
    stopNow(answered, LEFT)
    return judgeProbe(came)
  }

  function follow(verdict: Exclude<ProbeVerdict, { kind: 'unreachable' }>): Promise<void> | void {
    switch (verdict.kind) {
      case 'modern':
        return conclude(() => onModern(isDiscover ? verdict.answer : undefined))
      case 'refused':
        return fail(verdict.error)
      case 'legacy':
        return isFixed ? refuse(verdict) : tryLegacy(verdict)
    }
  }

  /** `asked`: what came of the question; absent where it has not been put, or is still open. */
  async function tryLegacy(asked: Asked | undefined): Promise<void> {
    const refused = await openLegacy(first, isFixed || asked?.answer !== undefined).catch(toBridgeError)
    if (refused === undefined) return conclude(onLegacy)
    const words = isBridgeError(refused) ? undefined : refused
    if (words !== undefined && isModernError(words) && !isFixed) return conclude(() => onModern(undefined))
    // The answer to the question may still come.
    if (asked === undefined && !isFixed) return
    const error = asked?.error ?? (isBridgeError(refused) ? refused : refusedBy(words, log.redact))
    const said = isDiscover ? (asked?.answer ?? words) : words
    conclude(() => onFailed(error, asked?.error === undefined ? said : undefined, first))
  }

  /** The user wants this era, and the remote does not speak it. */
  function refuse({ answer, error }: Asked): void {
    conclude(() =>
      onFailed(error ?? refusedBy(answer, log.redact), error === undefined ? answer : undefined, first),
    )
  }

  function fail(error: BridgeError): void {
    conclude(() => onFailed(error, undefined, first))
  }

  void run()
  return {
    get delayed() {
      return delayed
    },
    poke: () => stopNow(pause, LEFT),
    stop() {
      isOver = true
      stopNow(question, LEFT)
      stopNow(pause, LEFT)
    },
  }
}

/** A question for the era, in the name of the host's request: with what that says of the host. */
function probeFor(request: Envelope): Envelope {
  const probe = own('{"jsonrpc":"2.0","id":"mcp-ferry:discover","method":"server/discover"}')
  const meta = requestMeta(request)
  return meta === undefined ? probe : rewrite(probe, { params: { _meta: meta } })
}

function refusedBy(words: Envelope | undefined, redact: Log['redact']): BridgeError {
  const text = `the remote speaks no era of the protocol that it was asked for${quoteOf(words, redact)}; is this the MCP endpoint?`
  return new BridgeError('protocol', text, { maybeDelivered: false })
}
