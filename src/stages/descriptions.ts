// --describe: the description that the host sees of a tool, or none. The list is changed, calls are not. users.md 18, 34.
import type { Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import { editsOf } from '../message/rewrite.ts'
import type { Catalogue } from './catalogue.ts'
import { meant, onceTo } from './telling.ts'
import { createToolLists } from './tool-lists.ts'

export function createDescriptions(
  settings: ReadonlyMap<string, string>,
  catalogue: Catalogue,
  log: Log,
): Stage {
  const tell = onceTo(log.warn)
  catalogue.onWhole(() => {
    const names = catalogue.names()
    for (const tool of settings.keys()) {
      if (catalogue.tool(tool) !== undefined) continue
      tell(`the remote has no tool ${JSON.stringify(tool)}, which --describe describes${meant(tool, names)}`)
    }
  })
  return createToolLists((name, bytes, span) => {
    const text = settings.get(name)
    if (text === undefined) return []
    return editsOf(bytes, span, { description: text === '' ? undefined : JSON.stringify(text) })
  })
}
