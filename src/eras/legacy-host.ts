// What a legacy host has on the other side: its own era, if the remote speaks it; a translation where the remote has
// turned out to speak the modern era alone, or the user prefers that. protocol.md D.1, F.3, F.6, 0.12.
import type { Era } from '../era/era.ts'
import type { LegacyToModern, LegacyToModernSettings } from '../era/to-modern/legacy-to-modern.ts'
import type { Discovered } from '../era/translation.ts'
import { BridgeError, redacted, restarted } from '../errors.ts'
import type { Sink } from '../lane.ts'
import type { Log } from '../log.ts'
import type { Envelope } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { cancelledId, refusal } from '../message/message.ts'
import type { EraChoice } from '../options/options.ts'
import { moved } from '../remote/failures.ts'
import { isInitialized as isInitializedNotification } from '../remote/gate.ts'
import type { ModernRemote } from '../remote/modern/modern-remote.ts'
import type { Left, Remote, RemoteSettings } from '../remote/remote-face.ts'
import { resultText } from '../remote/session.ts'
import { createStop, LEFT, stopNow } from '../remote/stop.ts'
import { createDemotion, type Demotion } from './demotion.ts'
import { type Discovery, discover } from './discovery.ts'
import { createFading } from './fading.ts'
import { askFirst, type FirstQuestion } from './first-question.ts'
import type { HiddenSessionSettings } from './hidden-session.ts'
import { noCommonVersion } from './unsupported.ts'
import { isLegacyOnly, mayBeModern } from './verdict.ts'

