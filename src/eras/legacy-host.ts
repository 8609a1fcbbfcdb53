// What a legacy host has on the other side: its own era, if the remote speaks it; a translation where the remote has
// turned out to speak the modern era alone, or the user prefers that. protocol.md D.1, F.3, F.6, 0.12.
import { type Era, MODERN_VERSIONS } from '../era/era.ts'
import type { LegacyToModern, LegacyToModernSettings } from '../era/legacy-to-modern.ts'
import type { Discovered } from '../era/translation.ts'
import { BridgeError, isBridgeError, redacted } from '../errors.ts'
import type { Sink } from '../lane.ts'
import type { Log } from '../log.ts'
import { withId } from '../message/edit.ts'
import type { Envelope } from '../message/envelope.ts'
import { answerEmpty, cancelledId, refusal, refuse } from '../message/message.ts'
import { find, readString } from '../message/peek.ts'
import type { EraChoice } from '../options/options.ts'
import { backoff } from '../remote/backoff.ts'
import { createHeld } from '../remote/held.ts'
import type { ModernRemote } from '../remote/modern/modern-remote.ts'
import type { Left, Remote } from '../remote/remote-face.ts'
import { createStandIn } from '../remote/stand-in.ts'
import { patienceMs, resultText } from '../remote/start.ts'
import { createStop, LEFT, stopNow } from '../remote/stop.ts'
import { delay } from '../remote/time.ts'
import { createTold } from '../remote/told.ts'
import { type Discovery, discover } from './discovery.ts'
import { mayBeModern } from './verdict.ts'

/** How long a modern remote that is only expected may be silent before the legacy era is tried. */
const SILENCE_MS = 2000

export interface LegacyHostSettings {
  readonly toHost: Sink
  readonly log: Log
  /** The remote's host name, for sentences. */
  readonly host: string
  /** 0: never. */
  readonly startBudgetMs: number
  readonly choice: EraChoice
  /** What is remembered of the remote. */
  readonly expected: Era | undefined
  /** The remote that there is, in the host's own era. */
  readonly legacy: Remote
  readonly makeModern: (toHost: Sink) => ModernRemote
  readonly makeTranslation: (
    settings: Omit<LegacyToModernSettings, 'log' | 'host' | 'newId'>,
  ) => LegacyToModern
  /** What the remote said of itself at an earlier start. */
  readonly recall: () => Promise<string | undefined>
  readonly remember: (era: Era, initializeResult: string | undefined) => void
}

export interface LegacyHost {
  readonly toRemote: Sink
  /** Whether the remote, which has refused a legacy `initialize` so, speaks the modern era; then `takeOver` goes on. */
  isModern(
    initialize: Envelope,
    answer: Envelope | undefined,
    error: BridgeError | undefined,
  ): Promise<boolean>
  /** Goes on with what the legacy remote has left. */
  takeOver(left: Left): void
  inputEnded(): void
  idle(): Promise<void>
  close(): Promise<void>
}

/** `legacy`: nothing is translated. `asking`: the remote is being asked for its era. `none`: there is no common version. */
type State = 'legacy' | 'asking' | 'modern' | 'none'

