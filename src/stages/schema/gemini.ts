// Gemini's function declarations: the fields of `Schema` that the Gemini API and Vertex AI both document, and of these the ones that
// neither refuses for a type. Sources: the reference of `generativelanguage v1beta Schema` and of `aiplatform v1 Schema`, and what
// the API answers, as users report it ("only 'enum' and 'date-time' are supported for STRING type", "enum: only allowed for STRING
// type", "properties: only allowed for OBJECT type", "Proto field is not repeating, cannot start list"). users.md 35.
import type { Dialect } from './dialect.ts'
import { described, isCount, isFiniteNumber, type JsonObject } from './json.ts'
import type { TypeName } from './level.ts'

const FORMATS: Readonly<Partial<Record<TypeName, readonly string[]>>> = {
  string: ['enum', 'date-time'],
  integer: ['int32', 'int64'],
  number: ['float', 'double'],
}

export const GEMINI: Dialect = {
  anyTypes: ['string', 'number', 'boolean', 'object', 'array'],
  hasNullType: false,
  hasRefs: false,
  isStrict: false,
  hasEmptyProperties: false,
  keepsTitles: false,
  mostLevels: 24,
  mostSchemas: 5000,
  mostValues: Number.POSITIVE_INFINITY,
  mostCharacters: Number.POSITIVE_INFINITY,
  keeps(keyword, value, type) {
    if (keyword === 'format') return FORMATS[type]?.includes(String(value)) ?? false
    if (keyword === 'minItems' || keyword === 'maxItems') return isCount(value)
    return (keyword === 'minimum' || keyword === 'maximum') && isFiniteNumber(value)
  },
  keepsValues: (values, type) => type === 'string' && values.every((value) => value !== ''),
  orNull: (schema) => {
    const [first, ...others] = (schema.get('anyOf') as readonly JsonObject[] | undefined) ?? []
    if (first !== undefined) return new Map([['anyOf', [GEMINI.orNull(first), ...others]]])
    return new Map([...schema, ['nullable', true]])
  },
  // Beside anyOf nothing may stand, so that the first of them carries what is said of all.
  anyOf([first, ...others], description) {
    const said = described(first!, description)
    return others.length === 0 ? said : new Map([['anyOf', [said, ...others]]])
  },
}
