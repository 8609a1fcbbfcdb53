// The result of a call on stdout, and nothing else there: text as text, structured content as JSON, what is bytes in files.
// In a pipe it is what the server has sent, byte for byte. Spec: 2025-11-25, server/tools, tool result.
import type { Writable } from 'node:stream'
import { find, readString, type Span } from '../../message/peek.ts'
import { elementsOf } from '../../message/rewrite.ts'
import { textAt } from '../../message/utf8.ts'
import { escaped, shownLine } from '../foreign-text.ts'
import { type Raw, rawOf, setOut } from '../raw-json.ts'
import { harmless, writeTo } from '../screen.ts'
import { isSame, sameText } from './json-text.ts'
import { drawing, type Saver } from './media.ts'

export interface ShowingSettings {
  readonly output: Writable & { readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly saver: Saver
  /** Images are saved, whatever the terminal can. */
  readonly savesAll: boolean
  readonly tell: (line: string) => void
}

/** Shows the JSON of a CallToolResult. Rejects with BridgeError `usage` where a file cannot be written, after all of the rest. */
export async function showResult(json: string, settings: ShowingSettings): Promise<void> {
  const { bytes, span: whole } = rawOf(json)
  const at = find(bytes, whole, 'structuredContent')
  const structured = at && textAt(bytes, at)
  // Once: a library makes a text of each element of a list.
  const same = structured && sameJson(structured)
  const spans = elementsOf(bytes, find(bytes, whole, 'content'))
  const isWrapped = structured !== undefined && wraps(structured, bytes, spans)
  const failures: unknown[] = []
  for (const span of spans) {
    const block = { bytes, span }
    if (same !== undefined && isRepeated(block, same)) continue
    await showBlock(block, settings).catch((thrown: unknown) => failures.push(thrown))
  }
  if (structured !== undefined && !isWrapped && structured !== 'null') await showJson(structured, settings)
  if (failures.length > 0) throw failures[0]
}

/** The result as it came. */
export function showWhole(json: string, settings: Pick<ShowingSettings, 'output'>): Promise<void> {
  return write(settings.output, settings.output.isTTY ? escaped(setOut(json)) : json)
}

/** Whether a text block is the structured content once more, for hosts that know no better. */
function isRepeated({ bytes, span }: Raw, same: string): boolean {
  if (readString(bytes, find(bytes, span, 'type')) !== 'text') return false
  const text = readString(bytes, find(bytes, span, 'text')) ?? ''
  return /^\s*[{[]/.test(text) && sameJson(text) === same
}

/** Undefined: it is no JSON, or too deep. */
function sameJson(text: string): string | undefined {
  try {
    return sameText(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** Whether the structured content is `{"result": …}` around what the text says, as a library makes it of plain values. */
function wraps(structured: string, bytes: Uint8Array, spans: readonly Span[]): boolean {
  const texts = spans.map((span) => readString(bytes, find(bytes, span, 'text')))
  try {
    const { result, ...rest } = JSON.parse(structured) as Record<string, unknown>
    if (result === undefined || Object.keys(rest).length > 0 || texts.length === 0) return false
    const values = Array.isArray(result) && result.length === texts.length ? result : [result]
    return values.length === texts.length && values.every((value, at) => isValue(texts[at], value))
  } catch {
    return false
  }
}

function isValue(text: string | undefined, value: unknown): boolean {
  if (text === undefined || typeof value === 'string') return text === value
  return isSame(JSON.parse(text), value)
}

async function showBlock(block: Raw, settings: ShowingSettings): Promise<void> {
  const { bytes, span } = block
  const string = (...path: string[]): string | undefined => readString(bytes, find(bytes, span, ...path))
  switch (string('type')) {
    case 'text': {
      const text = string('text')
      return text === undefined ? showJson(textAt(bytes, span), settings) : showText(text, settings)
    }
    case 'image':
    case 'audio':
      return showBytes(string('data'), string('mimeType') ?? '', `the ${string('type')}`, settings)
    case 'resource_link': {
      const name = string('title') ?? string('name') ?? ''
      return showText(`${shownLine(name)} ${shownLine(string('uri') ?? '')}`.trim(), settings)
    }
    case 'resource': {
      const text = string('resource', 'text')
      if (text !== undefined) return showText(text, settings)
      const blob = string('resource', 'blob')
      const what = shownLine(string('resource', 'uri') ?? 'the resource')
      if (blob !== undefined) return showBytes(blob, string('resource', 'mimeType') ?? '', what, settings)
    }
  }
  return showJson(textAt(bytes, span), settings)
}

function showText(text: string, { output }: ShowingSettings): Promise<void> {
  return write(output, output.isTTY ? harmless(text) : text)
}

function showJson(json: string, { output }: ShowingSettings): Promise<void> {
  return write(output, output.isTTY ? escaped(setOut(json)) : json)
}

async function showBytes(
  base64: string | undefined,
  mimeType: string,
  what: string,
  { output, env, saver, savesAll, tell }: ShowingSettings,
): Promise<void> {
  if (base64 === undefined || base64 === '') return tell(`mcp-ferry: ${what} has nothing in it`)
  const drawn = output.isTTY ? drawing(base64, mimeType, env) : undefined
  if (drawn !== undefined) await write(output, drawn)
  if (drawn !== undefined && !savesAll) return
  const bytes = Buffer.from(base64, 'base64')
  const path = await saver.save(bytes, mimeType)
  const kind = shownLine(mimeType) || 'of no known kind'
  tell(`mcp-ferry: ${what} is in ${shownLine(path)} (${kind}, ${bytes.length} bytes)`)
}

/** With a line end at its end. */
function write(output: Writable, text: string): Promise<void> {
  return writeTo(output, text.endsWith('\n') ? text : `${text}\n`)
}