export function createLegacyHost(settings: LegacyHostSettings): LegacyHost {
  const { toHost, log, host, choice, legacy } = settings
  const prefersModern = choice === 'modern' || choice === 'prefer-modern'
  let expectsModern = prefersModern || settings.expected === 'modern'
  let state: State = 'legacy'
  let translation: LegacyToModern | undefined
  let found: Exclude<Discovery, { kind: 'legacy' }> | undefined
  let hasInputEnded = false
  let question = createStop()
  let pause = createStop()
  const held = createHeld()
  const told = createTold()
  const standIn = createStandIn({ ...settings, told })
  const modern = settings.makeModern((envelope) => translation?.fromRemote(envelope))

  const toRemote: Sink = (envelope) => {
    if (envelope.kind === 'request' && envelope.method === 'initialize') return begin(envelope)
    switch (state) {
      case 'legacy':
        return legacy.toRemote(envelope)
      case 'modern':
        return translation!.fromHost(envelope)
      case 'asking':
        return hold(envelope)
      case 'none':
        if (envelope.kind === 'request') toHost(noCommonVersion(envelope))
    }
  }

  function begin(initialize: Envelope): void {
    const wasModern = state === 'modern'
    stopNow(question, LEFT)
    void translation?.close()
    translation = undefined
    if (!wasModern && !expectsModern) {
      state = 'legacy'
      return legacy.toRemote(initialize)
    }
    state = 'asking'
    question = createStop()
    void ask(initialize)
  }

  /** The modern era first. */
  async function ask(initialize: Envelope): Promise<void> {
    const mine = question
    let isAnswered = false
    if (choice === 'modern')
      standIn.begin(
        initialize,
        () => mine === question && state === 'asking',
        (answer) => {
          isAnswered = true
          toHost(answer)
          for (const envelope of held.takeAll()) holdFor(envelope)
        },
      )
    for (let attempt = 1; ; attempt++) {
      const silence = choice === 'modern' ? undefined : setTimeout(() => stopNow(mine, LEFT), SILENCE_MS)
      const outcome = await discover(modern, initialize, mine)
      clearTimeout(silence)
      if (mine !== question) return
      if (outcome.kind === 'modern' || outcome.kind === 'unsupported') {
        found = outcome
        return takeOver({ initialize, isAnswered, isInitialized: false, held: held.takeAll() })
      }
      if (choice !== 'modern') return fallBack(initialize)
      if (outcome.kind !== 'unreachable' || (hasInputEnded && attempt > 2))
        return refuseAll(initialize, outcome, isAnswered)
      standIn.delayed = outcome.error
      pause = createStop()
      await delay(backoff(attempt), pause)
    }
  }

  /** What is only expected or preferred has not come true: the legacy remote finds out what there is. */
  function fallBack(initialize: Envelope): void {
    expectsModern = prefersModern
    state = 'legacy'
    legacy.toRemote(initialize)
    for (const envelope of held.takeAll()) legacy.toRemote(envelope)
  }

  function hold(envelope: Envelope): void {
    const id = envelope.method === 'notifications/cancelled' ? cancelledId(envelope) : undefined
    if (id !== undefined && held.take(id) !== undefined) return
    if (standIn.hasAnswered) holdFor(envelope)
    else held.push(envelope)
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
    held.push(envelope, { waitMs: patienceMs(envelope.method!), late })
  }

  function refuseAll(
    initialize: Envelope,
    outcome: Extract<Discovery, { kind: 'legacy' | 'refused' | 'unreachable' }>,
    isAnswered: boolean,
  ): void {
    standIn.end()
    const error =
      outcome.error ??
      new BridgeError('protocol', `${host} does not speak the modern era (--remote-era modern)`)
    log.error(error.message)
    state = 'none'
    for (const { id, kind } of [...(isAnswered ? [] : [initialize]), ...held.takeAll()])
      if (kind === 'request') toHost(refusal(id!, redacted(error, log.redact)))
  }

  async function isModern(
    initialize: Envelope,
    answer: Envelope | undefined,
    error: BridgeError | undefined,
  ): Promise<boolean> {
    if (!mayBeModern(answer, error)) return false
    question = createStop()
    const outcome = await discover(modern, initialize, question)
    found = outcome.kind === 'modern' || outcome.kind === 'unsupported' ? outcome : undefined
    return found !== undefined
  }

  function takeOver({ initialize, isAnswered, isInitialized, held: waiting }: Left): void {
    standIn.end()
    if (found?.kind !== 'modern') {
      state = 'none'
      const requests = [...(isAnswered ? [] : [initialize]), ...waiting].filter(
        ({ kind }) => kind === 'request',
      )
      for (const request of requests) toHost(noCommonVersion(request))
      return
    }
    const { discovered } = found
    state = 'modern'
    log.debug('the remote speaks the modern era: messages are translated', { version: discovered.version })
    const opened = settings.makeTranslation({
      initialize,
      discovered,
      isAnswered,
      isInitialized,
      toHost(envelope) {
        if (envelope.kind === 'response' && envelope.id?.key === initialize.id?.key)
          settings.remember('modern', resultText(envelope))
        toHost(envelope)
      },
      toRemote: modern.toRemote,
      rediscover: () => rediscover(initialize),
    })
    if (isAnswered) settings.remember('modern', undefined)
    translation = opened
    for (const envelope of waiting) opened.fromHost(envelope)
    if (hasInputEnded) opened.inputEnded()
  }

  async function rediscover(initialize: Envelope): Promise<Discovered | undefined> {
    const outcome = await discover(modern, initialize, question)
    return outcome.kind === 'modern' ? outcome.discovered : undefined
  }

  /** The legacy shape of "there is no version that both of us speak" (25/L Error Handling). */
  function noCommonVersion(request: Envelope): Envelope {
    if (found?.kind !== 'unsupported')
      return refusal(
        request.id!,
        new BridgeError('protocol', `${host} speaks no version that the host speaks`),
      )
    const { supported, answer } = found
    const isKnown = supported.length === 0 || supported.some((version) => MODERN_VERSIONS.includes(version))
    // It refuses for another reason, in its own words.
    if (isKnown) return withId(answer, request.id!)
    const message = `mcp-ferry: ${host} speaks ${supported.join(', ')} only, which mcp-ferry does not know; a newer mcp-ferry may`
    const requested =
      request.shape.params &&
      readString(request.bytes, find(request.bytes, request.shape.params, 'protocolVersion'))
    return refuse(request.id, { code: -32602, message, data: { supported, requested, origin: 'mcp-ferry' } })
  }

  return {
    toRemote,
    isModern,
    takeOver,
    inputEnded() {
      hasInputEnded = true
      stopNow(pause, LEFT)
      legacy.inputEnded()
      translation?.inputEnded()
    },
    idle: () => Promise.all([legacy.idle(), modern.idle()]).then(() => {}),
    async close() {
      standIn.end()
      stopNow(question, LEFT)
      await Promise.all([legacy.close(), translation?.close()])
      modern.close()
    },
  }
}
