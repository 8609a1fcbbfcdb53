// The modern era first, for a legacy host: where the user wants that, or the remote is remembered to speak it. What the host
// sends meanwhile waits. protocol.md D.1, F.5, 0.12.
import { type BridgeError, isBridgeError, redacted } from '../errors.ts'
import type { Sink } from '../lane.ts'
import type { Log } from '../log.ts'
import type { Envelope } from '../message/envelope.ts'
import { answerEmpty, cancelledId, refusal } from '../message/message.ts'
import { backoff } from '../remote/backoff.ts'
import { createHeld } from '../remote/held.ts'
import type { ModernRemote } from '../remote/modern/modern-remote.ts'
import type { Left, RemoteSettings } from '../remote/remote-face.ts'
import { createStandIn } from '../remote/stand-in.ts'
import { patienceMs } from '../remote/start.ts'
import { createStop, LEFT, stopNow } from '../remote/stop.ts'
import { delay, silence } from '../remote/time.ts'
import { createTold } from '../remote/told.ts'
import { type Discovery, discover, type Introduction } from './discovery.ts'

/** How long a modern remote that is only expected may be silent before the legacy era is tried. */
const SILENCE_MS = 2000
/** How often a remote that cannot be reached is asked when the host waits for no more. */
const FEW = 3

export interface FirstQuestionSettings extends Introduction {
  /** It has been answered by a stand-in already. */
  readonly isAnswered: boolean
  readonly modern: ModernRemote
  readonly toHost: Sink
  readonly log: Log
  readonly weigh: RemoteSettings['weigh']
  /** The remote's host name, for sentences. */
  readonly host: string
  /** 0: never. */
  readonly startBudgetMs: number
  readonly recall: () => Promise<string | undefined>
  readonly waitsFor: () => BridgeError | undefined
  /** Whether nothing but the modern era will do, so that a remote that is absent is waited for here. */
  readonly isFixed: boolean
  /** It is modern, or says that it is, whatever version it speaks. */
  readonly onModern: (outcome: Extract<Discovery, { kind: 'modern' | 'unsupported' }>, left: Left) => void
  /** It is not, or that cannot be told. `error`: why, if something is known. */
  readonly onOther: (error: BridgeError | undefined, left: Left) => void
}

export interface FirstQuestion {
  /** Keeps a message of the host's until it is decided. */
  hold(envelope: Envelope): void
  inputEnded(): void
  /** Nothing is called any more, and nothing kept. */
  stop(): void
}

export function askFirst(settings: FirstQuestionSettings): FirstQuestion {
  const { initialize, modern, toHost, log, isFixed, waitsFor } = settings
  const held = createHeld(settings.weigh)
  const standIn = createStandIn({ ...settings, told: createTold() })
  const question = createStop()
  let isOver = false
  let hasInputEnded = false
  let pause = createStop()

  function isAnswered(): boolean {
    return settings.isAnswered || standIn.hasAnswered
  }

  function left(): Left {
    isOver = true
    standIn.end()
    return { initialize, isAnswered: isAnswered(), isInitialized: false, held: held.takeAll() }
  }

  async function run(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const answered = createStop()
      if (!isFixed)
        void silence(SILENCE_MS, answered, waitsFor).then(() => answered.reason ?? stopNow(question, LEFT))
      const outcome = await discover(modern, settings, question)
      stopNow(answered, LEFT)
      if (isOver) return
      if (outcome.kind === 'modern' || outcome.kind === 'unsupported')
        return settings.onModern(outcome, left())
      const isWaitedFor =
        isFixed &&
        outcome.kind === 'unreachable' &&
        !((hasInputEnded || settings.startBudgetMs < 0) && attempt >= FEW)
      if (!isWaitedFor) return settings.onOther(outcome.error, left())
      standIn.delayed = outcome.error
      pause = createStop()
      await delay(backoff(attempt), pause)
    }
  }

  /** The host has been answered in the remote's stead: what it asks for waits no longer than it must. */
  function holdFor(envelope: Envelope): void {
    stopNow(pause, LEFT)
    if (envelope.kind !== 'request') return held.push(envelope)
    if (envelope.method === 'ping') return toHost(answerEmpty(envelope.id!))
    const late = (): void => {
      const answer = standIn.late(envelope)
      toHost(isBridgeError(answer) ? refusal(envelope.id!, redacted(answer, log.redact)) : answer)
    }
    held.push(envelope, { waitMs: patienceMs(envelope.method!, waitsFor() !== undefined), late })
  }

  if (isFixed && !settings.isAnswered)
    standIn.begin(
      initialize,
      () => !isOver,
      (answer) => {
        toHost(answer)
        for (const envelope of held.takeAll()) holdFor(envelope)
      },
    )
  void run()
  return {
    hold(envelope) {
      const id = cancelledId(envelope)
      if (id !== undefined && held.take(id) !== undefined) return
      if (isAnswered()) holdFor(envelope)
      else held.push(envelope)
    },
    inputEnded() {
      hasInputEnded = true
      stopNow(pause, LEFT)
    },
    stop() {
      left()
      stopNow(question, LEFT)
      stopNow(pause, LEFT)
    },
  }
}
