// What a modern host was told in the remote's stead, and must hear of again when that may not be true any more: that its lists
// may have changed, as soon as it has a subscription on which it can be told. protocol.md 0.12.
import { listChanged } from '../era/changes.ts'
import { META } from '../era/era.ts'
import type { ListKind } from '../era/to-modern/handshake.ts'
import type { Envelope } from '../message/envelope.ts'
import { find } from '../message/peek.ts'
import { rewrite } from '../message/rewrite.ts'
import { textAt } from '../message/utf8.ts'

export const LIST_KINDS: readonly ListKind[] = ['tools', 'prompts', 'resources']

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
    changesFor({ bytes, shape }) {
      const textOf = (...path: readonly string[]): string | undefined => {
        const span = shape.params && find(bytes, shape.params, ...path)
        return span && textAt(bytes, span)
      }
      const subscriptionId = textOf('_meta', `${META}subscriptionId`)
      const granted = [...noted].filter((kind) => textOf('notifications', `${kind}ListChanged`) === 'true')
      return granted.map((kind) => {
        noted.delete(kind)
        return rewrite(listChanged(kind), {
          params: { _meta: { [`${META}subscriptionId`]: subscriptionId } },
        })
      })
    },
  }
}
