// A level, and several of which one must fit, as one level: null, constants and plain types among the several are found, so
// that what is no real choice becomes none. Pure.
import { join } from './joining.ts'
import { writeJson } from './json.ts'
import { ANYTHING, allowsNull, distinct, type Level, typesOf } from './level.ts'
import { sayAlternatives } from './words.ts'

/** `isExclusive`: not more than one may fit. */
export function oneOf(base: Level, branches: readonly Level[], isExclusive: boolean): Level {
  const possible = branches.filter((branch) => !branch.isNever)
  if (possible.length === 0) return branches.length === 0 ? base : { ...base, isNever: true }
  const others = possible.filter((branch) => !isOnlyNull(branch))
  const hasNull = others.length < possible.length
  if (others.length === 0) return join(base, { ...ANYTHING, types: ['null'] })
  if (others.every(isAboutPresence)) return presence(base, others, isExclusive)
  if (others.length === 1) return orNull(join(base, others[0]!), hasNull && allowsNull(base))
  const refs = [...new Set(others.flatMap((branch) => branch.refs))]
  if (others.every(isConstant)) return constants(base, others, { hasNull, refs })
  if (others.every(isPlain)) {
    const types = distinct(others.flatMap((branch) => branch.types!))
    return join(base, { ...ANYTHING, refs, types: hasNull ? [...types, 'null'] : types })
  }
  const union = others.flatMap(flattened)
  const isNullable = hasNull || others.some((branch) => branch.orNull)
  return join(base, { ...ANYTHING, refs, union, orNull: isNullable && allowsNull(base) })
}

function isOnlyNull({ types, values, union }: Level): boolean {
  if (union !== undefined) return false
  return values === undefined
    ? types?.length === 1 && types[0] === 'null'
    : values.every((value) => value === null)
}

/** `{required: ['a']}` says nothing but which members there are. */
function isAboutPresence(level: Level): boolean {
  const { types, values, properties, items, union, required, limits } = level
  const isObject = types === undefined || (types.length === 1 && types[0] === 'object')
  const hasMore = values !== undefined || items !== undefined || union !== undefined
  return required.length > 0 && isObject && !hasMore && properties.size === 0 && limits.size === 0
}

function presence(base: Level, branches: readonly Level[], isExclusive: boolean): Level {
  const sets = branches.map(({ required }) => required.join(' and ')).join(', or ')
  const refs = branches.flatMap((branch) => branch.refs)
  return join(base, {
    ...ANYTHING,
    refs,
    told: [`${isExclusive ? 'exactly' : 'at least'} one of these is given: ${sets}`],
  })
}

/** The level, with null as good. */
export function orNull(level: Level, isNullable = true): Level {
  if (!isNullable || allowsNull(level)) return level
  if (level.union !== undefined)
    return { ...level, orNull: true, types: level.types && [...new Set([...level.types, 'null' as const])] }
  const { values } = level
  return {
    ...level,
    types: [...(typesOf(level) ?? []), 'null'],
    values: values && [...values.filter((value) => value !== null), null],
  }
}

function isConstant(level: Level): boolean {
  return level.values !== undefined && level.union === undefined && level.properties.size === 0
}

/** What each value means is told. */
function constants(
  base: Level,
  branches: readonly Level[],
  { hasNull, refs }: { readonly hasNull: boolean; readonly refs: readonly string[] },
): Level {
  const values = new Map(
    branches.flatMap((branch) => branch.values!.map((value) => [writeJson(value), value])),
  )
  const meanings = branches.flatMap(({ values: own, title, description }) => {
    const meaning = description ?? title
    const value = writeJson(own![0]!)
    return meaning === undefined || meaning === own![0] || own!.length > 1 ? [] : [`${value}: ${meaning}`]
  })
  if (hasNull) values.set('null', null)
  return join(base, { ...ANYTHING, refs, values: [...values.values()], told: meanings })
}

/** Nothing but types. */
function isPlain(level: Level): boolean {
  const { types, values, properties, required, additional, items, limits, union, told } = level
  if (types === undefined || values !== undefined || union !== undefined) return false
  const isBare = properties.size === 0 && required.length === 0 && limits.size === 0 && told.length === 0
  return isBare && additional === undefined && items === undefined && level.description === undefined
}

/** Alternatives within an alternative are alternatives. */
function flattened(branch: Level): readonly Level[] {
  if (branch.union === undefined) return [branch]
  const { union, orNull: _, ...base } = branch
  return union.map((inner) => join(base, inner))
}

/** For a level that must be an object: whatever one of the alternatives has may be given. */
export function flatObject(level: Level): Level {
  const { union, orNull: _, values: __, ...base } = level
  const object: Level = { ...base, types: ['object'] }
  if (union === undefined) return object
  const branches = union.map(flatObject)
  const properties = new Map(base.properties)
  const schemas = new Map<string, Map<string, Parameters<typeof writeJson>[0]>>()
  for (const branch of branches)
    for (const [name, schema] of branch.properties) {
      const known = schemas.get(name) ?? new Map()
      schemas.set(name, known.set(writeJson(schema), schema))
    }
  for (const [name, several] of schemas) {
    if (properties.has(name)) continue
    const all = [...several.values()]
    properties.set(name, all.length === 1 ? all[0]! : new Map([['anyOf', all]]))
  }
  const common = branches[0]!.required.filter((name) =>
    branches.every(({ required }) => required.includes(name)),
  )
  return {
    ...object,
    properties,
    required: [...new Set([...base.required, ...common])],
    additional:
      base.additional ?? (branches.every(({ additional }) => additional === false) ? false : undefined),
    told: [...base.told, sayAlternatives(branches)],
  }
}
