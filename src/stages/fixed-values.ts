// The text that --set gives an argument, as the JSON value that its schema asks for. What is JSON keeps its text: a number that
// was read and written anew would be another one. users.md 34.
import { peek } from '../message/peek.ts'
import { decode, encode } from '../message/utf8.ts'

type Json = Readonly<Record<string, unknown>>

export interface InputSchema {
  /** The argument's names that it tells of. */
  readonly names: readonly string[]
  /** Whether it takes an argument that it does not tell of. */
  readonly takesMore: boolean
  /** The JSON types that the argument may have; undefined: any. */
  typesOf(argument: string): readonly string[] | undefined
}

/** More places than a schema says its type in; one that leads back to itself is not followed for ever. */
const MOST_STEPS = 200

/** Reads the schema of the tool that this JSON is. */
export function readInputSchema(tool: Uint8Array | undefined): InputSchema {
  const schema = asObject(asObject(tool && JSON.parse(decode(tool)))?.inputSchema) ?? {}
  const properties = asObject(schema.properties) ?? {}
  return {
    names: Object.keys(properties),
    takesMore: schema.additionalProperties !== false,
    typesOf: (argument) => typesOf(own(properties, argument), schema, { left: MOST_STEPS }),
  }
}

/** The value, and whether it is of a type that is asked for. */
export function typedValue(
  text: string,
  types: readonly string[] | undefined,
): { readonly json: string; readonly fits: boolean } {
  const asText = JSON.stringify(text)
  if (types?.every((type) => type === 'string')) return { json: asText, fits: true }
  const json = peek(encode(text)).kind === 'invalid' ? undefined : text
  if (json !== undefined && (types === undefined || types.some((type) => isOf(type, json))))
    return { json, fits: true }
  if (types === undefined || types.includes('string')) return { json: asText, fits: true }
  return { json: json ?? asText, fits: false }
}

function isOf(type: string, json: string): boolean {
  const value: unknown = JSON.parse(json)
  if (type === 'integer') return typeof value === 'number' && Number.isInteger(value)
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return asObject(value) !== undefined
  return typeof value === type
}

function typesOf(written: unknown, root: Json, steps: { left: number }): readonly string[] | undefined {
  const schema = asObject(written)
  if (schema === undefined || steps.left-- <= 0) return undefined
  const { $ref, type, anyOf, oneOf, allOf } = schema
  if (typeof $ref === 'string') return typesOf(resolved($ref, root), root, steps)
  if (typeof type === 'string') return [type]
  if (Array.isArray(type)) return type.every((one) => typeof one === 'string') ? type : undefined
  const either = anyOf ?? oneOf ?? (Array.isArray(allOf) && allOf.length === 1 ? allOf : undefined)
  if (Array.isArray(either)) {
    const all = either.map((one) => typesOf(one, root, steps))
    return all.some((types) => types === undefined) ? undefined : all.flatMap((types) => types ?? [])
  }
  const values = Object.hasOwn(schema, 'const') ? [schema.const] : schema.enum
  return Array.isArray(values) && values.every((value) => typeof value === 'string') ? ['string'] : undefined
}

function resolved(reference: string, root: Json): unknown {
  if (!reference.startsWith('#')) return undefined
  const steps = reference
    .slice(1)
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  return steps.reduce<unknown>((value, step) => own(asObject(value), step), root)
}

function asObject(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
}

function own(object: Json | undefined, name: string): unknown {
  return object && Object.hasOwn(object, name) ? object[name] : undefined
}
