// Reads one level of a schema: see level.ts. Whatever stands there, it is read: servers send keywords of all drafts, of OpenAPI,
// and mistakes. The work is limited, since references may make much of little. JSON Schema 2020-12, draft-07, OpenAPI 3.0; pure.
import { oneOf } from './alternatives.ts'
import type { Document } from './document.ts'
import { join } from './joining.ts'
import { isArray, isObject, type Json, JsonNumber, type JsonObject, objectOf, stringsOf } from './json.ts'
import { ANYTHING, distinct, type Level, NEVER, TYPES, type TypeName } from './level.ts'
import { sayKeyword, sayPlaces } from './words.ts'

/** More parts than any honest level has; what comes after them is told, not followed. */
const MOST_PARTS = 500

interface Walk {
  readonly document: Document
  /** The references that lead here within this level: one that comes again says nothing new. */
  readonly followed: readonly string[]
  readonly left: { parts: number }
}

/** What the schema says of a value itself. Never throws. */
export function levelOf(schema: Json, document: Document): Level {
  return read(schema, { document, followed: [], left: { parts: MOST_PARTS } })
}

function read(schema: Json, walk: Walk): Level {
  if (schema === false) return NEVER
  if (!isObject(schema)) return ANYTHING
  const { left } = walk.document
  if (walk.left.parts-- <= 0 || left.reads-- <= 0)
    return { ...ANYTHING, told: ['further rules of the server'] }
  const own = ownLevel(schema)
  const parts = [
    ...referred(schema, walk),
    ...elements(schema, 'allOf').map((part) => read(part, walk)),
    ...conditional(schema, walk),
  ]
  const base = parts.reduce(join, own)
  return ['anyOf', 'oneOf'].reduce((level, keyword) => {
    if (!isArray(schema.get(keyword))) return level
    const branches = elements(schema, keyword).map((branch) => read(branch, walk))
    return oneOf(level, branches, keyword === 'oneOf')
  }, base)
}

function elements(schema: JsonObject, keyword: string): readonly Json[] {
  const found = schema.get(keyword)
  return isArray(found) ? found : []
}

function referred(schema: JsonObject, walk: Walk): Level[] {
  return ['$ref', '$dynamicRef', '$recursiveRef'].flatMap((keyword): Level[] => {
    const ref = schema.get(keyword)
    if (typeof ref !== 'string') return []
    const target = walk.document.resolve(ref)
    if (target === undefined) return [{ ...ANYTHING, told: [sayKeyword('the schema', ref)] }]
    const { pointer } = target
    if (walk.followed.includes(pointer)) return []
    const level = read(target.schema, { ...walk, followed: [...walk.followed, pointer] })
    return [{ ...level, refs: [...new Set([...level.refs, pointer])] }]
  })
}

/** What may be given under a condition may be given: when, is told. */
function conditional(schema: JsonObject, walk: Walk): Level[] {
  const dependent = schema.get('dependentSchemas')
  const schemas = [schema.get('then'), schema.get('else'), ...(isObject(dependent) ? dependent.values() : [])]
  return schemas.filter(isObject).flatMap((conditioned) => {
    const { properties, refs } = read(conditioned, walk)
    const known = schema.get('properties')
    const further = [...properties].filter(([name]) => !(isObject(known) && known.has(name)))
    return [{ ...ANYTHING, properties: new Map(further), refs }]
  })
}

/** What is told, since no model's schema has it: the keywords whose schemas say when, not what. */
const TOLD = [
  'not',
  'if',
  'then',
  'else',
  'dependentSchemas',
  'dependentRequired',
  'dependencies',
  'patternProperties',
  'propertyNames',
  'contains',
  'minContains',
  'maxContains',
  'contentEncoding',
  'contentMediaType',
]
const LIMITS = [
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'default',
  'examples',
  'example',
]

