// --schema-compat: the schemas of tools as certain models take them. Only `inputSchema` is rewritten, which is what models are shown;
// `outputSchema` is the host's. Calls pass as they are, but for nulls that only strict mode makes a model say. users.md 35.
import { toBridgeError } from '../errors.ts'
import type { Sink, Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import { type Envelope, type Id, spanAt, stringAt } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { cancelledId, refusal } from '../message/message.ts'
import { find, type Span } from '../message/peek.ts'
import { applied } from '../message/rewrite.ts'
import { textAt } from '../message/utf8.ts'
import type { SchemaChoice } from '../options/shaping.ts'
import type { Catalogue } from './catalogue.ts'
import { parseJson } from './schema/json.ts'
import { type RewrittenList, rewriteList } from './schema/list.ts'
import { hasNull, nullEdits } from './schema/nulls.ts'
import { onceTo } from './telling.ts'
import { createWaiting } from './waiting.ts'

interface UnderWay {
  readonly id: Id
  readonly rewriting: RewrittenList
}

export function createSchema(choice: SchemaChoice, catalogue: Catalogue, log: Log): Stage {
  const lists = createIdTable<true>()
  /** Lists that have come, and are not rewritten yet. */
  const underWay = createIdTable<UnderWay>()
  const waiting = createWaiting(catalogue)
  catalogue.onBegin((refuse) => {
    const before = underWay.values()
    underWay.clear()
    for (const { id } of before) refuse(id, true)
  })
  // A list may be asked for often.
  const once = { info: onceTo(log.info), warn: onceTo(log.warn) }

  /** In this turn, if it does not take long. */
  function begin(list: Envelope, id: Id, toHost: Sink): void {
    const rewriting = rewriteList(list, { choice, log, once })
    const rewritten = rewriting.goOn()
    if (rewritten !== undefined) return toHost(rewritten)
    underWay.set(id, { id, rewriting })
    goOnSoon(rewriting, id, toHost)
  }

  function goOnSoon(rewriting: RewrittenList, id: Id, toHost: Sink): void {
    setImmediate(() => {
      // It was cancelled, and the id may stand for another request by now.
      if (underWay.get(id)?.rewriting !== rewriting) return
      const rewritten = attempt(rewriting, id)
      if (rewritten === undefined) return goOnSoon(rewriting, id, toHost)
      underWay.delete(id)
      toHost(rewritten)
    })
  }

  /** Whatever goes wrong here, later than the stages are watched, is an answer as well. */
  function attempt(rewriting: RewrittenList, id: Id): Envelope | undefined {
    try {
      return rewriting.goOn()
    } catch (thrown) {
      const error = toBridgeError(thrown)
      log.error(error.message)
      return refusal(id, error)
    }
  }

  /** The call without nulls that the server never asked for. */
  function withoutNulls(call: Envelope, name: string, args: Span): Envelope {
    const tool = catalogue.tool(name)
    const schema = tool && find(tool, { start: 0, end: tool.length }, 'inputSchema')
    if (tool === undefined || schema === undefined) return call
    return applied(call, nullEdits(call.bytes, args, parseJson(textAt(tool, schema))))
  }

  return (next) => {
    function toTool(call: Envelope): void {
      const name = stringAt(call, 'params', 'name')
      const args = spanAt(call, 'params', 'arguments')
      if (name === undefined || args === undefined || !hasNull(call.bytes, args)) return next.toRemote(call)
      if (catalogue.tool(name) !== undefined) return next.toRemote(withoutNulls(call, name, args))
      // The host knows the tool from an earlier start.
      waiting.until(call, () => next.toRemote(withoutNulls(call, name, args)))
    }

    return {
      toRemote(envelope) {
        const { kind, method } = envelope
        const cancelled = cancelledId(envelope)
        if (cancelled !== undefined) underWay.delete(cancelled)
        if (waiting.cancel(envelope)) return
        if (kind === 'request' && method === 'tools/list') lists.set(envelope.id!, true)
        if (choice === 'strict' && kind === 'request' && method === 'tools/call') toTool(envelope)
        else next.toRemote(envelope)
      },
      toHost(envelope) {
        const { kind, id } = envelope
        if (kind === 'response' && id !== undefined && lists.delete(id)) begin(envelope, id, next.toHost)
        else next.toHost(envelope)
      },
    }
  }
}
