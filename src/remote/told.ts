// What the host has been told of the remote, and what it must hear again when that may not be true any more.
// protocol.md A.6.2-8, 0.12.
import type { Envelope } from '../message/envelope.ts'
import { notification } from '../message/message.ts'
import { resultText } from './session.ts'
import { emptyList, listKinds } from './start.ts'

export interface Told {
  /** The InitializeResult that the host goes by; absent while that is a stand-in. */
  result: Envelope | undefined
  /** The answer to a list request for which the remote was not there in time; undefined for other methods. */
  asEmpty(request: Envelope): Envelope | undefined
  /** It has been told what we made up, since the remote was not there. */
  standIn(): void
  /** The notifications by which the host learns of lists that may have changed. */
  changes(): Envelope[]
  clear(): void
}

export function createTold(): Told {
  const empty = new Set<string>()
  let isStandIn = false
  const told: Told = {
    result: undefined,
    asEmpty(request) {
      const list = emptyList(request)
      if (list !== undefined) empty.add(list.kind)
      return list?.answer
    },
    standIn() {
      isStandIn = true
    },
    changes() {
      const { offered, changing } = listKinds(told.result && resultText(told.result))
      const kinds = isStandIn || empty.size > 0 ? [...empty, ...offered] : changing
      empty.clear()
      isStandIn = false
      return [...new Set(kinds)].map((kind) => notification(`notifications/${kind}/list_changed`))
    },
    clear() {
      told.result = undefined
      isStandIn = false
      empty.clear()
    },
  }
  return told
}
