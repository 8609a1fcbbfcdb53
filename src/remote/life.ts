// The present session, and what lives and dies with it: the stream on which the remote speaks unasked. protocol.md A.5.
import { BridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import { keepListening, type Listener } from './listening.ts'
import type { Session } from './session.ts'
import { createStop, type Stop, stopNow } from './stop.ts'
import type { Receive } from './transport.ts'
import type { Transports } from './transports.ts'

export interface LifeSettings {
  readonly transports: Transports
  readonly log: Log
  readonly onMessage: Receive
  /** There will be no stream any more. */
  readonly onSilence: () => void
  readonly isGone: (session: Session) => Promise<boolean>
  readonly onLost: (session: Session) => void
}

export interface Life {
  session: Session
  /** One for each session: tells what belongs to an earlier one. */
  readonly mark: Stop
  /** Whether the stream is open, or is opened again. */
  readonly isListening: boolean
  /** Whether the remote offers the stream, as far as is known. */
  readonly isOffered: boolean
  /** For how long there has been no stream, in milliseconds, though the remote offers one; 0 while it is open. */
  silentForMs(): number
  /** Opens the stream; resolves once it is open, or is known not to be offered. */
  listen(): Promise<void>
  /** Resolves once the stream is open, or is known not to be offered; not before the session is open. */
  heard(): Promise<unknown>
  reconnect(): void
  /** Goes on to the next session, of which nothing is known yet; returns the old one. */
  next(): Session
}

export function createLife(settings: LifeSettings): Life {
  const { transports, log, onMessage } = settings
  let listener: Listener | undefined
  let mark = createStop()
  let isListening = false
  let isOffered = true
  let silentSince: number | undefined
  let begin: () => void = () => {}
  let begun = newBeginning()
  const life: Life = {
    session: { epoch: 0 },
    get mark() {
      return mark
    },
    get isListening() {
      return isListening
    },
    get isOffered() {
      return isOffered
    },
    silentForMs: () => (isOffered && silentSince !== undefined ? Date.now() - silentSince : 0),
    listen() {
      const { session } = life
      const mine = mark
      listener = keepListening({
        transport: transports.current(),
        session,
        life: mine,
        log,
        onMessage,
        onChange(isOpen) {
          if (mine !== mark) return
          isListening = true
          silentSince = isOpen ? undefined : Date.now()
        },
        onRefused() {
          if (mine !== mark) return
          isOffered = isListening = false
          settings.onSilence()
        },
        isGone: () => settings.isGone(session),
        onLost: () => settings.onLost(session),
      })
      begin()
      return listener.heard
    },
    heard: () => begun.then(() => listener?.heard),
    reconnect: () => listener?.reconnect(),
    next() {
      const old = life.session
      const ending = mark
      life.session = { epoch: old.epoch + 1 }
      mark = createStop()
      listener = undefined
      if (isListening) silentSince ??= Date.now()
      isListening = false
      isOffered = true
      begin()
      begun = newBeginning()
      stopNow(ending, new BridgeError('session-lost', 'the session is over'))
      settings.onSilence()
      return old
    },
  }
  function newBeginning(): Promise<void> {
    return new Promise((resolve) => {
      begin = resolve
    })
  }

  return life
}
