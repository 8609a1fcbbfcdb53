// What a modern host has on the other side: its own era, if the remote speaks it, else a translation. Until that is known
// its requests wait, each for as long as it may. protocol.md E.1, F.3, F.6, 0.12.
import { ACKNOWLEDGED, LIST_KINDS } from '../era/changes.ts'
import { ERA_CODE } from '../era/codes.ts'
import { type Era, LEGACY_VERSIONS, modernVersion } from '../era/era.ts'
import type { ModernToLegacy } from '../era/to-legacy/modern-to-legacy.ts'
import { type BridgeError, redacted } from '../errors.ts'
import type { Sink } from '../lane.ts'
import type { Log } from '../log.ts'
import { withId } from '../message/edit.ts'
import type { Envelope, Id } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { CODE, cancelledId, refusal, refuse } from '../message/message.ts'
import { moved, notThere } from '../remote/failures.ts'
import { createHeld } from '../remote/held.ts'
import type { ModernRemote } from '../remote/modern/modern-remote.ts'
import type { RemoteSettings } from '../remote/remote-face.ts'
import { isSafe } from '../remote/retry.ts'
import { patienceMs } from '../remote/start.ts'
import { createDecision, type Decision } from './decision.ts'
import { createFading } from './fading.ts'
import { createMadeUp } from './made-up.ts'
import { emptyModernList, provisionalDiscovery } from './modern-stand-in.ts'
import { lacksHandshake } from './verdict.ts'

export interface ModernHostSettings {
  readonly toHost: Sink
  readonly log: Log
  readonly weigh: RemoteSettings['weigh']
  /** The remote's host name, for sentences. */
  readonly host: string
  /** 0: never. */
  readonly startBudgetMs: number
  /** Whether the host is sent back to the legacy era by a legacy remote. */
  readonly declines: boolean
  /** What the user says, or what is remembered. */
  readonly expected: Era | undefined
  /** Whether the user says it. */
  readonly isFixed: boolean
  readonly makeModern: (toHost: Sink) => ModernRemote
  readonly makeTranslation: (toHost: Sink, onOtherEra: () => void) => ModernToLegacy
  /** What the remote said of itself at an earlier start. */
  readonly recall: () => Promise<string | undefined>
  /** What somebody has to do before the remote can be open: sign in. */
  readonly waitsFor: () => BridgeError | undefined
  readonly remember: (era: Era) => void
}

export interface ModernHost {
  /** Whether a request of the host's under this id is under way. */
  owns(id: Id): boolean
  readonly toRemote: Sink
  inputEnded(): void
  idle(): Promise<void>
  close(): Promise<void>
}

/** `new`: nothing known. `deciding`: the remote is being asked. The rest: known, for now. */
type State = 'new' | 'deciding' | 'modern' | 'legacy' | 'declined'

