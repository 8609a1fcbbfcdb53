// OpenAI's functions, plain and in strict mode. Plain: the root is an object without alternatives ("schema must have type 'object' and
// not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level"), lists name their items ("array schema missing items"), objects
// their members. Strict: the guide "Structured model outputs", supported schemas: all members required, no further ones, null for
// what need not be given, certain keywords and formats, 10 levels, 5,000 members, 1,000 values, 120,000 characters. users.md 35.
import type { Dialect } from './dialect.ts'
import { described, isCount, isFiniteNumber, type Json, type JsonObject, objectOf } from './json.ts'
import type { TypeName } from './level.ts'

const COMMON = {
  hasNullType: true,
  hasEmptyProperties: true,
  orNull,
  anyOf: (members: readonly JsonObject[], description: string | undefined): JsonObject =>
    members.length === 1 ? described(members[0]!, description) : objectOf({ description, anyOf: members }),
}

export const OPENAI: Dialect = {
  ...COMMON,
  anyTypes: [],
  hasRefs: false,
  isStrict: false,
  keepsTitles: true,
  mostLevels: 24,
  mostSchemas: 5000,
  mostValues: Number.POSITIVE_INFINITY,
  mostCharacters: Number.POSITIVE_INFINITY,
  keeps: () => true,
  keepsValues: () => true,
}

const STRICT_FORMATS = ['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid']
const STRICT_NUMBERS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']
/** Of the values of an enum with more than this, the characters are limited as well. */
const MANY_VALUES = 250
const MANY_CHARACTERS = 15_000

export const STRICT: Dialect = {
  ...COMMON,
  anyTypes: ['string', 'number', 'boolean'],
  hasRefs: true,
  isStrict: true,
  keepsTitles: false,
  mostLevels: 9,
  mostSchemas: 4500,
  mostValues: 900,
  mostCharacters: 100_000,
  keeps(keyword, value, type) {
    if (keyword === 'format') return type === 'string' && STRICT_FORMATS.includes(String(value))
    if (keyword === 'minItems' || keyword === 'maxItems') return isCount(value)
    // Its expressions look neither ahead nor back.
    if (keyword === 'pattern') return typeof value === 'string' && !/\(\?<?[=!]|\\[1-9]/.test(value)
    return STRICT_NUMBERS.includes(keyword) && isFiniteNumber(value)
  },
  keepsValues(values, type) {
    if (type === 'object' || type === 'array') return false
    const characters = values.reduce<number>((sum, value) => sum + String(value).length, 0)
    return values.length <= MANY_VALUES || characters <= MANY_CHARACTERS
  },
}

const PLAIN: readonly TypeName[] = ['string', 'number', 'integer', 'boolean']

function orNull(schema: JsonObject): JsonObject {
  const type = schema.get('type')
  if (type === 'null') return schema
  if (PLAIN.some((plain) => plain === type)) {
    const nullable = new Map<string, Json>([...schema, ['type', [type!, 'null']]])
    const values = schema.get('enum') as readonly Json[] | undefined
    return values === undefined ? nullable : nullable.set('enum', [...values, null])
  }
  const members = schema.get('anyOf') as readonly JsonObject[] | undefined
  const nothing = objectOf({ type: 'null' })
  if (members !== undefined) return new Map([...schema, ['anyOf', [...members, nothing]]])
  if (schema.size === 0) return schema
  const { title, description, ...rest } = Object.fromEntries(schema)
  return objectOf({ title, description, anyOf: [objectOf(rest), nothing] })
}
