// A list of tools whose schemas are rewritten a stretch at a time: fifty thousand tools take seconds, in which nothing else
// would pass. users.md 35.
import type { Log } from '../../log.ts'
import { type Envelope, spanAt } from '../../message/envelope.ts'
import { find, readString, type Span } from '../../message/peek.ts'
import { applied, type Edit, elementsOf } from '../../message/rewrite.ts'
import { textAt } from '../../message/utf8.ts'
import type { SchemaChoice } from '../../options/shaping.ts'
import { rewriteSchema } from './rewriting.ts'

export interface RewrittenList {
  /** Goes on for a stretch; the whole list once it is done. */
  goOn(): Envelope | undefined
}

export interface RewrittenListSettings {
  readonly choice: SchemaChoice
  readonly log: Log
  /** Says each sentence once. */
  readonly once: { info(text: string): void; warn(text: string): void }
}

/** Nobody notices a pause of so long. */
const STRETCH_MS = 20

/** Begins to rewrite this answer to `tools/list`. */
export function rewriteList(list: Envelope, { choice, log, once }: RewrittenListSettings): RewrittenList {
  const { bytes } = list
  const tools = elementsOf(bytes, spanAt(list, 'result', 'tools'))
  const changed: string[] = []
  const edits: Edit[] = []
  let at = 0

  function rewriteTool(tool: Span): void {
    const schema = find(bytes, tool, 'inputSchema')
    if (schema === undefined) return
    const name = readString(bytes, find(bytes, tool, 'name')) ?? '(without a name)'
    const { text, badNames, closed } = rewriteSchema(textAt(bytes, schema), choice)
    if (badNames.length > 0) once.warn(badNamesText(name, badNames))
    if (closed.length > 0) once.info(closedText(name, closed))
    if (text === undefined) return
    changed.push(name)
    edits.push({ ...schema, text })
  }

  function finished(): Envelope {
    if (tools.length > 0)
      log.info(`--schema-compat ${choice} rewrote ${changed.length} of ${tools.length} schemas`)
    if (log.isDebug && changed.length > 0) log.debug(`rewritten: ${changed.join(', ')}`)
    return applied(list, edits)
  }

  return {
    goOn() {
      const endsAt = performance.now() + STRETCH_MS
      while (at < tools.length && performance.now() < endsAt) rewriteTool(tools[at++]!)
      return at < tools.length ? undefined : finished()
    },
  }
}

function badNamesText(tool: string, names: readonly string[]): string {
  const named = names.map((name) => JSON.stringify(name)).join(', ')
  return `some models refuse all tools because of the names of these arguments of ${tool}: ${named}; if yours does, hide the tool with --deny-tool ${tool}`
}

function closedText(tool: string, labels: readonly string[]): string {
  return `strict mode has no word for what these arguments of ${tool} hold, so that a model can only leave them empty: ${labels.join(', ')}`
}
