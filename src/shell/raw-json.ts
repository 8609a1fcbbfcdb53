// JSON as it came: members and elements are cut out of the text, so that numbers stay what they are, and it is set out in
// lines without being written anew. Pure. protocol.md 0.4.
import { eachElement, find, type Span } from '../message/peek.ts'
import { decode, encode } from '../message/utf8.ts'

/** A value that stands in a longer text. */
export interface Raw {
  readonly bytes: Uint8Array
  readonly span: Span
}

/** The text of one JSON value, without space around it. */
export function rawOf(text: string): Raw {
  const bytes = encode(text.trim())
  return { bytes, span: { start: 0, end: bytes.length } }
}

/** The member that the path leads to. */
export function memberOf({ bytes, span }: Raw, ...path: readonly string[]): Raw | undefined {
  const found = find(bytes, span, ...path)
  return found && { bytes, span: found }
}

/** The elements of an array; undefined of anything else. */
export function elementsOf({ bytes, span }: Raw): Raw[] | undefined {
  if (bytes[span.start] !== OPEN_ARRAY) return undefined
  const elements: Raw[] = []
  eachElement(bytes, span.start, (element) => elements.push({ bytes, span: element }))
  return elements
}

const OPEN_ARRAY = 91

export function textOfRaw({ bytes, span }: Raw): string {
  return decode(bytes.subarray(span.start, span.end))
}

/** As JavaScript reads it: for what is shown and decided, not for what is passed on. */
export function parsedOf(raw: Raw): unknown {
  return JSON.parse(textOfRaw(raw))
}

export type Fields = Readonly<Record<string, unknown>>

/** The object that it is; an empty one where it is something else. */
export function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

/** The same of what is not read yet. */
export function fieldsOf(raw: Raw): Fields {
  return asFields(parsedOf(raw))
}

/** Deeper than a person reads; a text of brackets alone would grow with the square of its length. */
const DEEPEST_INDENT = 60

/** Each member and element on a line of its own; an empty object or array stays in its line. All else stays as it is written. */
export function setOut(json: string): string {
  const parts: string[] = []
  let depth = 0
  const line = (): string => `\n${'  '.repeat(Math.min(depth, DEEPEST_INDENT))}`
  for (let at = 0; at < json.length; at++) {
    const char = json[at]!
    if (char === '"') {
      const end = stringEnd(json, at)
      parts.push(json.slice(at, end))
      at = end - 1
    } else if (char === '{' || char === '[') {
      const close = nextToken(json, at + 1)
      if (json[close] === '}' || json[close] === ']') {
        parts.push(char, json[close]!)
        at = close
      } else {
        depth++
        parts.push(char, line())
      }
    } else if (char === '}' || char === ']') {
      depth--
      parts.push(line(), char)
    } else if (char === ',') parts.push(char, line())
    else if (char === ':') parts.push(': ')
    else if (!isSpace(char)) parts.push(char)
  }
  return parts.join('')
}

/** Behind the quote that closes it. No expression: long ones are too much for it. */
function stringEnd(json: string, start: number): number {
  let at = start + 1
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1
  return at + 1
}

function nextToken(json: string, from: number): number {
  let at = from
  while (isSpace(json[at])) at++
  return at
}

function isSpace(char: string | undefined): boolean {
  return char === ' ' || char === '\n' || char === '\r' || char === '\t'
}
