// Writes what a schema says in the words of one dialect. What recurs, lies too deep or is too much is cut; what the dialect has
// no word for is told in the description. Pure: the same schema always comes out the same, and as it is if it comes again.
import { flatObject, orNull } from './alternatives.ts'
import { createDefinitions } from './definitions.ts'
import type { Dialect } from './dialect.ts'
import type { Document } from './document.ts'
import { join } from './joining.ts'
import { isArray, isObject, type Json, type JsonObject, objectOf, writeJson } from './json.ts'
import { ANYTHING, concerns, includesType, type Level, type TypeName, typeOfValue, typesOf } from './level.ts'
import { levelOf } from './reading.ts'
import { describe, sayKeyword, sayMembers, sayValues } from './words.ts'

export interface Rendered {
  readonly schema: JsonObject
  /** Names of members that models refuse. */
  readonly badNames: readonly string[]
  /** Members of which the dialect cannot say what they hold, so that a model cannot give it. */
  readonly closed: readonly string[]
}

/** Where a schema stands in what is written. */
interface Place {
  /** `filter.and[]`: for sentences. */
  readonly label: string
  /** Of the member that it is the schema of. */
  readonly name?: string | undefined
  readonly levels: number
  /** The references that led here. */
  readonly path: readonly string[]
  /** It need not be given. */
  readonly isOptional?: boolean
  readonly isRoot?: boolean
  /** What has members or items is not followed. */
  readonly isCut?: boolean
  /** It stands for any value: its items are not spelled out again. */
  readonly isInAny?: boolean
}

/** What an object's members are written with. */
interface Inside {
  readonly place: Place
  readonly below: Place
  readonly isCut: boolean
  readonly told: string[]
}

/** OpenAI and others take no other names of members. */
const NAME = /^[\w.-]{1,64}$/
/** How many characters of descriptions there may be in all: what is written out again and again repeats them. */
const MOST_TEXT = 200_000
/** How often something that recurs is written out. */
const MOST_RECURRENCES = 2
/** What says the same of each type. */
const REMARKS: ReadonlySet<string> = new Set(['default', 'examples', 'example'])

