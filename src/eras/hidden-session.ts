// A legacy session for a legacy host that has shaken hands already, with a translation or with its stand-in: it is opened
// by the host's own `initialize`, whose second answer the host does not see. protocol.md F.6.
import { versionOf } from '../era/to-legacy/legacy-session.ts'
import type { Sink } from '../lane.ts'
import type { Envelope } from '../message/envelope.ts'
import { notification } from '../message/message.ts'
import type { Remote, RemoteSettings } from '../remote/remote-face.ts'

/** What becomes of a legacy remote that goes over to the modern era. */
export type EraHooks = {
  readonly [Hook in 'isOtherEra' | 'onMoved' | 'onForward']: NonNullable<RemoteSettings[Hook]>
}

export interface HiddenSessionSettings {
  /** The host's own. */
  readonly initialize: Envelope
  /** The version that the host has been told. */
  readonly version: string
  readonly makeLegacy: (toHost: Sink, hooks: EraHooks) => Remote
  readonly toHost: Sink
  /** Of the session once it is open. */
  readonly hooks: EraHooks
  /** It is open, and speaks that version; or not. */
  readonly onAnswer: (isOpen: boolean) => void
}

/** Begins to open the session; messages for it may be given at once, and wait. */
export function openHidden(settings: HiddenSessionSettings): Remote {
  const { initialize, version, toHost, hooks, onAnswer } = settings
  let isOpen = false
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    onAnswer(false)
  }, OPEN_MS).unref()
  const hear: Sink = (envelope) => {
    const isAnswer = !isOpen && envelope.kind === 'response' && envelope.id?.key === initialize.id?.key
    if (isLate) return
    if (!isAnswer) return toHost(envelope)
    clearTimeout(timer)
    isOpen = versionOf(envelope) === version
    if (isOpen) remote.toRemote(INITIALIZED)
    onAnswer(isOpen)
  }
  // While it is being opened, the remote has just been asked for its era.
  const isOtherEra: EraHooks['isOtherEra'] = async (answer, error) =>
    isOpen && hooks.isOtherEra(answer, error)
  const remote = settings.makeLegacy(hear, { ...hooks, isOtherEra })
  remote.toRemote(initialize)
  return remote
}

/** Who waits for it has waited long already. */
const OPEN_MS = 30_000
const INITIALIZED = notification('notifications/initialized')
