// --set: arguments that every call has, whatever the host says, and that the host does not see. A call that cannot have them does
// not happen. users.md 18, 34.
import { type BridgeError, toBridgeError, usage } from '../errors.ts'
import type { Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import { type Envelope, spanAt, stringAt } from '../message/envelope.ts'
import { CODE, refusal, refuse } from '../message/message.ts'
import { find, isObjectAt, readString, type Span } from '../message/peek.ts'
import {
  type Changes,
  type Edit,
  editsOf,
  elementsOf,
  membersOf,
  rewrite,
  splice,
  withoutElements,
} from '../message/rewrite.ts'
import { decode, textAt } from '../message/utf8.ts'
import type { Catalogue } from './catalogue.ts'
import { createSettings, type Setting } from './fixed-settings.ts'
import { doubled } from './members.ts'
import { createToolLists } from './tool-lists.ts'
import { createWaiting } from './waiting.ts'

export function createFixed(
  given: ReadonlyMap<string, ReadonlyMap<string, string>>,
  catalogue: Catalogue,
  log: Log,
): Stage {
  const waiting = createWaiting(catalogue)
  const settings = createSettings(given, catalogue, log)
  const lists = createToolLists((name, bytes, span) => withoutThem(bytes, span, settings.of(name)))

  function filledIn(call: Envelope, name: string): Envelope {
    const set = settings.of(name)
    const said = membersOf(call.bytes, argumentsOf(call)).map((member) => member.name)
    const replaced = set.filter(({ argument }) => said.includes(argument))
    for (const { argument } of replaced)
      log.debug('the host has set an argument that --set sets', { tool: name, argument })
    // What stands there goes, each time it is said, and the value comes last: there the loosest parser takes it.
    const gone = Object.fromEntries(replaced.map(({ argument }) => [argument, undefined]))
    const added = Object.fromEntries(set.map((setting) => [setting.argument, settings.value(setting, name)]))
    return rewrite(rewrite(call, { params: { arguments: gone } }), { params: { arguments: added } })
  }

  /** Whatever goes wrong here, later than the stages are watched, is an answer as well. */
  function attempt(call: Envelope, name: string): Filled {
    try {
      const mistakes = settings.of(name).map((setting) => settings.mistake(setting, name))
      const mistake = mistakes.find((text) => text !== undefined)
      if (mistake !== undefined) return { kind: 'mistake', error: usage('set-argument', mistake) }
      return { kind: 'message', envelope: filledIn(call, name) }
    } catch (thrown) {
      return { kind: 'mistake', error: toBridgeError(thrown) }
    }
  }

  return (next) => {
    const lane = lists(next)

    function refuseIt({ id, kind }: Envelope, text: string): void {
      if (kind !== 'request') log.debug(`dropped a call that nobody waits for: ${text}`)
      else next.toHost(refuse(id, { code: CODE.invalidParams, message: `mcp-ferry: ${text}` }))
    }

    function toTool(call: Envelope): void {
      const { bytes, kind, id } = call
      const twice = doubled(call, 'name', 'arguments')
      if (twice !== undefined) return refuseIt(call, `tools/call says ${twice} twice`)
      const name = stringAt(call, 'params', 'name')
      if (name === undefined) return refuseIt(call, 'tools/call names no tool')
      if (!settings.mayConcern(name)) return next.toRemote(call)
      const span = argumentsOf(call)
      if (span !== undefined && !isObjectAt(bytes, span))
        return refuseIt(call, 'the arguments are no object, and --set sets some of this tool')
      if (kind !== 'request') return refuseIt(call, '--set sets arguments of this tool')
      waiting.until(call, () => {
        const filled = attempt(call, name)
        if (filled.kind === 'message') next.toRemote(filled.envelope)
        else next.toHost(refusal(id!, filled.error))
      })
    }

    return {
      toRemote(envelope) {
        if (envelope.method === 'tools/call') return toTool(envelope)
        if (waiting.cancel(envelope)) return
        lane.toRemote(envelope)
      },
      toHost: lane.toHost,
    }
  }
}

type Filled =
  | { readonly kind: 'message'; readonly envelope: Envelope }
  | { readonly kind: 'mistake'; readonly error: BridgeError }

function argumentsOf(call: Envelope): Span | undefined {
  return spanAt(call, 'params', 'arguments')
}

/**
 * The tool as if it had no such arguments. What the others refer to of them stays, as definitions: zod's schemas refer to what
 * came first.
 */
function withoutThem(bytes: Uint8Array, tool: Span, set: readonly Setting[]): Edit[] {
  const schema = set.length > 0 ? find(bytes, tool, 'inputSchema') : undefined
  if (schema === undefined) return []
  const names = new Set(set.map(({ argument }) => argument))
  const isUnwanted = (span: Span): boolean => names.has(readString(bytes, span) ?? '')
  const properties = find(bytes, schema, 'properties')
  const required = find(bytes, schema, 'required')
  const elements = elementsOf(bytes, required)
  const isAllGone = elements.length > 0 && elements.every(isUnwanted)
  const none = Object.fromEntries([...names].map((name) => [name, undefined]))
  const editsWith = (changes: Changes): Edit[] => [
    ...(properties === undefined ? [] : editsOf(bytes, properties, none)),
    ...(isAllGone ? [] : withoutElements(bytes, required, isUnwanted)),
    ...editsOf(bytes, schema, { ...(isAllGone && { required: undefined }), ...changes }),
  ]
  const textWith = (edits: readonly Edit[]): string => decode(splice(bytes, edits, schema))

  const edits = editsWith({})
  const left = textWith(edits)
  const gone = membersOf(bytes, properties).filter(({ name }) => names.has(name))
  const pointers = gone.flatMap(({ name }) => pointersTo(name))
  if (!pointers.some((pointer) => left.includes(`"#/properties/${pointer}`))) return edits
  const place = PLACES.find((key) => gone.every(({ name }) => find(bytes, schema, key, name) === undefined))
  if (place === undefined) return edits
  const definitions = Object.fromEntries(gone.map(({ name, value }) => [name, textAt(bytes, value)]))
  const text = pointers.reduce(
    (all, pointer) => all.replaceAll(`"#/properties/${pointer}`, () => `"#/${place}/${pointer}`),
    textWith(editsWith({ [place]: definitions })),
  )
  return [{ ...schema, text }]
}

const PLACES = ['$defs', 'definitions']

/** How the references to an argument, and to what lies in it, go on behind `properties/`. */
function pointersTo(name: string): string[] {
  const step = JSON.stringify(name.replaceAll('~', '~0').replaceAll('/', '~1')).slice(1, -1)
  return [`${step}"`, `${step}/`]
}
