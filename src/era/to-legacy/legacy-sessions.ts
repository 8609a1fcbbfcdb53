// The session with a legacy remote that a modern host's requests go to: one for all, and a new one in its place when a
// request declares more of the host than the session was told. protocol.md E.1.

import type { Log } from '../../log.ts'
import { type Envelope, type Id, spanAt } from '../../message/envelope.ts'
import { CODE, refuse } from '../../message/message.ts'
import { rewrite } from '../../message/rewrite.ts'
import { textAt } from '../../message/utf8.ts'
import { META } from '../era.ts'
import { isOwnError } from '../own-errors.ts'
import type { FromLegacy, LegacyRemote } from '../translation.ts'
import { covers, type Declared, union } from './declared.ts'
import { isKnown, type LegacySession, openLegacySession, versionOf } from './legacy-session.ts'
import type { ModernRequest } from './modern-request.ts'

export interface LegacySessionsSettings {
  readonly openRemote: (toHost: FromLegacy) => LegacyRemote
  readonly log: Log
  /** The bridge's version. */
  readonly version: string
  readonly hear: (session: LegacySession, envelope: Envelope, origin: Id | undefined) => void
  /** A session has taken the place of another. */
  readonly onReplaced: () => void
}

export interface LegacySessions {
  /** Undefined until there is one. */
  readonly current: LegacySession | undefined
  /** Opens the first. Resolves with the answer to `initialize`, under this request's id. */
  open(first: ModernRequest): Promise<Envelope>
  /** The session for this request; a promise where that must be opened. */
  sessionFor(request: ModernRequest): LegacySession | Promise<LegacySession>
  /** A call is over: an old session may have lived for it alone. */
  release(session: LegacySession): void
  /** Resolves when no notification or answer waits to be sent. */
  idle(): Promise<void>
  inputEnded(): void
  close(): Promise<void>
}

/** A host whose requests differ all the time must not have a session for each. */
const UPGRADE_PAUSE_MS = 10_000
const RETRY_MS = 60_000

export function createLegacySessions(settings: LegacySessionsSettings): LegacySessions {
  const { log } = settings
  const old = new Set<LegacySession>()
  let current: LegacySession | undefined
  let opening: LegacySession | undefined
  let clientInfo = `{"name":"mcp-ferry","version":${JSON.stringify(settings.version)}}`
  let upgrading: Promise<void> | undefined
  let upgradedAt = Number.NEGATIVE_INFINITY
  let pause: { timer: NodeJS.Timeout; over: () => void } | undefined
  /** What a second session was refused for is not tried again, or not soon if it was just not to be had. */
  let refused: Declared = new Map()
  /** What the requests that wait for a session declare. */
  let wanted: Declared = new Map()
  let hasInputEnded = false
  let isClosed = false

  async function openFor(declared: Declared): Promise<{ session: LegacySession; answer: Envelope }> {
    const { openRemote, hear } = settings
    const opened = openLegacySession({ openRemote, hear, declared, clientInfo })
    opening = opened.session
    if (hasInputEnded) opening.inputEnded()
    const answer = await opened.answer
    opening = undefined
    if (!isKnown(answer) || isClosed) void opened.session.close()
    return { session: opened.session, answer }
  }

  /** Opens a session that knows all that the present one knows, and what is wanted. */
  async function upgrade(session: LegacySession): Promise<void> {
    await pauseUntil(upgradedAt + UPGRADE_PAUSE_MS)
    if (isClosed) return
    upgradedAt = Date.now()
    const more = wanted
    log.info('the host declares more than the session was told; a new one is opened')
    const { session: next, answer } = await openFor(union(session.declared, more))
    wanted = new Map()
    if (isClosed) return
    if (!isKnown(answer)) {
      log.warn('the remote refuses a second session; the host is not asked what it offers since the first')
      refused = union(refused, more)
      if (isOwnError(answer)) setTimeout(forgetRefused, RETRY_MS).unref()
      return
    }
    current = next
    old.add(session)
    settings.onReplaced()
    release(session)
  }

  function forgetRefused(): void {
    refused = new Map()
  }

  function pauseUntil(at: number): Promise<void> {
    const waitMs = at - Date.now()
    if (waitMs <= 0 || isClosed || hasInputEnded) return Promise.resolve()
    return new Promise((resolve) => {
      pause = { timer: setTimeout(resolve, waitMs), over: resolve }
    })
  }

  function endPause(): void {
    clearTimeout(pause?.timer)
    pause?.over()
  }

  function hasAll(session: LegacySession, declared: Declared): boolean {
    return covers(session.declared, declared) || covers(union(session.declared, refused), declared)
  }

  async function upgraded(declared: Declared): Promise<LegacySession> {
    while (!hasAll(current!, declared) && !isClosed) {
      wanted = union(wanted, declared)
      upgrading ??= upgrade(current!).finally(() => {
        upgrading = undefined
      })
      await upgrading
    }
    return current!
  }

  function release(session: LegacySession): void {
    if (session.calls === 0 && old.delete(session)) void session.close()
  }

  return {
    get current() {
      return current
    },
    async open(first) {
      const info = spanAt(first.envelope, 'params', '_meta', `${META}clientInfo`)
      if (info !== undefined) clientInfo = textAt(first.envelope.bytes, info)
      const { session, answer } = await openFor(first.declared)
      if (isKnown(answer)) current = session
      else if (answer.shape.result !== undefined) return unknownVersion(first.id, versionOf(answer))
      return rewrite(answer, { id: first.id.raw })
    },
    sessionFor: ({ declared }) => (hasAll(current!, declared) ? current! : upgraded(declared)),
    release,
    async idle() {
      await Promise.all([...old, current].map((session) => session?.idle()))
    },
    inputEnded() {
      hasInputEnded = true
      endPause()
      for (const session of [...old, current, opening]) session?.inputEnded()
    },
    async close() {
      isClosed = true
      endPause()
      await Promise.all([...old, current, opening].map((session) => session?.close()))
    },
  }
}

function unknownVersion(id: Id, version: string | undefined): Envelope {
  const message = `mcp-ferry: the remote answers initialize in protocol version ${version ?? '(none)'}, which is not known`
  const data = { origin: 'mcp-ferry', kind: 'unsupported-version', retryable: false, maybeDelivered: false }
  return refuse(id, { code: CODE.internal, message, data })
}
