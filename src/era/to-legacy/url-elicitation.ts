// A legacy server may fail a call because a person must visit a page first: a modern host is asked to show it, and the
// call is made again. protocol.md E.6.
import { type Envelope, type Id, spanAt, stringAt } from '../../message/envelope.ts'
import { CODE, own, refuse } from '../../message/message.ts'
import { find, isObjectAt, readString } from '../../message/peek.ts'
import { editsOf, elementsOf, splice } from '../../message/rewrite.ts'
import { decode, encode } from '../../message/utf8.ts'
import { ERA_CODE } from '../codes.ts'
import type { LegacySession } from './legacy-session.ts'
import { metaOf } from './modern-results.ts'
import { type Entry, keyed } from './questions.ts'

/** What an error wants to have visited. */
export interface Visits {
  readonly entries: Map<string, Entry>
  readonly elicitationIds: readonly string[]
}

/** Undefined where the error does not say. */
export function visitsOf(error: Envelope): Visits | undefined {
  const { bytes } = error
  const elicitations = elementsOf(bytes, spanAt(error, 'error', 'data', 'elicitations'))
  const isUsable = elicitations.length > 0 && elicitations.every((span) => isObjectAt(bytes, span))
  if (!isUsable) return undefined
  const entries = elicitations.map((span): Entry => {
    const params = decode(
      splice(bytes, editsOf(bytes, span, { mode: '"url"', elicitationId: undefined }), span),
    )
    return { method: 'elicitation/create', params }
  })
  const ids = elicitations.map((span) => readString(bytes, find(bytes, span, 'elicitationId')))
  return { entries: keyed(entries), elicitationIds: ids.filter((id) => id !== undefined) }
}

/** Whether the person has agreed to all of it. */
export function areAccepted(entries: Iterable<Entry>): boolean {
  return [...entries].every(({ answer = '{}' }) => {
    const bytes = encode(answer)
    return readString(bytes, find(bytes, { start: 0, end: bytes.length }, 'action')) === 'accept'
  })
}

/** The answer to a host that cannot show pages. */
export function cannotVisit(id: Id): Envelope {
  const message =
    'mcp-ferry: the server needs a page to be visited, and the client does not offer elicitation.url'
  const data = { requiredCapabilities: { elicitation: { url: {} } } }
  return refuse(id, { code: ERA_CODE.missingCapability, message, data })
}

/** The answer where the person has not agreed. */
export function declined(id: Id, method: string, serverInfo: string | undefined): Envelope {
  const message = 'The page that the server needs to be visited was not: the user declined.'
  if (method !== 'tools/call') {
    const data = { origin: 'mcp-ferry', kind: 'not-translatable' }
    return refuse(id, { code: CODE.internal, message: `mcp-ferry: ${message}`, data })
  }
  const members = [
    '"resultType":"complete"',
    `"content":[{"type":"text","text":${JSON.stringify(message)}}]`,
    '"isError":true',
    ...metaOf(serverInfo),
  ]
  return own(`{"jsonrpc":"2.0","id":${id.raw},"result":{${members.join(',')}}}`)
}

export interface Completions {
  /** The server says that a page has done its work. */
  note(session: LegacySession, notification: Envelope): void
  /**
   * Waits for these pages. Undefined if there is no need to: all are done, or the server never says so. Else `then` is
   * called when they are done or the time is up, and what is returned stops that.
   */
  wait(session: LegacySession, elicitationIds: readonly string[], then: () => void): (() => void) | undefined
}

const COMPLETION_MS = 60_000
const MOST_KNOWN = 1000

export function createCompletions(): Completions {
  const bySession = new WeakMap<LegacySession, Set<string>>()
  const waiting = new Set<() => void>()

  return {
    note(session, notification) {
      const id = stringAt(notification, 'params', 'elicitationId')
      const known = bySession.get(session) ?? new Set()
      bySession.set(session, known)
      if (id !== undefined) known.add(id)
      if (known.size > MOST_KNOWN) known.delete(known.values().next().value!)
      for (const look of [...waiting]) look()
    },
    wait(session, elicitationIds, then) {
      const known = bySession.get(session)
      if (known === undefined || elicitationIds.every((id) => known.has(id))) return undefined
      const stop = (): void => {
        clearTimeout(timer)
        waiting.delete(look)
      }
      const go = (): void => {
        stop()
        then()
      }
      const look = (): void => {
        if (elicitationIds.every((id) => known.has(id))) go()
      }
      const timer = setTimeout(go, COMPLETION_MS).unref()
      waiting.add(look)
      return stop
    },
  }
}
