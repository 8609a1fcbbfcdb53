// One session with a legacy remote, as the translation for a modern host uses it: opened by an `initialize` of ours,
// spoken to under ids of ours. Its loss and its recovery are the remote's business. protocol.md E.1, E.3.

import { type Envelope, type Id, spanAt, stringAt } from '../../message/envelope.ts'
import { createIdTable, type IdTable } from '../../message/id-table.ts'
import { cancellation, notification, own } from '../../message/message.ts'
import { textAt } from '../../message/utf8.ts'
import { LEGACY_VERSIONS } from '../era.ts'
import type { FromLegacy, LegacyRemote } from '../translation.ts'
import { type Declared, textOf } from './declared.ts'

export interface LegacySession {
  /** What the remote was told of the host. */
  readonly declared: Declared
  /** The answer to `initialize`. */
  readonly initialized: Envelope
  readonly serverInfo: string | undefined
  /** How many calls live in it. */
  calls: number
  /** Whether the remote has a capability. */
  offers(...path: readonly string[]): boolean
  /** An id that no request of this session had. */
  nextId(): Id
  /** Sends a request; `answered` gets its response, with a result or an error. */
  ask(request: Envelope, answered: (response: Envelope) => void): void
  /** Nobody wants the answer to this request any more: a remote that was told so need not give one. */
  forget(id: Id): void
  /** Sends a request of our own. */
  askFor(method: string, params: string, answered: (response: Envelope) => void): Id
  /** The same; the remote is told that the answer is not wanted any more where it does not come in 30 s. */
  askBriefly(method: string, params: string, answered: (response: Envelope) => void): void
  /** Sends a notification or an answer. */
  tell(envelope: Envelope): void
  canSpeakUnasked(): Promise<boolean>
  /** For how long it could not, in milliseconds, though it offers to; 0 while it can. */
  silentForMs(): number
  /** Resolves when no notification or answer waits to be sent. */
  idle(): Promise<void>
  inputEnded(): void
  close(): Promise<void>
}

/** How long what is asked on our own account may take (0.9). */
const OWN_MS = 30_000

export interface LegacySessionSettings {
  readonly openRemote: (toHost: FromLegacy) => LegacyRemote
  readonly declared: Declared
  /** JSON. */
  readonly clientInfo: string
  /** Gets what the remote says but for answers. */
  readonly hear: (session: LegacySession, envelope: Envelope, origin: Id | undefined) => void
}

export interface Opened {
  readonly session: LegacySession
  /** The answer to `initialize`: a result or an error. */
  readonly answer: Promise<Envelope>
}

export function openLegacySession(settings: LegacySessionSettings): Opened {
  const { declared, clientInfo, hear } = settings
  const waiting: IdTable<(response: Envelope) => void> = createIdTable()
  let initialized: Envelope | undefined
  let count = 0
  let isClosed = false

  const remote = settings.openRemote((envelope, origin) => {
    if (envelope.kind !== 'response') return hear(session, envelope, origin)
    const answered = envelope.id && waiting.take(envelope.id)
    answered?.(envelope)
  })

  const session: LegacySession = {
    declared,
    calls: 0,
    get initialized() {
      return initialized!
    },
    get serverInfo() {
      return resultAt('serverInfo')
    },
    offers: (...path) => {
      const value = resultAt('capabilities', ...path)
      return value !== undefined && value !== 'false' && value !== 'null'
    },
    nextId() {
      const raw = `${++count}`
      return { raw, key: raw }
    },
    ask(request, answered) {
      waiting.set(request.id!, answered)
      send(request)
    },
    forget: (id) => void waiting.delete(id),
    askFor(method, params, answered) {
      const id = session.nextId()
      session.ask(own(`{"jsonrpc":"2.0","id":${id.raw},"method":"${method}","params":${params}}`), answered)
      return id
    },
    askBriefly(method, params, answered) {
      const timer = setTimeout(() => {
        waiting.delete(id)
        send(cancellation(id, 'no answer in time'))
      }, OWN_MS).unref()
      const id = session.askFor(method, params, (response) => {
        clearTimeout(timer)
        answered(response)
      })
    },
    tell: send,
    canSpeakUnasked: remote.canSpeakUnasked,
    silentForMs: remote.silentForMs,
    idle: remote.idle,
    inputEnded: remote.inputEnded,
    close() {
      isClosed = true
      return remote.close()
    },
  }

  /** What comes too late would reach the server outside of any session. */
  function send(envelope: Envelope): void {
    if (!isClosed) remote.toRemote(envelope)
  }

  function resultAt(...path: readonly string[]): string | undefined {
    const span = initialized && spanAt(initialized, 'result', ...path)
    return span && textAt(initialized!.bytes, span)
  }

  const version = LEGACY_VERSIONS.at(-1)
  const params = `{"protocolVersion":"${version}","capabilities":${textOf(declared)},"clientInfo":${clientInfo}}`
  const answer = new Promise<Envelope>((resolve) => {
    session.askFor('initialize', params, (response) => {
      if (isKnown(response)) {
        initialized = response
        session.tell(notification('notifications/initialized'))
      }
      resolve(response)
    })
  })
  return { session, answer }
}

/** Whether this is a result of `initialize` in a version that the bridge speaks. */
export function isKnown(response: Envelope): boolean {
  return LEGACY_VERSIONS.includes(versionOf(response) ?? '')
}

/** The version that an InitializeResult names. */
export function versionOf(response: Envelope): string | undefined {
  return stringAt(response, 'result', 'protocolVersion')
}