export function createModernHost(settings: ModernHostSettings): ModernHost {
  const { toHost, log, host, waitsFor } = settings
  let state: State = 'new'
  const pending = createIdTable<Envelope>()
  const held = createHeld(settings.weigh)
  const madeUp = createMadeUp()
  let decision: Decision | undefined
  let translation: ModernToLegacy | undefined
  let opening: Promise<Envelope> | undefined
  let budget: NodeJS.Timeout | undefined
  let isProvisional = false
  let hasInputEnded = false
  let hasFaded = createFading()
  /** Sent once more after the remote was asked anew, or over: what the remote says of them then, it says. */
  const repeated = new WeakSet<Envelope>()
  /** What is tried first; what has shown itself wrong is not expected again. */
  let { expected } = settings
  const modern = settings.makeModern(fromModern)

  const toRemote: Sink = (envelope) => {
    if (envelope.kind === 'request') pending.set(envelope.id!, envelope)
    const cancelled = cancelledId(envelope)
    if (cancelled !== undefined) pending.delete(cancelled)
    if (cancelled !== undefined && held.take(cancelled) !== undefined) return
    switch (state) {
      case 'modern':
        return modern.toRemote(envelope)
      case 'legacy':
        return translation!.fromHost(envelope)
      case 'declined':
        return decline(envelope)
      case 'new':
      case 'deciding':
        hold(envelope)
        if (state === 'new' && envelope.kind === 'request') decide(envelope)
    }
  }

  /** Why the remote is not there yet, if that is known. */
  function delayed(): BridgeError | undefined {
    return waitsFor() ?? decision?.delayed
  }

  function answer(envelope: Envelope): void {
    if (envelope.kind === 'response' && envelope.id !== undefined) pending.delete(envelope.id)
    toHost(envelope)
    if (envelope.method === ACKNOWLEDGED) for (const change of madeUp.changesFor(envelope)) toHost(change)
  }

  function hold(envelope: Envelope): void {
    if (!isProvisional || envelope.kind !== 'request') return held.push(envelope)
    decision?.poke()
    if (envelope.method === 'server/discover') return void standIn(envelope)
    // It has no end by itself, and so waits without one.
    if (envelope.method === 'subscriptions/listen') return held.push(envelope)
    const late = (): void => {
      const empty = emptyModernList(envelope)
      if (empty !== undefined) madeUp.note([empty.kind])
      answer(empty?.answer ?? refusal(envelope.id!, notThere(host, delayed())))
    }
    held.push(envelope, { waitMs: patienceMs(envelope.method!, waitsFor() !== undefined), late })
  }

  async function standIn(request: Envelope): Promise<void> {
    const remembered = await settings.recall()
    const why = log.redact(delayed()?.message ?? 'it has not answered yet')
    if (pending.get(request.id!) !== request) return
    madeUp.note(LIST_KINDS)
    answer(provisionalDiscovery(request, { host, why, remembered }))
  }

  function decide(first: Envelope): void {
    state = 'deciding'
    if (settings.startBudgetMs > 0) budget = setTimeout(timeIsUp, settings.startBudgetMs)
    decision = createDecision({
      first,
      expected,
      isFixed: settings.isFixed,
      log,
      waitsFor,
      ask: modern.ask,
      waits: () => !hasInputEnded,
      openLegacy: (request, isSaid) =>
        settings.declines && isSaid ? Promise.resolve(undefined) : openLegacy(request),
      onModern: (discovery) => settle('modern', first, discovery),
      onLegacy: () => settle(settings.declines ? 'declined' : 'legacy', first, undefined),
      onFailed: fail,
    })
  }

  /** Once at a time: whoever asks while a session is being opened, even an earlier decision, waits for that. */
  function openLegacy(request: Envelope): Promise<Envelope | undefined> {
    if (translation === undefined) {
      translation = settings.makeTranslation(answer, isUpgraded)
      if (hasInputEnded) translation.inputEnded()
    }
    if (opening === undefined) {
      const mine = translation.open(request)
      const over = (): void => {
        if (opening === mine) opening = undefined
      }
      opening = mine
      mine.then(over, over)
    }
    return opening.then((response) =>
      response.shape.result === undefined ? withId(response, request.id!) : undefined,
    )
  }

  function timeIsUp(): void {
    isProvisional = true
    log.warn(
      `${host} is not connected yet, and is tried again and again: ${delayed()?.message ?? 'it has not answered yet'}`,
    )
    for (const envelope of held.takeAll()) hold(envelope)
  }

  function leaveLegacy(): void {
    void translation?.close()
    translation = undefined
    opening = undefined
  }

  function undecide(): void {
    clearTimeout(budget)
    decision = undefined
    isProvisional = false
  }

  /** `discovery`: the remote's answer to the first request, if that was the question. */
  function settle(
    era: 'modern' | 'legacy' | 'declined',
    first: Envelope,
    discovery: Envelope | undefined,
  ): void {
    undecide()
    state = era
    hasFaded = createFading()
    const spoken = era === 'modern' ? 'modern' : 'legacy'
    // What was expected has been asked for first, and nothing else: it is known no better than before.
    if (spoken !== expected) settings.remember(spoken)
    log.debug('the era of the remote is known', { era })
    if (era !== 'legacy') leaveLegacy()
    if (discovery !== undefined && held.take(first.id!) !== undefined) answer(discovery)
    for (const envelope of held.takeAll()) toRemote(envelope)
  }

  function fail(error: BridgeError, words: Envelope | undefined, first: Envelope): void {
    undecide()
    state = 'new'
    log.error(error.message)
    for (const envelope of held.takeAll()) {
      if (envelope.kind !== 'request') continue
      const isTheirs = words !== undefined && envelope.id!.key === first.id!.key
      answer(isTheirs ? words : refusal(envelope.id!, redacted(error, log.redact)))
    }
  }

  /** What a modern remote says; one that has become legacy is found out by it (F.6). */
  function fromModern(envelope: Envelope): void {
    // A subscription that the host has been told to be over is not begun again.
    const over = cancelledId(envelope)
    const ended = over && pending.get(over)
    if (ended !== undefined) repeated.add(ended)
    if (envelope.kind !== 'response' || settings.isFixed) return answer(envelope)
    const request = envelope.id && pending.get(envelope.id)
    if (request === undefined || repeated.has(request)) return answer(envelope)
    // Several may have been sent before the first of them was refused.
    const isFollower = state === 'deciding' && lacksHandshake(envelope)
    if (!isFollower && (state !== 'modern' || !hasFaded(envelope))) return answer(envelope)
    repeated.add(request)
    if (isFollower) return toRemote(request)
    log.info('the remote does not speak the modern era any more')
    expected = undefined
    state = 'new'
    toRemote(request)
  }

  /** The legacy remote has been updated to the modern era (F.6). */
  function isUpgraded(): void {
    if (state !== 'legacy') return
    log.info('the remote speaks the modern era now')
    expected = undefined
    leaveLegacy()
    state = 'new'
    for (const request of pending.values()) {
      // What may run twice is asked again in the other era; of the rest nobody can tell whether it has run.
      if (isSafe(request.method!)) toRemote(request)
      else answer(refusal(request.id!, moved()))
    }
  }

  function decline(envelope: Envelope): void {
    if (envelope.kind !== 'request') return
    if (envelope.method === 'server/discover') {
      const message = 'mcp-ferry: the remote does not speak this era (--modern-host decline); use initialize'
      return answer(refuse(envelope.id, { code: CODE.methodNotFound, message }))
    }
    const message =
      'mcp-ferry: the remote does not speak this version (--modern-host decline); use initialize'
    const data = { supported: [...LEGACY_VERSIONS].reverse(), requested: modernVersion(envelope) }
    answer(refuse(envelope.id, { code: ERA_CODE.unsupportedVersion, message, data }))
  }

  return {
    owns: (id) => pending.get(id) !== undefined,
    toRemote,
    inputEnded() {
      hasInputEnded = true
      decision?.poke()
      modern.inputEnded()
      translation?.inputEnded()
    },
    idle: () => Promise.all([modern.idle(), translation?.idle()]).then(() => {}),
    async close() {
      decision?.stop()
      undecide()
      modern.close()
      await translation?.close()
    },
  }
}