export function renderSchema(document: Document, dialect: Dialect): Rendered {
  const left = {
    schemas: dialect.mostSchemas,
    values: dialect.mostValues,
    characters: dialect.mostCharacters,
    text: MOST_TEXT,
  }
  const badNames = new Set<string>()
  const closed = new Set<string>()
  const definitions = createDefinitions(document)

  /** Undefined: nothing fits, so that there is nothing to give. */
  function renderAt(schema: Json, place: Place): JsonObject | undefined {
    const ref = dialect.hasRefs ? definitions.refTo(schema) : undefined
    if (ref === undefined) {
      const level = levelOf(schema, document)
      return level.isNever ? undefined : render(place.isOptional ? orNull(level) : level, place)
    }
    left.schemas--
    left.characters -= ref.isNew ? ref.name.length : 0
    const reference = objectOf({ $ref: ref.path })
    return ref.isNullable || place.isOptional ? dialect.orNull(reference) : reference
  }

  function render(level: Level, place: Place): JsonObject {
    if (level.union !== undefined) return oneOf(level, level.union, place)
    const found = typesOf(level)
    if (found === undefined && dialect.anyTypes.length === 0) return single(level, undefined, place)
    const isNullable = found === undefined ? dialect.isStrict : found.includes('null')
    const types = (found ?? dialect.anyTypes).filter((type) => type !== 'null')
    if (types.length > 1) {
      const union = types.map((type): Level => ({ ...ANYTHING, types: [type] }))
      const inner = { ...place, isInAny: found === undefined }
      return oneOf({ ...level, types, orNull: isNullable }, union, inner, true)
    }
    const [type = 'null'] = types
    if (type === 'null' && !dialect.hasNullType)
      return dialect.orNull(
        single({ ...level, types: undefined, told: [...level.told, 'always null'] }, 'string', place),
      )
    const schema = single(level, type, place)
    return isNullable && type !== 'null' ? dialect.orNull(schema) : schema
  }

  /** `isByType`: the alternatives are types, one each. */
  function oneOf(level: Level, union: readonly Level[], place: Place, isByType = false): JsonObject {
    left.schemas--
    const { union: _, orNull: isNullable, description, title, told, limits, ...base } = level
    const remarks = [...limits].filter(([keyword]) => REMARKS.has(keyword))
    const rules = new Map([...limits].filter(([keyword]) => !REMARKS.has(keyword)))
    const said = [...told, ...remarks.map(([keyword, value]) => sayKeyword(keyword, value))]
    const text = describe(description ?? heading(title, place), said)
    left.text -= text?.length ?? 0
    const isCut = place.isCut || isTooMuch(level, place)
    const inner = { ...place, isCut, name: undefined, path: [...place.path, ...level.refs] }
    const members = new Map<string, JsonObject>()
    for (const branch of union) {
      if (Math.min(left.schemas, left.text) <= 0 && members.size > 0) break
      const joined = join({ ...base, told: [], limits: rules, refs: [] }, branch)
      if (joined.isNever) continue
      const member = isByType ? single(joined, branch.types![0], inner) : render(joined, inner)
      for (const part of parts(member)) members.set(writeJson(part), part)
    }
    const found = [...members.values()]
    const others = found.filter((member) => member.get('type') !== 'null')
    const schema =
      others.length > 0
        ? dialect.anyOf(others, text)
        : single({ ...ANYTHING, description: text }, 'string', place)
    return isNullable || others.length < found.length ? dialect.orNull(schema) : schema
  }

  /** One type, or any where the dialect has a word for that. */
  function single(level: Level, type: TypeName | undefined, place: Place): JsonObject {
    left.schemas--
    const told: string[] = [...level.told]
    const path = [...place.path, ...level.refs]
    const isCut = place.isCut || isTooMuch(level, place)
    const below = {
      ...place,
      path,
      levels: place.levels + 1,
      isOptional: false,
      isRoot: false,
      name: undefined,
    }
    const values = valuesOf(level, type, told)
    const limits = limitsOf(level, type, told)
    const items = type === 'array' ? itemsOf(level, below, isCut, told) : undefined
    const members = type === 'object' ? membersOf(level, { below, place, isCut, told }) : {}
    const title = dialect.keepsTitles ? level.title : undefined
    const text = level.description ?? (title === undefined ? heading(level.title, place) : undefined)
    const description = describe(text, told)
    left.text -= description?.length ?? 0
    return objectOf({
      type,
      title,
      description,
      enum: values,
      ...limits,
      items,
      ...members,
    })
  }

  function isTooMuch(level: Level, { levels, path }: Place): boolean {
    if (Math.min(left.schemas, left.characters, left.text) <= 0 || levels >= dialect.mostLevels) return true
    return level.refs.some((ref) => path.filter((own) => own === ref).length >= MOST_RECURRENCES)
  }

  function valuesOf(level: Level, type: TypeName | undefined, told: string[]): readonly Json[] | undefined {
    const fitting = level.values?.filter(
      (value) => type === undefined || includesType([type], typeOfValue(value)),
    )
    if (type === 'null' || fitting === undefined || fitting.length === 0) return undefined
    const values = [...new Map(fitting.map((value) => [writeJson(value), value])).values()]
    const isKept = values.length <= left.values && (type === undefined || dialect.keepsValues(values, type))
    if (isKept) {
      left.values -= values.length
      left.characters -= dialect.isStrict ? writeJson(values).length : 0
      return values
    }
    told.push(sayValues(values))
    return undefined
  }

  function limitsOf(level: Level, type: TypeName | undefined, told: string[]): Record<string, Json> {
    const kept: Record<string, Json> = {}
    for (const [keyword, value] of level.limits) {
      if (type !== undefined && !concerns(keyword, type)) continue
      if (dialect.keeps(keyword, value, type ?? 'object')) kept[keyword] = value
      else told.push(sayKeyword(keyword, value))
    }
    return kept
  }

  function itemsOf(level: Level, below: Place, isCut: boolean, told: string[]): JsonObject {
    const isUnknown = level.items === undefined || level.items === false
    if (isUnknown || isCut || below.isInAny) {
      if (isCut && !isUnknown) told.push('what it holds is not shown')
      const isPlain = isCut || below.isInAny
      return isPlain ? objectOf({ type: 'string' }) : render(ANYTHING, { ...below, isInAny: false })
    }
    return renderAt(level.items!, { ...below, label: `${below.label}[]` }) ?? objectOf({ type: 'string' })
  }

  function membersOf(level: Level, inside: Inside): Record<string, Json> {
    const { below, place, isCut, told } = inside
    const properties = new Map<string, Json>()
    const schemas = new Map(level.properties)
    for (const name of level.required) if (!schemas.has(name)) schemas.set(name, true)
    const characters = dialect.isStrict ? [...schemas.keys()].join('').length : 0
    const isHidden =
      schemas.size > 0 && (isCut || schemas.size > left.schemas || characters > left.characters)
    if (isHidden) told.push(sayMembers([...schemas.keys()]))
    else left.characters -= characters
    for (const [name, schema] of isHidden ? [] : schemas) {
      const isOptional = dialect.isStrict && !level.required.includes(name)
      const label = below.label === '' ? name : `${below.label}.${name}`
      const member = renderAt(schema, { ...below, name, label, isOptional })
      if (member === undefined) continue
      properties.set(name, member)
      if (!NAME.test(name)) badNames.add(name)
    }
    const names = dialect.isStrict
      ? [...properties.keys()]
      : level.required.filter((name) => properties.has(name))
    const hasNone = properties.size === 0 && !dialect.hasEmptyProperties && !place.isRoot
    return {
      ...(hasNone ? {} : { properties }),
      ...(names.length > 0 || dialect.isStrict ? { required: [...new Set(names)] } : {}),
      ...furtherMembers(level, { ...inside, isCut: isCut || isHidden }),
    }
  }

  /** What may be given beside the members that have names. */
  function furtherMembers(level: Level, { below, place, isCut, told }: Inside): Record<string, Json> {
    const { additional, properties } = level
    const isOpen = additional === undefined ? properties.size === 0 : additional !== false
    if (dialect.isStrict) {
      if (isCut || (isOpen && !place.isRoot)) closed.add(below.label)
      return { additionalProperties: false }
    }
    const isSchema = additional instanceof Map && additional.size > 0
    if (dialect.hasEmptyProperties) {
      if (isCut || additional === undefined) return {}
      const label = `${below.label}.*`
      const schema = isSchema ? renderAt(additional, { ...below, label }) : additional
      return { additionalProperties: schema ?? false }
    }
    if (isSchema) told.push(sayKeyword('members of any name, each', additional))
    return {}
  }

  function root(): JsonObject {
    const level = flatObject(levelOf(document.root, document))
    const schema = new Map(single(level, 'object', { label: '', levels: 1, path: ['#'], isRoot: true }))
    const written = new Map<string, Json>()
    for (let next = definitions.next(); next !== undefined; next = definitions.next()) {
      const place = { label: next.name, levels: 1, path: [] }
      written.set(next.name, render(levelOf(next.schema, document), place))
    }
    if (written.size > 0) schema.set('$defs', written)
    return schema
  }

  const schema = root()
  return { schema, badNames: [...badNames], closed: [...closed] }
}

/** Alternatives that are nothing else are alternatives of the whole. */
function parts(schema: JsonObject): readonly JsonObject[] {
  const inner = schema.get('anyOf')
  return schema.size === 1 && isArray(inner) ? inner.filter(isObject) : [schema]
}

/** A title that says more than the name of its member does. */
function heading(title: string | undefined, { name = '', isRoot }: Place): string | undefined {
  if (isRoot) return undefined
  const letters = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
  return title === undefined || letters(title) === letters(name) ? undefined : title
}
