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

/** `legacy`: nothing is translated. `asking`: the remote is being asked for its era. `none`: there is no common version. */
type State = 'legacy' | 'asking' | 'modern' | 'none'

export function createLegacyHost(settings: LegacyHostSettings): LegacyHost {
  const { log, host, choice, ownExtensions } = settings
  let { legacy } = settings
  const prefersModern = choice === 'modern' || choice === 'prefer-modern'
  let expectsModern = prefersModern || settings.expected === 'modern'
  let state: State = 'legacy'
  let translation: LegacyToModern | undefined
  let found: Exclude<Discovery, { kind: 'legacy' }> | undefined
  let hasInputEnded = false
  let question: FirstQuestion | undefined
  /** The host's handshake, where only a stand-in has answered it, and the remote was not what it should be. */
  let stoodIn: Envelope | undefined
  let hasInitialized = false
  /** Why there is nothing to speak with. */
  let failure: BridgeError | undefined
  const closing = createStop()
  const modern = settings.makeModern((envelope) => {
    // The translation finds other words for it.
    saidLegacy ||= isLegacyOnly(envelope)
    translation?.fromRemote(envelope)
  })
  const pending = createIdTable<Envelope>()
  const hasFaded = createFading()
  /** Of the translation that there is. */
  let demotion: Demotion | undefined
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
    if (envelope.kind === 'request' && state !== 'legacy') pending.set(envelope.id!, envelope)
    const cancelled = envelope.method === 'notifications/cancelled' ? cancelledId(envelope) : undefined
    if (cancelled !== undefined) pending.delete(cancelled)
    switch (state) {
      case 'legacy':
        return legacy.toRemote(envelope)
      case 'modern':
        return translation!.fromHost(envelope)
      case 'asking':
        return question!.hold(envelope)
      case 'none':
        if (envelope.kind !== 'request') return
        if (stoodIn === undefined) return toHost(refused(envelope))
        ask(stoodIn, true)
        return question!.hold(envelope)
    }
  }

  function begin(initialize: Envelope): void {
    const wasModern = state === 'modern'
    question?.stop()
    leaveModern()
    for (const { id } of pending.values()) toHost(refusal(id!, restarted()))
    hasInitialized = false
    if (!wasModern && !expectsModern) {
      state = 'legacy'
      return legacy.toRemote(initialize)
    }
    pending.set(initialize.id!, initialize)
    ask(initialize, false)
  }

  function ask(initialize: Envelope, isAnswered: boolean): void {
    state = 'asking'
    stoodIn = undefined
    question = askFirst({
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
  }

  /** What was expected or preferred has not come true: the legacy remote finds out what there is. */
  function fallBack(error: BridgeError | undefined, left: Left): void {
    question = undefined
    if (choice === 'modern') return giveUp(error, left)
    state = 'legacy'
    expectsModern = prefersModern
    pending.clear()
    for (const message of [left.initialize, ...left.held]) pass(message)
  }

  /** Nothing else may be tried. A host that has been answered by a stand-in goes on asking, and so do we. */
  function giveUp(error: BridgeError | undefined, { initialize, isAnswered, held }: Left): void {
    state = 'none'
    failure =
      error ?? new BridgeError('protocol', `${host} does not speak the modern era (--remote-era modern)`)
    log.error(failure.message)
    hasInitialized ||= held.some(isInitializedNotification)
    for (const message of held) if (message.kind === 'request') toHost(refused(message))
    if (isAnswered) stoodIn = initialize
    else toHost(refused(initialize))
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
    question = undefined
    if (found?.kind !== 'modern') {
      state = 'none'
      for (const message of [...(isAnswered ? [] : [initialize]), ...waiting]) pass(message)
      return
    }
    const { discovered } = found
    state = 'modern'
    log.debug('the remote speaks the modern era: messages are translated', { version: discovered.version })
    const opened = settings.makeTranslation({
      initialize,
      discovered,
      isAnswered,
      isInitialized: isInitialized || hasInitialized,
      toHost: (envelope) => fromTranslation(envelope, initialize),
      toRemote: modern.toRemote,
      rediscover: () => rediscover(initialize),
    })
    if (isAnswered) settings.remember('modern', undefined)
    translation = opened
    demotion = createDemotion({
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
    for (const envelope of waiting) pass(envelope)
    if (hasInputEnded) opened.inputEnded()
  }

  function fromTranslation(envelope: Envelope, initialize: Envelope): void {
    if (envelope.kind !== 'response' || envelope.id === undefined) return toHost(envelope)
    if (envelope.id.key === initialize.id?.key) settings.remember('modern', resultText(envelope))
    const request = pending.get(envelope.id)
    const isFading = hasFaded(envelope) || (saidLegacy && envelope.shape.error !== undefined)
    const isOver = choice !== 'modern' && isFading && demotion?.isUnderWay === false
    if (!isOver || request === undefined) return toHost(envelope)
    saidLegacy = false
    demotion?.begin(request, envelope)
  }

  function leaveModern(): void {
    void translation?.close()
    void demotion?.stop()
    translation = undefined
    demotion = undefined
  }

  function moveTo(opened: Remote, refused: Envelope): void {
    log.info('the remote does not speak the modern era any more: a legacy session is used')
    state = 'legacy'
    leaveModern()
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

  function refused(request: Envelope): Envelope {
    return found?.kind === 'unsupported'
      ? noCommonVersion(request, { ...found, host })
      : refusal(request.id!, redacted(failure ?? moved(), log.redact))
  }

  return {
    toRemote,
    isModern,
    takeOver,
    inputEnded() {
      hasInputEnded = true
      question?.inputEnded()
      legacy.inputEnded()
      translation?.inputEnded()
    },
    idle: () => Promise.all([legacy.idle(), modern.idle()]).then(() => {}),
    async close() {
      question?.stop()
      stopNow(closing, LEFT)
      await Promise.all([legacy.close(), demotion?.stop(), translation?.close()])
      modern.close()
    },
  }
}
