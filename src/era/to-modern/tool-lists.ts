// A modern remote's tools as a legacy host can read them: one tool that breaks the older rules makes a host of version 1
// of the SDK refuse the whole list. Pure. protocol.md D.5-3.
import { find, readString, type Span } from '../../message/peek.ts'
import { type Edit, editsOf, elementsOf, membersOf, withoutElements } from '../../message/rewrite.ts'

export interface ToolListEdits {
  readonly edits: readonly Edit[]
  /** The names of tools that no legacy host can use. */
  readonly removed: readonly string[]
}

/** What is to be changed in the array at `tools`. */
export function toolListEdits(bytes: Uint8Array, tools: Span | undefined): ToolListEdits {
  const elements = elementsOf(bytes, tools)
  const isUsable = (tool: Span): boolean => isObjectSchema(bytes, find(bytes, tool, 'inputSchema'))
  const unusable = new Set(elements.filter((tool) => !isUsable(tool)).map(({ start }) => start))
  return {
    edits: [
      ...withoutElements(bytes, tools, ({ start }) => unusable.has(start)),
      ...elements.filter(({ start }) => !unusable.has(start)).flatMap((tool) => toolEdits(bytes, tool)),
    ],
    removed: elements
      .filter(({ start }) => unusable.has(start))
      .map((tool) => readString(bytes, find(bytes, tool, 'name')) ?? '(without a name)'),
  }
}

function toolEdits(bytes: Uint8Array, tool: Span): Edit[] {
  const output = find(bytes, tool, 'outputSchema')
  const inputEdits = propertyEdits(bytes, find(bytes, tool, 'inputSchema', 'properties'))
  if (output === undefined) return inputEdits
  if (!isObjectSchema(bytes, output))
    return [...inputEdits, ...editsOf(bytes, tool, { outputSchema: undefined })]
  return [...inputEdits, ...propertyEdits(bytes, find(bytes, output, 'properties'))]
}

/** Schemas may be booleans, which the older types do not allow for a property. */
function propertyEdits(bytes: Uint8Array, properties: Span | undefined): Edit[] {
  return membersOf(bytes, properties).flatMap(({ value }) => {
    if (bytes[value.start] === 0x74) return [{ ...value, text: '{}' }]
    if (bytes[value.start] === 0x66) return [{ ...value, text: '{"not":{}}' }]
    return []
  })
}

function isObjectSchema(bytes: Uint8Array, schema: Span | undefined): boolean {
  return schema !== undefined && readString(bytes, find(bytes, schema, 'type')) === 'object'
}
