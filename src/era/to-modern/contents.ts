// What a tool or a prompt has said, as hosts of an older revision can read it: content of kinds that came later becomes
// text, and structured content that is no object becomes content. Pure. protocol.md D.5-4, D.5-5.
import { find, isArrayAt, isObjectAt, readString, type Span } from '../../message/peek.ts'
import {
  type Change,
  type Changes,
  type Edit,
  elementsOf,
  type Member,
  valueIn,
} from '../../message/rewrite.ts'
import { textAt } from '../../message/utf8.ts'

/** What is to be changed in a `tools/call` result that has these members. */
export function callChanges(bytes: Uint8Array, members: readonly Member[]): Changes {
  const structured = valueIn(members, 'structuredContent')
  const content = valueIn(members, 'content')
  const isOdd = structured !== undefined && !isObjectAt(bytes, structured)
  const changes: Record<string, Change> = {}
  if (isOdd) changes.structuredContent = undefined
  if (isOdd && elementsOf(bytes, content).length === 0)
    changes.content = `[${textBlock(textAt(bytes, structured))}]`
  else if (!isArrayAt(bytes, content)) changes.content = '[]'
  return changes
}

/** Whether there are blocks that a host does not know which speaks `version`. */
export function hasOddBlocks(version: string): boolean {
  return version <= '2025-03-26'
}

/** What is to be changed in these blocks for such a host. */
export function blockEdits(bytes: Uint8Array, blocks: readonly Span[], version: string): Edit[] {
  return blocks.flatMap((block) => {
    const text = blockText(bytes, block, version)
    return text === undefined ? [] : [{ ...block, text: textBlock(text) }]
  })
}

function blockText(bytes: Uint8Array, block: Span, version: string): string | undefined {
  const read = (name: string): string | undefined => readString(bytes, find(bytes, block, name))
  switch (read('type')) {
    case 'resource_link':
      return `${read('name') ?? 'resource'} — ${read('uri') ?? ''}`
    case 'audio':
      return version > '2024-11-05'
        ? undefined
        : `[audio ${read('mimeType') ?? ''}, ${sizeBytes(read('data') ?? '')} bytes]`
    default:
      return undefined
  }
}

function sizeBytes(base64: string): number {
  return Math.floor((base64.replace(/=+$/, '').length * 3) / 4)
}

function textBlock(text: string): string {
  return JSON.stringify({ type: 'text', text })
}
