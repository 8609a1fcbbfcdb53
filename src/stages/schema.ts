// --schema-compat: the schemas of tools as certain models take them. Only `inputSchema` is rewritten, which is what models are shown;
// `outputSchema` is the host's. Calls pass as they are, but for nulls that only strict mode makes a model say. users.md 35.
import type { Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import type { Envelope } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { find, readString, type Span } from '../message/peek.ts'
import { applied, type Edit, elementsOf } from '../message/rewrite.ts'
import { textAt } from '../message/utf8.ts'
import type { SchemaChoice } from '../options/shaping.ts'
import type { Catalogue } from './catalogue.ts'
import { parseJson } from './schema/json.ts'
import { hasNull, nullEdits } from './schema/nulls.ts'
import { rewriteSchema } from './schema/rewriting.ts'
import { createWaiting } from './waiting.ts'

export function createSchema(choice: SchemaChoice, catalogue: Catalogue, log: Log): Stage {
  const lists = createIdTable<true>()
  const waiting = createWaiting(catalogue)
  const told = new Set<string>()

  /** Each is said once: a list may be asked for often. */
  function once(say: (text: string) => void, text: string): void {
    if (told.has(text)) return
    told.add(text)
    say(text)
  }

  function rewritten(list: Envelope): Envelope {
    const { bytes, shape } = list
    const tools = elementsOf(bytes, shape.result && find(bytes, shape.result, 'tools'))
    const changed: string[] = []
    const edits = tools.flatMap((tool): Edit[] => {
      const schema = find(bytes, tool, 'inputSchema')
      if (schema === undefined) return []
      const name = readString(bytes, find(bytes, tool, 'name')) ?? '(without a name)'
      const { text, badNames, closed } = rewriteSchema(textAt(bytes, schema), choice)
      if (badNames.length > 0) once(log.warn, badNamesText(name, badNames))
      if (closed.length > 0) once(log.info, closedText(name, closed))
      if (text === undefined) return []
      changed.push(name)
      return [{ ...schema, text }]
    })
    if (tools.length > 0)
      log.info(`--schema-compat ${choice} rewrote ${changed.length} of ${tools.length} schemas`)
    if (log.isDebug && changed.length > 0) log.debug(`rewritten: ${changed.join(', ')}`)
    return applied(list, edits)
  }

  /** The call without nulls that the server never asked for. */
  function withoutNulls(call: Envelope, name: string, args: Span): Envelope {
    const tool = catalogue.tool(name)
    const schema = tool && find(tool, { start: 0, end: tool.length }, 'inputSchema')
    if (tool === undefined || schema === undefined) return call
    return applied(call, nullEdits(call.bytes, args, parseJson(textAt(tool, schema))))
  }

  return (next) => ({
    toRemote(envelope) {
      const { kind, method, bytes, shape } = envelope
      if (method === 'notifications/cancelled' && waiting.cancel(envelope)) return
      if (kind === 'request' && method === 'tools/list') lists.set(envelope.id!, true)
      if (choice !== 'strict' || kind !== 'request' || method !== 'tools/call' || shape.params === undefined)
        return next.toRemote(envelope)
      const name = readString(bytes, find(bytes, shape.params, 'name'))
      const args = find(bytes, shape.params, 'arguments')
      if (name === undefined || args === undefined || !hasNull(bytes, args)) return next.toRemote(envelope)
      if (catalogue.tool(name) !== undefined) return next.toRemote(withoutNulls(envelope, name, args))
      // The host knows the tool from an earlier start.
      waiting.until(envelope, () => next.toRemote(withoutNulls(envelope, name, args)))
    },
    toHost(envelope) {
      const isList = envelope.kind === 'response' && envelope.id !== undefined && lists.delete(envelope.id)
      next.toHost(isList ? rewritten(envelope) : envelope)
    },
  })
}

function badNamesText(tool: string, names: readonly string[]): string {
  const named = names.map((name) => JSON.stringify(name)).join(', ')
  return `some models refuse all tools because of the names of these arguments of ${tool}: ${named}; if yours does, hide the tool with --deny-tool ${tool}`
}

function closedText(tool: string, labels: readonly string[]): string {
  return `strict mode has no word for what these arguments of ${tool} hold, so that a model can only leave them empty: ${labels.join(', ')}`
}
