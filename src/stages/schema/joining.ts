// Levels that must all fit, as one. What cannot be joined is told in words. Pure.
import { isObject, type Json, JsonNumber, writeJson } from './json.ts'
import { distinct, includesType, type Level, type TypeName } from './level.ts'
import { sayAlternatives, sayKeyword } from './words.ts'

/** One level that says what both say. */
export function join(a: Level, b: Level): Level {
  const types = joinTypes(a.types, b.types)
  const values = joinValues(a.values, b.values)
  const { limits, told } = joinLimits(a.limits, b.limits)
  const properties = new Map(a.properties)
  for (const [name, schema] of b.properties) {
    const known = properties.get(name)
    properties.set(name, known === undefined ? schema : bothOf(known, schema))
  }
  const lost = a.union && b.union ? [sayAlternatives(b.union)] : []
  const union = a.union ?? b.union
  return {
    description: joinTexts(a.description, b.description),
    title: a.title ?? b.title,
    types,
    values,
    properties,
    required: [...new Set([...a.required, ...b.required])],
    additional: joinSchemas(a.additional, b.additional),
    items: joinSchemas(a.items, b.items),
    limits,
    union,
    orNull:
      union === undefined ? undefined : (a.union ? a.orNull : b.orNull) && (types?.includes('null') ?? true),
    told: [...new Set([...a.told, ...b.told, ...told, ...lost])],
    refs: [...new Set([...a.refs, ...b.refs])],
    isNever: a.isNever || b.isNever || types?.length === 0 || values?.length === 0,
  }
}

function joinTexts(a: string | undefined, b: string | undefined): string | undefined {
  if (!a || !b) return a || b
  return a.includes(b) ? a : b.includes(a) ? b : `${a}\n${b}`
}

function joinTypes(
  a: readonly TypeName[] | undefined,
  b: readonly TypeName[] | undefined,
): readonly TypeName[] | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const both = [...a.filter((type) => includesType(b, type)), ...b.filter((type) => includesType(a, type))]
  return distinct(both)
}

function joinValues(
  a: readonly Json[] | undefined,
  b: readonly Json[] | undefined,
): readonly Json[] | undefined {
  if (a === undefined || b === undefined) return a ?? b
  const texts = new Set(b.map(writeJson))
  return a.filter((value) => texts.has(writeJson(value)))
}

function joinSchemas(a: Json | undefined, b: Json | undefined): Json | undefined {
  return a === undefined || b === undefined ? (a ?? b) : bothOf(a, b)
}

function bothOf(a: Json, b: Json): Json {
  if (a === b || b === true) return a
  if (a === true) return b
  if (a === false || b === false) return false
  return new Map([['allOf', [a, b]]])
}

const LARGER = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'])
const SMALLER = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'])
/** Of these the first is as good as the second. */
const REMARKS = new Set(['default', 'examples', 'example', 'deprecated', 'readOnly', 'writeOnly'])

function joinLimits(
  a: ReadonlyMap<string, Json>,
  b: ReadonlyMap<string, Json>,
): { readonly limits: ReadonlyMap<string, Json>; readonly told: readonly string[] } {
  const limits = new Map(a)
  const told: string[] = []
  for (const [keyword, value] of b) {
    const known = limits.get(keyword)
    if (known === undefined) limits.set(keyword, value)
    else if (REMARKS.has(keyword)) continue
    else if (known instanceof JsonNumber && value instanceof JsonNumber) {
      const isLarger = Number(value.text) > Number(known.text)
      if (isLarger ? LARGER.has(keyword) : SMALLER.has(keyword)) limits.set(keyword, value)
    } else if (!isObject(known) && writeJson(known) !== writeJson(value))
      told.push(sayKeyword(keyword, value))
  }
  return { limits, told }
}