export interface LegacyHostSettings {
  readonly toHost: Sink
  readonly log: Log
  readonly weigh: RemoteSettings['weigh']
  /** The remote's host name, for sentences. */
  readonly host: string
  /** 0: never. */
  readonly startBudgetMs: number
  readonly choice: EraChoice
  /** What is remembered of the remote. */
  readonly expected: Era | undefined
  /** The remote that there is, in the host's own era. */
  readonly legacy: Remote
  /** Makes another one. */
  readonly makeLegacy: HiddenSessionSettings['makeLegacy']
  readonly makeModern: (toHost: Sink) => ModernRemote
  readonly makeTranslation: (
    settings: Omit<LegacyToModernSettings, 'log' | 'host' | 'ownExtensions' | 'newId'>,
  ) => LegacyToModern
  /** What the remote said of itself at an earlier start. */
  readonly recall: () => Promise<string | undefined>
  readonly waitsFor: () => BridgeError | undefined
  readonly ownExtensions: readonly string[]
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

type State =
  /** Nothing is translated. */
  | { readonly kind: 'legacy' }
  /** The remote is being asked for its era. */
  | { readonly kind: 'asking'; readonly question: FirstQuestion }
  | { readonly kind: 'modern'; readonly translation: LegacyToModern; readonly demotion: Demotion }
  /** There is nothing to speak with. `stoodIn`: the host's handshake, where only a stand-in has answered it. */
  | {
      readonly kind: 'none'
      readonly refused: (request: Envelope) => Envelope
      readonly stoodIn?: Envelope | undefined
    }

export function createLegacyHost(settings: LegacyHostSettings): LegacyHost {
  const { log, host, choice, ownExtensions } = settings
  let { legacy } = settings
  const prefersModern = choice === 'modern' || choice === 'prefer-modern'
  let expectsModern = prefersModern || settings.expected === 'modern'
  let state: State = { kind: 'legacy' }
  /** What the remote was found to be, for `takeOver`. */
  let found: Extract<Discovery, { kind: 'modern' | 'unsupported' }> | undefined
  let hasInputEnded = false
  let hasInitialized = false
  const closing = createStop()
  const modern = settings.makeModern((envelope) => {
    // The translation finds other words for it.
    saidLegacy ||= isLegacyOnly(envelope)
    if (state.kind === 'modern') state.translation.fromRemote(envelope)
  })
  const pending = createIdTable<Envelope>()
  const hasFaded = createFading()
  let saidLegacy = false

  const toHost: Sink = (envelope) => {
    if (envelope.kind === 'response' && envelope.id !== undefined) pending.delete(envelope.id)
    settings.toHost(envelope)
  }

  const toRemote: Sink = (envelope) => {
    if (envelope.kind === 'request' && envelope.method === 'initialize') begin(envelope)
    else pass(envelope)
  }

  function pass(envelope: Envelope): void {
    if (envelope.kind === 'request' && state.kind !== 'legacy') pending.set(envelope.id!, envelope)
    const cancelled = cancelledId(envelope)
    if (cancelled !== undefined) pending.delete(cancelled)
    switch (state.kind) {
      case 'legacy':
        return legacy.toRemote(envelope)
      case 'modern':
        return state.translation.fromHost(envelope)
      case 'asking':
        return state.question.hold(envelope)
      case 'none':
        if (envelope.kind !== 'request') return
        if (state.stoodIn === undefined) return toHost(state.refused(envelope))
        return ask(state.stoodIn, true).hold(envelope)
    }
  }

  function begin(initialize: Envelope): void {
    const wasModern = state.kind === 'modern'
    if (state.kind === 'asking') state.question.stop()
    leaveModern()
    for (const { id } of pending.values()) toHost(refusal(id!, restarted()))
    hasInitialized = false
    if (!wasModern && !expectsModern) {
      state = { kind: 'legacy' }
      return legacy.toRemote(initialize)
    }
    pending.set(initialize.id!, initialize)
    ask(initialize, false)
  }

  function ask(initialize: Envelope, isAnswered: boolean): FirstQuestion {
    const question = askFirst({
      ...settings,
      toHost,
      initialize,
      isAnswered,
      modern,
      isFixed: choice === 'modern',
      onModern(outcome, left) {
        found = outcome
        takeOver(left)
      },
      onOther: fallBack,
    })
    state = { kind: 'asking', question }
    return question
  }

  /** What was expected or preferred has not come true: the legacy remote finds out what there is. */
  function fallBack(error: BridgeError | undefined, left: Left): void {
    if (choice === 'modern') return giveUp(error, left)
    state = { kind: 'legacy' }
    expectsModern = prefersModern
    pending.clear()
    for (const message of [left.initialize, ...left.held]) pass(message)
  }

  /** Nothing else may be tried. A host that has been answered by a stand-in goes on asking, and so do we. */
  function giveUp(error: BridgeError | undefined, { initialize, isAnswered, held }: Left): void {
    const failure =
      error ?? new BridgeError('protocol', `${host} does not speak the modern era (--remote-era modern)`)
    const refused = ({ id }: Envelope) => refusal(id!, redacted(failure, log.redact))
    state = { kind: 'none', refused, stoodIn: isAnswered ? initialize : undefined }
    log.error(failure.message)
    hasInitialized ||= held.some(isInitializedNotification)
    for (const message of held) if (message.kind === 'request') toHost(refused(message))
    if (!isAnswered) toHost(refused(initialize))
  }

  async function isModern(
    initialize: Envelope,
    answer: Envelope | undefined,
    error: BridgeError | undefined,
  ): Promise<boolean> {
    if (!mayBeModern(answer, error)) return false
    const outcome = await askEra(initialize)
    found = outcome.kind === 'modern' || outcome.kind === 'unsupported' ? outcome : undefined
    return found !== undefined
  }

  function takeOver({ initialize, isAnswered, isInitialized, held: waiting }: Left): void {
    const outcome = found
    if (outcome?.kind !== 'modern') {
      const refused = (request: Envelope) =>
        outcome === undefined ? refusal(request.id!, moved()) : noCommonVersion(request, { ...outcome, host })
      state = { kind: 'none', refused }
      for (const message of [...(isAnswered ? [] : [initialize]), ...waiting]) pass(message)
      return
    }
    const { discovered } = outcome
    log.debug('the remote speaks the modern era: messages are translated', { version: discovered.version })
    const translation = settings.makeTranslation({
      initialize,
      discovered,
      isAnswered,
      isInitialized: isInitialized || hasInitialized,
      toHost: (envelope) => fromTranslation(envelope, initialize),
      toRemote: modern.toRemote,
      rediscover: () => rediscover(initialize),
    })
    if (isAnswered) settings.remember('modern', undefined)
    const demotion = createDemotion({
      toHost,
      initialize,
      askEra: () => askEra(initialize),
      makeLegacy: settings.makeLegacy,
      hooks: {
        isOtherEra: (answer, error) => isModern(initialize, answer, error),
        onMoved: takeOver,
        onForward: pass,
      },
      onMoved: moveTo,
    })
    state = { kind: 'modern', translation, demotion }
    for (const envelope of waiting) pass(envelope)
    if (hasInputEnded) translation.inputEnded()
  }

  function fromTranslation(envelope: Envelope, initialize: Envelope): void {
    if (envelope.kind !== 'response' || envelope.id === undefined) return toHost(envelope)
    if (envelope.id.key === initialize.id?.key) settings.remember('modern', resultText(envelope))
    const request = pending.get(envelope.id)
    const isFading = hasFaded(envelope) || (saidLegacy && envelope.shape.error !== undefined)
    const isOver = choice !== 'modern' && isFading && request !== undefined
    if (!isOver || state.kind !== 'modern' || state.demotion.isUnderWay) return toHost(envelope)
    saidLegacy = false
    state.demotion.begin(request, envelope)
  }

  function leaveModern(): void {
    if (state.kind !== 'modern') return
    void state.translation.close()
    void state.demotion.stop()
  }

  function moveTo(opened: Remote, refused: Envelope): void {
    log.info('the remote does not speak the modern era any more: a legacy session is used')
    leaveModern()
    state = { kind: 'legacy' }
    void legacy.close()
    legacy = opened
    if (hasInputEnded) opened.inputEnded()
    settings.remember('legacy', undefined)
    const isWanted = pending.delete(refused.id!)
    for (const { id } of pending.values()) toHost(refusal(id!, moved()))
    if (isWanted) opened.toRemote(refused)
  }

  function askEra(initialize: Envelope): Promise<Discovery> {
    return discover(modern, { initialize, ownExtensions }, closing)
  }

  async function rediscover(initialize: Envelope): Promise<Discovered | undefined> {
    const outcome = await askEra(initialize)
    return outcome.kind === 'modern' ? outcome.discovered : undefined
  }

  return {
    toRemote,
    isModern,
    takeOver,
    inputEnded() {
      hasInputEnded = true
      if (state.kind === 'asking') state.question.inputEnded()
      legacy.inputEnded()
      if (state.kind === 'modern') state.translation.inputEnded()
    },
    idle: () => Promise.all([legacy.idle(), modern.idle()]).then(() => {}),
    async close() {
      if (state.kind === 'asking') state.question.stop()
      stopNow(closing, LEFT)
      const left = state.kind === 'modern' ? [state.demotion.stop(), state.translation.close()] : []
      await Promise.all([legacy.close(), ...left])
      modern.close()
    },
  }
}
