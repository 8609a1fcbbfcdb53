// JSON as text: arguments and results are never made JavaScript's numbers, which round 9007199254740993 and lose 1e400. Pure.
// protocol.md 0.4.

import { peek, type Span } from '../../message/peek.ts'
import { membersOf } from '../../message/rewrite.ts'
import { encode, textAt } from '../../message/utf8.ts'

/** The text of a value, or an object whose members are put together one by one. */
export type Tree = string | Map<string, Tree>

export type Kind = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'

export function isJson(text: string): boolean {
  return peek(encode(text)).kind !== 'invalid'
}

/** Of valid JSON. */
export function kindOf(text: string): Kind {
  const first = text.trimStart()[0]
  if (first === '{') return 'object'
  if (first === '[') return 'array'
  if (first === '"') return 'string'
  if (first === 't' || first === 'f') return 'boolean'
  return first === 'n' ? 'null' : 'number'
}

/** The members of an object, each as its text; of duplicate names the last counts. Undefined if it is no JSON object. */
export function membersIn(text: string): Map<string, string> | undefined {
  const bytes = encode(text)
  if (peek(bytes).kind !== 'object') return undefined
  const span: Span = { start: bytes.indexOf(0x7b), end: bytes.length }
  return new Map(membersOf(bytes, span).map(({ name, value }) => [name, textAt(bytes, value)]))
}

/** In one line. */
export function textOf(tree: Tree): string {
  // Between tokens a line end is a blank, and within a string it cannot be.
  if (typeof tree === 'string') return tree.trim().replace(/[\r\n]+/g, ' ')
  return `{${[...tree].map(([name, value]) => `${JSON.stringify(name)}:${textOf(value)}`).join(',')}}`
}

/** Puts a value where the path leads; what was put into an object stays, whichever stands first, and anything else gives way. */
export function put(into: Map<string, Tree>, path: readonly string[], value: Tree): void {
  const [name = '', ...rest] = path
  const there = into.get(name)
  if (rest.length === 0 && value instanceof Map) {
    for (const [member, inner] of value) put(into, [name, member], inner)
    return
  }
  if (rest.length === 0) {
    into.set(name, value)
    if (there instanceof Map) put(into, path, there)
    return
  }
  const object = typeof there === 'string' ? new Map<string, Tree>(membersIn(there)) : there
  const within = object ?? new Map<string, Tree>()
  into.set(name, within)
  put(within, rest, value)
}

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

export function isNumber(text: string): boolean {
  return NUMBER.test(text)
}

/** By its value, as JSON Schema has it: 1.0 and 1e3 are, 1e-1 is not. */
export function isInteger(text: string): boolean {
  const match = NUMBER.exec(text)
  if (match === null) return false
  const [, fraction = '', exponent = '0'] = match
  const digits = text.replace(/[eE].*/, '').replace(/^-|\./g, '')
  if (/^0*$/.test(digits)) return true
  const zeros = digits.length - digits.replace(/(?<!0)0+$/, '').length
  return fraction.length - Number(exponent) <= zeros
}

/** Whether two values are the same for a schema. */
export function isSame(a: unknown, b: unknown): boolean {
  return sameText(a) === sameText(b)
}

/** A text that is the same for values that are. */
export function sameText(value: unknown): string {
  return JSON.stringify(sorted(value))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  // Not an array: that would be one.
  return { entries: entries.map(([name, member]) => [name, sorted(member)]) }
}
