// What one level of a schema says, whatever the words in which it says so: references followed, allOf joined, null and constants
// found wherever they stand. The schemas below it stay as they are, so that recursion costs nothing. JSON Schema 2020-12; pure.
import type { Json } from './json.ts'

export const TYPES = ['string', 'number', 'integer', 'boolean', 'array', 'object', 'null'] as const
export type TypeName = (typeof TYPES)[number]

export interface Level {
  readonly description?: string | undefined
  readonly title?: string | undefined
  /** Undefined: any. */
  readonly types?: readonly TypeName[] | undefined
  /** The only values there are: `enum` and `const`. */
  readonly values?: readonly Json[] | undefined
  readonly properties: ReadonlyMap<string, Json>
  readonly required: readonly string[]
  /** `additionalProperties`. */
  readonly additional?: Json | undefined
  readonly items?: Json | undefined
  /** Further keywords that hold plain values: `minimum`, `pattern`, `default` … */
  readonly limits: ReadonlyMap<string, Json>
  /** One of these must fit as well. */
  readonly union?: readonly Level[] | undefined
  /** Beside the union, null is as good. */
  readonly orNull?: boolean | undefined
  /** What no model's schema can say, in words. */
  readonly told: readonly string[]
  /** The references that have been followed. */
  readonly refs: readonly string[]
  /** Nothing fits. */
  readonly isNever?: boolean | undefined
}

export const ANYTHING: Level = { properties: new Map(), required: [], limits: new Map(), told: [], refs: [] }
export const NEVER: Level = { ...ANYTHING, isNever: true }

/** Whether null fits. */
export function allowsNull(level: Level): boolean {
  const { isNever, union, orNull, types } = level
  if (isNever) return false
  if (union === undefined) return typesOf(level)?.includes('null') ?? true
  return (types?.includes('null') ?? true) && (orNull === true || union.some(allowsNull))
}

/** The types that fit; those that its keywords are about, where none is named. Undefined: any. */
export function typesOf(level: Level): readonly TypeName[] | undefined {
  const { types, values, properties, required, additional, items, limits } = level
  if (values !== undefined) {
    const own = distinct(values.map(typeOfValue))
    const fitting = types === undefined ? own : own.filter((type) => includesType(types, type))
    return fitting.length > 0 ? fitting : (types ?? own)
  }
  if (types !== undefined) return types
  if (properties.size > 0 || required.length > 0 || additional !== undefined) return ['object']
  if (items !== undefined) return ['array']
  for (const [type, keywords] of BY_KEYWORD)
    if (keywords.some((keyword) => limits.has(keyword))) return [type]
  return undefined
}

const BY_KEYWORD: readonly (readonly [TypeName, readonly string[]])[] = [
  ['object', ['minProperties', 'maxProperties', 'propertyNames', 'patternProperties']],
  ['array', ['minItems', 'maxItems', 'uniqueItems', 'contains']],
  ['string', ['pattern', 'minLength', 'maxLength', 'format', 'contentEncoding']],
  ['number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']],
]

/** The keywords that say something about this type alone; all others fit each. */
export function concerns(keyword: string, type: TypeName): boolean {
  const isNumber = type === 'integer' ? 'number' : type
  if (keyword === 'format') return isNumber === 'number' || isNumber === 'string'
  const owner = BY_KEYWORD.find(([, keywords]) => keywords.includes(keyword))
  return owner === undefined || owner[0] === isNumber
}

/** Each once; whole numbers are numbers. */
export function distinct(types: readonly TypeName[]): readonly TypeName[] {
  return [...new Set(types)].filter((type) => type !== 'integer' || !types.includes('number'))
}

export function includesType(types: readonly TypeName[], type: TypeName): boolean {
  return types.includes(type) || (type === 'integer' && types.includes('number'))
}

export function typeOfValue(value: Json): TypeName {
  if (value === null) return 'null'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'boolean'
  if (value instanceof Map) return 'object'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(Number((value as { readonly text: string }).text)) ? 'integer' : 'number'
}
