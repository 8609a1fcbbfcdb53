// What waits for the host's retry, by the token that the retry must show. Nothing waits for ever: a host need not come
// back. Meanwhile the server is kept patient. protocol.md E.5-6, "Keeping the server patient", "Limits".

import { spanAt } from '../../message/envelope.ts'
import { notification } from '../../message/message.ts'
import { textAt } from '../../message/utf8.ts'
import type { Question } from './questions.ts'

export interface ParkedSettings {
  readonly parkedMs: number
  readonly newToken: () => string
}

interface Place<Value> {
  readonly value: Value
  readonly timers: readonly NodeJS.Timeout[]
  readonly expire: () => void
}

export interface Parked<Value> {
  /** Returns the token. `questions` wait for answers meanwhile; `expire` is called when the host has not come back. */
  park(value: Value, questions: readonly Question[], expire: () => void): string
  /** What waits under this token, which goes on waiting. */
  peek(token: string): Value | undefined
  /** It waits no more. */
  take(token: string): void
  /** The host will not come back. Returns whether anything waited for that. */
  expireAll(): boolean
}

const MOST = 64
/** A fourth of the time for which servers made with the SDK wait. */
const PATIENCE_MS = 15_000

export function createParked<Value>({ parkedMs, newToken }: ParkedSettings): Parked<Value> {
  const places = new Map<string, Place<Value>>()

  function take(token: string): void {
    for (const timer of places.get(token)?.timers ?? []) clearTimeout(timer)
    places.delete(token)
  }

  function expire(token: string): void {
    const place = places.get(token)
    take(token)
    place?.expire()
  }

  return {
    park(value, questions, whenExpired) {
      const oldest = places.size >= MOST ? places.keys().next().value : undefined
      if (oldest !== undefined) expire(oldest)
      const token = newToken()
      const timers = [setTimeout(() => expire(token), parkedMs).unref(), ...questions.flatMap(keepPatient)]
      places.set(token, { value, timers, expire: whenExpired })
      return token
    },
    peek: (token) => places.get(token)?.value,
    take,
    expireAll() {
      const tokens = [...places.keys()]
      for (const token of tokens) expire(token)
      return tokens.length > 0
    },
  }
}

/** A server that wants to hear of progress starts its time limit anew each time. */
function keepPatient(question: Question): NodeJS.Timeout[] {
  const token = spanAt(question.envelope, 'params', '_meta', 'progressToken')
  if (token === undefined) return []
  const raw = textAt(question.envelope.bytes, token)
  const tell = (): void => {
    if (question.isOver) return
    question.progress = (question.progress ?? 0) + 1
    const params = `{"progressToken":${raw},"progress":${question.progress}}`
    question.session.tell(notification('notifications/progress', params))
  }
  return [setInterval(tell, PATIENCE_MS).unref()]
}
