// A word of the command line → JSON, as the tool's schema wants it, or what the schema wants instead. Numbers keep their text.
// Refused is only what the server would certainly refuse. Pure.

import { plain, type Schema, typeOf, valuesOf } from '../schema.ts'
import { isInteger, isJson, isNumber, isSame, kindOf } from './json-text.ts'

/** How many arrays are made around one value. */
const DEEPEST = 1

/** The JSON of a text, or undefined where the schema does not take it. */
export function typed(text: string, schema: unknown, root: unknown, depth = 0): string | undefined {
  for (const one of ordered(plain(schema, root))) {
    const json = typedAs(text, one, root, depth)
    if (json !== undefined) return json
  }
  return undefined
}

/** The same of several words with one name; undefined also where the schema takes no array. */
export function typedAll(texts: readonly string[], schema: unknown, root: unknown): string | undefined {
  for (const one of plain(schema, root)) {
    const type = typeOf(one)
    if (type !== 'array' && type !== undefined) continue
    const elements = texts.map((text) => typed(text, one.items, root))
    if (elements.every((element) => element !== undefined)) return `[${elements.join(',')}]`
  }
  return undefined
}

/** A text fits every string, so that strings come last. */
function ordered(alternatives: readonly Schema[]): Schema[] {
  const rank = (one: Schema): number => {
    if (valuesOf(one) !== undefined) return 0
    const type = typeOf(one)
    if (type === undefined) return 2
    return type === 'string' ? 3 : 1
  }
  return [...alternatives].sort((a, b) => rank(a) - rank(b))
}

function typedAs(text: string, schema: Schema, root: unknown, depth: number): string | undefined {
  const values = valuesOf(schema)
  const type = typeOf(schema)
  if (values !== undefined && type !== 'array' && type !== 'object') {
    if (values.includes(text)) return JSON.stringify(text)
    return isJson(text) && kindOf(text) !== 'string' && isAmong(text, values) ? text : undefined
  }
  switch (type) {
    case 'string':
      return JSON.stringify(text)
    case 'integer':
      return isInteger(text) ? text : undefined
    case 'number':
      return isNumber(text) ? text : undefined
    case 'boolean':
      return text === 'true' || text === 'false' ? text : undefined
    case 'null':
      return text === 'null' ? text : undefined
    case 'object':
      return isJson(text) && kindOf(text) === 'object' ? text : undefined
    case 'array':
      return array(text, schema, root, depth)
    default:
      return isJson(text) ? text : JSON.stringify(text)
  }
}

/** JSON, or the only element. */
function array(text: string, schema: Schema, root: unknown, depth: number): string | undefined {
  if (text === '') return '[]'
  if (isJson(text) && kindOf(text) === 'array') return text
  // Deeper it is JSON that a person writes; and a schema may be its own element.
  if (depth === DEEPEST) return undefined
  const element = typed(text, schema.items, root, depth + 1)
  return element === undefined ? undefined : `[${element}]`
}

/** Whether the schema may take this JSON; looks no deeper than its type and its values. */
export function allows(json: string, schema: unknown, root: unknown): boolean {
  return plain(schema, root).some((one) => {
    const values = valuesOf(one)
    if (values !== undefined) return isAmong(json, values)
    const kind = kindOf(json)
    const type = typeOf(one)
    if (type === 'integer') return kind === 'number' && isInteger(json.trim())
    return type === undefined || !TYPES.has(type) || type === kind
  })
}

const TYPES = new Set(['object', 'array', 'string', 'number', 'boolean', 'null'])

function isAmong(json: string, values: readonly unknown[]): boolean {
  const value: unknown = JSON.parse(json)
  return values.some((one) => isSame(one, value))
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  null: 'null',
  object: 'a JSON object',
}
const MOST_VALUES = 20

/** `an integer`, `one of low, high`, `an array, each a string`. */
export function wanted(schema: unknown, root: unknown, depth = 0): string {
  const all = plain(schema, root)
  const values = all.flatMap((one) => valuesOf(one) ?? [])
  const words = all.flatMap((one) => {
    if (valuesOf(one) !== undefined) return []
    const type = typeOf(one)
    if (type === 'array')
      return depth > 1 ? 'an array' : `an array, each ${wanted(one.items, root, depth + 1)}`
    return type === undefined ? 'anything' : (NAMES[type] ?? type)
  })
  const shown = values.slice(0, MOST_VALUES).map(shownValue)
  if (values.length > MOST_VALUES) shown.push('…')
  const first = shown.length === 0 ? [] : [shown.length === 1 ? shown[0]! : `one of ${shown.join(', ')}`]
  return [...new Set([...first, ...words])].join(' or ')
}

/** The strings that it takes, where it names them. */
export function namedStrings(schema: unknown, root: unknown): string[] {
  return plain(schema, root)
    .flatMap((one) => valuesOf(one) ?? [])
    .filter((value) => typeof value === 'string')
}

function shownValue(value: unknown): string {
  return typeof value === 'string' && /^[^\s,]+$/.test(value) ? value : JSON.stringify(value)
}
