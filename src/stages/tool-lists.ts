// The lists of tools that pass to the host, each tool to be changed by itself: all that is not changed stays as it came.
import type { Stage } from '../lane.ts'
import { spanAt } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { find, readString, type Span } from '../message/peek.ts'
import { applied, type Edit, elementsOf } from '../message/rewrite.ts'

/** What is to change in the tool that stands at `span`. */
export type EditTool = (name: string, bytes: Uint8Array, span: Span) => readonly Edit[]

export function createToolLists(editTool: EditTool): Stage {
  const asked = createIdTable<true>()
  return (next) => ({
    toRemote(envelope) {
      if (envelope.kind === 'request' && envelope.method === 'tools/list') asked.set(envelope.id!, true)
      next.toRemote(envelope)
    },
    toHost(envelope) {
      const { kind, id } = envelope
      if (kind !== 'response' || id === undefined || !asked.delete(id)) return next.toHost(envelope)
      const { bytes } = envelope
      const tools = elementsOf(bytes, spanAt(envelope, 'result', 'tools'))
      const edits = tools.flatMap((tool) => {
        const name = readString(bytes, find(bytes, tool, 'name'))
        return name === undefined ? [] : editTool(name, bytes, tool)
      })
      next.toHost(applied(envelope, edits))
    },
  })
}
