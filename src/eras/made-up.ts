// What a modern host was told in the remote's stead, and must hear of again when that may not be true any more: that its lists
// may have changed, as soon as it has a subscription on which it can be told. protocol.md 0.12.
import { type ListKind, listChanged, listsIn, SUBSCRIPTION_ID, toldOn } from '../era/changes.ts'
import { type Envelope, spanAt } from '../message/envelope.ts'
import { textAt } from '../message/utf8.ts'

export interface MadeUp {
  /** The host has been told something of these lists. */
  note(kinds: readonly ListKind[]): void
  /** What the host is told behind this acknowledgement of a subscription: of each list once. */
  changesFor(acknowledgement: Envelope): Envelope[]
}

export function createMadeUp(): MadeUp {
  const noted = new Set<ListKind>()

  return {
    note(kinds) {
      for (const kind of kinds) noted.add(kind)
    },
    changesFor(acknowledgement) {
      const span = spanAt(acknowledgement, 'params', '_meta', SUBSCRIPTION_ID)
      const subscription = span && textAt(acknowledgement.bytes, span)
      const granted = listsIn(acknowledgement).filter((kind) => noted.delete(kind))
      return granted.map((kind) => toldOn(subscription, listChanged(kind)))
    },
  }
}
