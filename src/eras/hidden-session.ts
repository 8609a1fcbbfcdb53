// A legacy session for a legacy host that has shaken hands already, with a translation or with its stand-in: it is opened
// by the host's own `initialize`, whose second answer the host does not see. protocol.md F.6.
import type { Sink } from '../lane.ts'
import type { Envelope } from '../message/envelope.ts'
import { notification } from '../message/message.ts'
import { find, readString } from '../message/peek.ts'
import type { Remote } from '../remote/remote-face.ts'

export interface HiddenSessionSettings {
  /** The host's own. */
  readonly initialize: Envelope
  /** The version that the host has been told. */
  readonly version: string
  readonly makeLegacy: (toHost: Sink) => Remote
  readonly toHost: Sink
  /** It is open, and speaks that version; or not. */
  readonly onAnswer: (isOpen: boolean) => void
}

/** Begins to open the session; messages for it may be given at once, and wait. */
export function openHidden(settings: HiddenSessionSettings): Remote {
  const { initialize, version, toHost, onAnswer } = settings
  let isOpen = false
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    onAnswer(false)
  }, OPEN_MS).unref()
  const remote = settings.makeLegacy((envelope) => {
    const isAnswer = !isOpen && envelope.kind === 'response' && envelope.id?.key === initialize.id?.key
    if (isLate) return
    if (!isAnswer) return toHost(envelope)
    clearTimeout(timer)
    isOpen = versionIn(envelope) === version
    if (isOpen) remote.toRemote(INITIALIZED)
    onAnswer(isOpen)
  })
  remote.toRemote(initialize)
  return remote
}

/** Who waits for it has waited long already. */
const OPEN_MS = 30_000
const INITIALIZED = notification('notifications/initialized')

/** The version that an InitializeResult names. */
function versionIn({ bytes, shape }: Envelope): string | undefined {
  return shape.result && readString(bytes, find(bytes, shape.result, 'protocolVersion'))
}
