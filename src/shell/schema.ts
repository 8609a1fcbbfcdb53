// What a tool's schema says about an argument, as far as it says so for certain: references, unions and what stands beside
// them are taken apart into plain alternatives; what is not understood allows everything. Pure. Spec: 2025-11-25, server/tools.

export type Schema = Readonly<Record<string, unknown>>

/** A schema is the server's: it may be wide, deep or lead round in a circle. */
const MOST_STEPS = 100
const ANYTHING: Schema = {}

export interface Shape {
  /** What each member may be; a member that several alternatives have is a union. */
  readonly properties: ReadonlyMap<string, unknown>
  /** By each alternative. */
  readonly required: readonly string[]
  /** Whether a member may be there that has no name here. */
  readonly isOpen: boolean
  /** What such a member may be. */
  readonly others: unknown
}

/** The alternatives of a schema, none of which has any within, each of one type or of none. */
export function plain(schema: unknown, root: unknown): Schema[] {
  const left = { steps: MOST_STEPS }
  const found = apart(schema, root, left)
  return left.steps < 0 || found.length === 0 ? [ANYTHING] : found
}

function apart(schema: unknown, root: unknown, left: { steps: number }): Schema[] {
  if (--left.steps < 0 || !isObject(schema)) return [ANYTHING]
  const { $ref, allOf, anyOf, oneOf, type, nullable, ...rest } = schema
  const again = (more: unknown): Schema[] => apart(more, root, left)
  if (typeof $ref === 'string') {
    const { $ref: _, ...beside } = schema
    const target = resolve($ref, root)
    return isObject(target) ? again(merge(target, beside)) : [ANYTHING]
  }
  if (Array.isArray(allOf)) {
    const { allOf: _, ...beside } = schema
    const parts = allOf.map((part) => follow(part, root))
    return again(parts.reduce(merge, beside))
  }
  const union = Array.isArray(anyOf) ? anyOf : oneOf
  if (Array.isArray(union)) {
    const { [Array.isArray(anyOf) ? 'anyOf' : 'oneOf']: _, ...beside } = schema
    return union.flatMap((one) =>
      again(isObject(one) && left.steps > 0 ? merge(beside, follow(one, root)) : ANYTHING),
    )
  }
  if (Array.isArray(type)) return type.flatMap((one) => again({ ...rest, type: one }))
  const itself = { ...rest, ...(type !== undefined && { type }) }
  return nullable === true ? [itself, { type: 'null' }] : [itself]
}

/** The target of a reference instead of the reference, a few times, with what stands beside it. */
export function follow(schema: unknown, root: unknown): Schema {
  let at = isObject(schema) ? schema : ANYTHING
  for (let hop = 0; hop < 8 && typeof at.$ref === 'string'; hop++) {
    const { $ref, ...beside } = at
    const target = resolve($ref as string, root)
    if (!isObject(target)) return ANYTHING
    at = merge(target, beside)
  }
  return at
}

/** Both hold. */
function merge(a: Schema, b: Schema): Schema {
  const merged: Record<string, unknown> = { ...a, ...b }
  if (isObject(a.properties) && isObject(b.properties))
    merged.properties = { ...a.properties, ...b.properties }
  if (Array.isArray(a.required) && Array.isArray(b.required)) merged.required = [...a.required, ...b.required]
  return merged
}

/** Within the same schema only: nothing is fetched because of what a server says. */
function resolve(reference: string, root: unknown): unknown {
  if (!/^#(?:\/|$)/.test(reference)) return undefined
  let at: unknown = root
  for (const part of reference.split('/').slice(1)) {
    const name = decoded(part).replace(/~1/g, '/').replace(/~0/g, '~')
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Schema)[name]
  }
  return at
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** What the schema says of an object's members. */
export function shapeOf(schema: unknown, root: unknown): Shape {
  const alternatives = plain(schema, root).filter((one) => one.type === undefined || one.type === 'object')
  const properties = new Map<string, unknown[]>()
  for (const { properties: own } of alternatives)
    for (const [name, value] of Object.entries(isObject(own) ? own : {}))
      properties.set(name, [...(properties.get(name) ?? []), value])
  const requireds = alternatives.map(({ required }) => (Array.isArray(required) ? required : []))
  return {
    properties: new Map(
      [...properties].map(([name, all]) => [name, all.length === 1 ? all[0] : { anyOf: all }]),
    ),
    required: [...new Set(requireds[0])].filter(
      (name): name is string =>
        typeof name === 'string' && requireds.every((required) => required.includes(name)),
    ),
    isOpen: alternatives.length === 0 || alternatives.some(isOpen),
    others: alternatives.map(({ additionalProperties }) => additionalProperties).find(isObject) ?? ANYTHING,
  }
}

/** One that names its members and says nothing of others has forgotten to. */
function isOpen(schema: Schema): boolean {
  const { additionalProperties, properties } = schema
  if (additionalProperties !== undefined) return additionalProperties !== false
  return !isObject(properties) || 'patternProperties' in schema || 'unevaluatedProperties' in schema
}

export function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The type that an alternative has, also where it does not say so. */
export function typeOf(schema: Schema): string | undefined {
  if (typeof schema.type === 'string') return schema.type
  if (isObject(schema.properties)) return 'object'
  return schema.items !== undefined ? 'array' : undefined
}

/** The values that an alternative allows, where it names them. */
export function valuesOf(schema: Schema): readonly unknown[] | undefined {
  if (Object.hasOwn(schema, 'const')) return [schema.const]
  return Array.isArray(schema.enum) ? schema.enum : undefined
}
