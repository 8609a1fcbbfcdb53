// The sessions that the remote remembers, with what each has open. protocol.md A.1, A.4, A.5.
import type { ServerResponse } from 'node:http'
import { createEventLog, type EventLog } from './event-log.ts'
import { type Channel, createDesk, type Desk, type Truth } from './work.ts'

export interface Session {
  readonly id: string
  readonly desk: Desk
  /** Streams that can be resumed, by the first part of their event ids. */
  readonly streams: Map<string, EventLog>
  /** Responses that are streams. They end with the session if it is forgotten together with them. */
  readonly responses: Set<ServerResponse>
  /** What the remote says unasked goes here. */
  readonly unasked: EventLog
  /** How many requests it has had; every so many the remote says or asks something unasked. */
  requests: number
  lastStream: number
  /** Where the session hears that something has changed, if not on `unasked`. */
  announces: Channel | undefined
}

export interface Sessions {
  readonly truth: Truth
  create(): Session
  find(id: string | undefined): Session | undefined
  delete(session: Session): void
  forget(withStreams: boolean): void
  /** Tells each session that the tools have changed. */
  announce(): void
}

export function createSessions(truth: Truth, isTranslated: boolean): Sessions {
  const sessions = new Map<string, Session>()
  return {
    truth,
    create() {
      const number = ++truth.sessions
      const session: Session = {
        id: `chaos-session-${number}-${'0123456789abcdef'.repeat(2)}`,
        desk: createDesk(truth, number, isTranslated),
        streams: new Map(),
        responses: new Set(),
        // Some servers have ids on this stream and some have not.
        unasked: createEventLog('g', number % 2 === 0),
        requests: 0,
        lastStream: 0,
        announces: undefined,
      }
      sessions.set(session.id, session)
      return session
    },
    find: (id) => (id === undefined ? undefined : sessions.get(id)),
    delete(session) {
      sessions.delete(session.id)
      end(session)
    },
    forget(withStreams) {
      if (withStreams) for (const session of sessions.values()) end(session)
      sessions.clear()
    },
    announce() {
      for (const { desk, unasked, announces } of sessions.values()) desk.announce(announces ?? unasked)
    },
  }
}

function end({ desk, responses }: Session): void {
  desk.close()
  for (const response of responses) response.end()
}
