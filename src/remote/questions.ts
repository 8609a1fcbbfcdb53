// What the remote asks the host, and has no answer to yet. A new session may use the ids of an old one again while the
// host still works on those: from the second session on the host is shown ids of ours. protocol.md A.3.
import { withCancelledId, withId } from '../message/edit.ts'
import type { Envelope, Id } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { cancelledId, notification, ownId } from '../message/message.ts'
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
  let count = 0
  let pending = 0

  function find(asked: Id, { epoch }: Session): Question | undefined {
    if (epoch === 0) return open.get(asked)
    return open
      .values()
      .find((question) => question.asked.key === asked.key && question.session.epoch === epoch)
  }

  return {
    ask(request, session) {
      const asked = request.id!
      if (pending >= MOST || asked.raw.length > MOST || find(asked, session) !== undefined) return undefined
      pending++
      const shown = session.epoch === 0 ? asked : ownId(`e${session.epoch}:${++count}`)
      open.set(shown, { shown, asked, session })
      return shown === asked ? request : withId(request, shown)
    },
    answer(response) {
      const question = response.id && open.get(response.id)
      if (question === undefined) return undefined
      open.delete(question.shown)
      const { shown, asked, session } = question
      return { response: shown === asked ? response : withId(response, asked), session }
    },
    left: () => void pending--,
    withdraw(cancellation, session) {
      const id = cancelledId(cancellation)
      const question = id && find(id, session)
      if (question === undefined) return cancellation
      open.delete(question.shown)
      pending--
      return question.shown === question.asked ? cancellation : withCancelledId(cancellation, question.shown)
    },
    forget(reason) {
      const all = open.values()
      open.clear()
      pending = 0
      return all.map(({ shown }) =>
        notification(
          'notifications/cancelled',
          `{"requestId":${shown.raw},"reason":${JSON.stringify(reason)}}`,
        ),
      )
    },
  }
}
