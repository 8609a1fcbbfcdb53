// What the remote asks the host, and has no answer to yet. A new session may use the ids of an old one again while the
// host still works on those: from the second session on the host is shown ids of ours. protocol.md A.3.
import { withCancelledId, withId } from '../message/edit.ts'
import type { Envelope, Id } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { cancellation, cancelledId, ownId } from '../message/message.ts'
import type { Session } from './session.ts'

interface Question {
  /** As the host knows it. */
  readonly shown: Id
  /** As the remote knows it. */
  readonly asked: Id
  readonly session: Session
}

export interface Questions {
  /**
   * The request as the host is shown it; undefined if it has been shown, as a stream that is resumed may repeat it, or if
   * there are too many.
   */
  ask(request: Envelope, session: Session): Envelope | undefined
  /** The host's answer as the remote is told it, and in which session; undefined if it was not asked. */
  answer(response: Envelope): { readonly response: Envelope; readonly session: Session } | undefined
  /** An answer has left, or never will. */
  left(): void
  /** The remote takes a question back: its notification as the host is shown it. */
  withdraw(cancellation: Envelope, session: Session): Envelope
  /** Forgets all; returns what tells the host that nobody waits for its answers any more. */
  forget(reason: string): Envelope[]
}

/** More than any remote has open, and longer than any id of one: what a flood of them takes is bounded by that. */
const MOST = 1000

export function createQuestions(): Questions {
  const open = createIdTable<Question>()
  /** Those of later sessions, as the remote knows them. */
  const later = createIdTable<Question>()
  let count = 0
  let unanswered = 0
  /** Answers that have not left: what is forgotten meanwhile leaves them where they are. */
  let leaving = 0

  function find(asked: Id, { epoch }: Session): Question | undefined {
    return epoch === 0 ? open.get(asked) : later.get(inSession(asked, epoch))
  }

  function close({ shown, asked, session }: Question): void {
    unanswered--
    open.delete(shown)
    if (session.epoch !== 0) later.delete(inSession(asked, session.epoch))
  }

  return {
    ask(request, session) {
      const asked = request.id!
      if (unanswered + leaving >= MOST || asked.raw.length > MOST) return undefined
      if (find(asked, session) !== undefined) return undefined
      unanswered++
      const shown = session.epoch === 0 ? asked : ownId(`e${session.epoch}:${++count}`)
      const question = { shown, asked, session }
      open.set(shown, question)
      if (shown === asked) return request
      later.set(inSession(asked, session.epoch), question)
      return withId(request, shown)
    },
    answer(response) {
      const question = response.id && open.get(response.id)
      if (question === undefined) return undefined
      close(question)
      leaving++
      const { shown, asked, session } = question
      return { response: shown === asked ? response : withId(response, asked), session }
    },
    left: () => void leaving--,
    withdraw(cancellation, session) {
      const id = cancelledId(cancellation)
      const question = id && find(id, session)
      if (question === undefined) return cancellation
      close(question)
      return question.shown === question.asked ? cancellation : withCancelledId(cancellation, question.shown)
    },
    forget(reason) {
      const all = open.values()
      open.clear()
      later.clear()
      unanswered = 0
      return all.map(({ shown }) => cancellation(shown, reason))
    },
  }
}

/** An id of the remote, for a table in which there are those of several sessions. */
function inSession({ raw, key }: Id, epoch: number): Id {
  return { raw, key: `${epoch} ${key}` }
}
