// A legacy server may ask for the host's roots at any time, a modern host can only be asked in the answer to a request:
// what it said last is good for a while, and a question may wait for the next request. protocol.md E.5, "Attribution".
import type { LegacySession } from './legacy-session.ts'
import { dismiss, type Question, reply } from './questions.ts'

export interface Roots {
  /** The host has said what its roots are (JSON of the result). */
  note(result: string): void
  /** The host's roots may have changed. */
  forget(): void
  /** A question that belongs to no request: it is answered, or waits. */
  ask(question: Question): void
  /** The questions of this session that wait, for a request that can have them answered. */
  takeHeld(session: LegacySession): Question[]
  /** The questions that wait. */
  held(): Iterable<Question>
  /** Nobody will answer. */
  close(): void
}

const GOOD_MS = 60_000
const HOLD_MS = 30_000

export function createRoots(): Roots {
  const held = new Map<Question, NodeJS.Timeout>()
  let known: { readonly result: string; readonly at: number } | undefined
  let isClosed = false

  function drop(question: Question): void {
    clearTimeout(held.get(question))
    held.delete(question)
  }

  return {
    note(result) {
      known = { result, at: Date.now() }
      for (const question of held.keys()) {
        drop(question)
        reply(question, result)
      }
    },
    forget() {
      known = undefined
    },
    ask(question) {
      if (known !== undefined && Date.now() - known.at <= GOOD_MS) return reply(question, known.result)
      if (isClosed) return dismiss(question, 'no request')
      const late = (): void => {
        drop(question)
        dismiss(question, 'no request')
      }
      held.set(question, setTimeout(late, HOLD_MS).unref())
    },
    takeHeld(session) {
      const questions = [...held.keys()].filter((question) => question.session === session)
      for (const question of questions) drop(question)
      return questions.filter(({ isOver }) => !isOver)
    },
    held: () => held.keys(),
    close() {
      isClosed = true
      for (const question of [...held.keys()]) {
        drop(question)
        dismiss(question, 'no request')
      }
    },
  }
}
