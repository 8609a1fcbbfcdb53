// What a tool or a prompt has said, as hosts of an older revision can read it: content of kinds that came later becomes
// text, and structured content that is no object becomes content. Pure. protocol.md D.5-4, D.5-5.
import { find, readString, type Span } from '../../message/peek.ts'
import { type Change, type Changes, type Edit, elementsOf } from '../../message/rewrite.ts'
import { decode } from '../../message/utf8.ts'

/** What is to be changed in the members of a `tools/call` result. */
export function callChanges(bytes: Uint8Array, result: Span): Changes {
  const structured = find(bytes, result, 'structuredContent')
  const content = find(bytes, result, 'content')
  const isOdd = structured !== undefined && bytes[structured.start] !== 0x7b
  const isArray = content !== undefined && bytes[content.start] === 0x5b
  const isEmpty = !isArray || elementsOf(bytes, content).length === 0
  const changes: Record<string, Change> = {}
  if (isOdd) changes.structuredContent = undefined
  if (isOdd && isEmpty)
    changes.content = `[${textBlock(decode(bytes.subarray(structured.start, structured.end)))}]`
  else if (!isArray) changes.content = '[]'
  return changes
}

/** What is to be changed in these blocks for a host that speaks `version`. */
export function blockEdits(bytes: Uint8Array, blocks: readonly Span[], version: string): Edit[] {
  if (version > '2025-03-26') return []
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