function ownLevel(schema: JsonObject): Level {
  const additional = schema.get('additionalProperties') ?? schema.get('unevaluatedProperties')
  const tuple = tupleOf(schema)
  const properties = schema.get('properties')
  const description = schema.get('description')
  const title = schema.get('title')
  const isNegation = isObject(schema.get('not')) && (schema.get('not') as JsonObject).size === 0
  const { types, values } = withNull(schema, ownTypes(schema.get('type')), ownValues(schema))
  // A spread in this literal took two fifths of the time of --schema-compat.
  return {
    types,
    values,
    description: typeof description === 'string' && description !== '' ? description : undefined,
    title: typeof title === 'string' && title !== '' ? title : undefined,
    properties: isObject(properties) ? properties : new Map(),
    required: stringsOf(schema.get('required')),
    additional: typeof additional === 'boolean' || isObject(additional) ? additional : undefined,
    items: tuple?.items ?? itemsOf(schema),
    limits: new Map([...limitsOf(schema), ...(tuple?.limits ?? [])]),
    told: [
      ...(tuple?.told ?? []),
      ...(isNegation ? [] : TOLD.filter((keyword) => schema.has(keyword))).map((keyword) =>
        sayKeyword(keyword, schema.get(keyword)!),
      ),
    ],
    refs: [],
    isNever: isNegation,
  }
}

/** `nullable` is OpenAPI's. */
function withNull(
  schema: JsonObject,
  types: readonly TypeName[] | undefined,
  values: readonly Json[] | undefined,
): Pick<Level, 'types' | 'values'> {
  if (schema.get('nullable') !== true) return { types, values }
  return {
    types: types && [...new Set([...types, 'null' as const])],
    values: values && (values.includes(null) ? values : [...values, null]),
  }
}

/** Google writes its types in capitals. */
function ownTypes(type: Json | undefined): readonly TypeName[] | undefined {
  const names = (typeof type === 'string' ? [type] : stringsOf(type)).map((name) => name.toLowerCase())
  const known = TYPES.filter((name) => names.includes(name))
  return known.length === 0 ? undefined : distinct(known)
}

function ownValues(schema: JsonObject): readonly Json[] | undefined {
  if (schema.has('const')) return [schema.get('const')!]
  const values = schema.get('enum')
  return isArray(values) && values.length > 0 ? values : undefined
}

function limitsOf(schema: JsonObject): [string, Json][] {
  return LIMITS.flatMap((keyword): [string, Json][] => {
    const value = schema.get(keyword)
    if (value === undefined || value === null) return []
    if (value === false && keyword !== 'default') return []
    // draft-04: a flag beside the limit.
    const limit = keyword === 'exclusiveMinimum' ? 'minimum' : 'maximum'
    if (value === true && keyword.startsWith('exclusive')) {
      const bound = schema.get(limit)
      return bound instanceof JsonNumber ? [[keyword, bound]] : []
    }
    return [[keyword, value]]
  })
}

function itemsOf(schema: JsonObject): Json | undefined {
  const items = schema.get('items') ?? schema.get('unevaluatedItems')
  return typeof items === 'boolean' || isObject(items) ? items : undefined
}

/** A list whose places have schemas of their own: `prefixItems`, or an array of `items`. */
function tupleOf(schema: JsonObject): Pick<Level, 'items' | 'limits' | 'told'> | undefined {
  const hasPrefix = isArray(schema.get('prefixItems'))
  const places = elements(schema, hasPrefix ? 'prefixItems' : 'items')
  if (places.length === 0) return undefined
  const rest = schema.get(hasPrefix ? 'items' : 'additionalItems')
  const isClosed = rest === false
  const all = isObject(rest) ? [...places, rest] : places
  const limits =
    isClosed && !schema.has('maxItems') ? [['maxItems', new JsonNumber(String(places.length))]] : []
  return {
    items: objectOf({ anyOf: all }),
    limits: new Map(limits as [string, Json][]),
    told: [sayPlaces(places)],
  }
}
