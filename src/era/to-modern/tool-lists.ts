// A modern remote's tools as a legacy host can read them: one tool that breaks the older rules makes a host of version 1
// of the SDK refuse the whole list. Pure. protocol.md D.5-3.
import { eachMember, isObjectAt, readString, type Span } from '../../message/peek.ts'
import {
  type Edit,
  editsOf,
  elementsOf,
  type Member,
  membersOf,
  valueIn,
  withoutElements,
} from '../../message/rewrite.ts'

export interface ToolListEdits {
  readonly edits: readonly Edit[]
  /** The names of tools that no legacy host can use. */
  readonly removed: readonly string[]
}

/** What is to be changed in the array at `tools`. */
export function toolListEdits(bytes: Uint8Array, tools: Span | undefined): ToolListEdits {
  const unusable = new Set<number>()
  const removed: string[] = []
  const edits = elementsOf(bytes, tools).flatMap((tool, at) => {
    const members = membersOf(bytes, tool)
    const input = objectSchema(bytes, valueIn(members, 'inputSchema'))
    if (input !== undefined) return toolEdits(bytes, tool, { members, input })
    unusable.add(at)
    removed.push(readString(bytes, valueIn(members, 'name')) ?? '(without a name)')
    return []
  })
  if (unusable.size === 0) return { edits, removed }
  return { edits: [...withoutElements(bytes, tools, (_, at) => unusable.has(at)), ...edits], removed }
}

interface Tool {
  readonly members: readonly Member[]
  /** The members of its input's schema. */
  readonly input: readonly Member[]
}

function toolEdits(bytes: Uint8Array, tool: Span, { members, input }: Tool): Edit[] {
  const edits = propertyEdits(bytes, input)
  const output = valueIn(members, 'outputSchema')
  if (output === undefined) return edits
  const schema = objectSchema(bytes, output)
  if (schema === undefined) return [...edits, ...editsOf(bytes, tool, { outputSchema: undefined }, members)]
  return [...edits, ...propertyEdits(bytes, schema)]
}

/** Schemas may be booleans, which the older types do not allow for a property. */
function propertyEdits(bytes: Uint8Array, schema: readonly Member[]): Edit[] {
  const edits: Edit[] = []
  const properties = valueIn(schema, 'properties')
  if (!isObjectAt(bytes, properties)) return edits
  eachMember(bytes, properties.start, (_keyStart, _keyEnd, value) => {
    if (bytes[value.start] === 0x74) edits.push({ ...value, text: '{}' })
    if (bytes[value.start] === 0x66) edits.push({ ...value, text: '{"not":{}}' })
  })
  return edits
}

/** The members of the schema, if it is one of an object. */
function objectSchema(bytes: Uint8Array, schema: Span | undefined): readonly Member[] | undefined {
  const members = membersOf(bytes, schema)
  return readString(bytes, valueIn(members, 'type')) === 'object' ? members : undefined
}
