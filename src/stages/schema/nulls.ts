// In strict mode a model gives each argument, and null where there is nothing to give. Where the server's own schema knows no null,
// and does not require the argument, such a null is taken out of the call: to the server it is as if the model had said nothing.
// Everything else stays, byte for byte. Pure. users.md 35.
import { isArrayAt, type Span } from '../../message/peek.ts'
import { type Edit, editsOf, elementsOf, membersOf } from '../../message/rewrite.ts'
import { createDocument, type Document } from './document.ts'
import type { Json } from './json.ts'
import { allowsNull, type Level } from './level.ts'
import { levelOf } from './reading.ts'

/** Deeper than any model's schema goes. */
const DEEPEST = 64
/** More alternatives than any honest schema has. */
const MOST_LEVELS = 200
/** The first letter of `null`, with which no other value begins. */
const NULL = 0x6e

/** The edits that take them out of the arguments at `span`; `schema` is the server's. */
export function nullEdits(bytes: Uint8Array, span: Span, schema: Json): Edit[] {
  const document = createDocument(schema)
  return editsIn({ bytes, document, depth: 0 }, span, [levelOf(schema, document)])
}

interface Walk {
  readonly bytes: Uint8Array
  readonly document: Document
  readonly depth: number
}

/** `levels`: what the server may say of the value. */
function editsIn(walk: Walk, span: Span, levels: readonly Level[]): Edit[] {
  const { bytes, document, depth } = walk
  const all = levels.flatMap(alternatives).slice(0, MOST_LEVELS)
  if (all.length === 0 || depth > DEEPEST) return []
  const deeper = { ...walk, depth: depth + 1 }
  if (isArrayAt(bytes, span)) {
    const items = all.flatMap((level) => (level.items === undefined ? [] : [levelOf(level.items, document)]))
    return elementsOf(bytes, span).flatMap((element) => editsIn(deeper, element, items))
  }
  const gone: Record<string, undefined> = Object.create(null)
  const edits: Edit[] = []
  for (const { name, value } of membersOf(bytes, span)) {
    const known = all.filter((level) => level.properties.has(name))
    const schemas = known.map((level) => levelOf(level.properties.get(name)!, document))
    if (bytes[value.start] !== NULL) edits.push(...editsIn(deeper, value, schemas))
    else if (known.length > 0 && !known.some(requires(name)) && !schemas.some(allowsNull))
      gone[name] = undefined
  }
  return [...edits, ...editsOf(bytes, span, gone)]
}

function alternatives(level: Level): readonly Level[] {
  return [level, ...(level.union ?? []).flatMap(alternatives)]
}

function requires(name: string): (level: Level) => boolean {
  return ({ required }) => required.includes(name)
}

/** Whether there is a null among the arguments: seldom, and everything else can be saved then. */
export function hasNull(bytes: Uint8Array, span: Span, depth = 0): boolean {
  const first = bytes[span.start]
  if (first === NULL || depth > DEEPEST) return first === NULL
  if (isArrayAt(bytes, span))
    return elementsOf(bytes, span).some((element) => hasNull(bytes, element, depth + 1))
  return membersOf(bytes, span).some(({ value }) => hasNull(bytes, value, depth + 1))
}
