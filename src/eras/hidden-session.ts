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
  readonly version: string | undefined
  readonly makeLegacy: (toHost: Sink) => Remote
  readonly toHost: Sink
  /** It is open, and speaks that version; or not. */
  readonly onAnswer: (isOpen: boolean) => void
}

/** Begins to open the session; messages for it may be given at once, and wait. */
export function openHidden(settings: HiddenSessionSettings): Remote {
  const { initialize, version, toHost, onAnswer } = settings
  let isOpen = false
  const remote = settings.makeLegacy((envelope) => {
    const isAnswer = !isOpen && envelope.kind === 'response' && envelope.id?.key === initialize.id?.key
    if (!isAnswer) return toHost(envelope)
    isOpen = versionIn(envelope) === version
    if (isOpen) remote.toRemote(INITIALIZED)
    onAnswer(isOpen)
  })
  remote.toRemote(initialize)
  return remote
}

const INITIALIZED = notification('notifications/initialized')

/** The version that an InitializeResult names. */
export function versionIn({ bytes, shape }: Envelope): string | undefined {
  return shape.result && readString(bytes, find(bytes, shape.result, 'protocolVersion'))
}
