// What the schemas of one family of models differ in from those of another, as a value: rendering.ts does the rest. Pure.
import type { Json, JsonObject } from './json.ts'
import type { TypeName } from './level.ts'

export interface Dialect {
  /** The types that stand for any value; none: a schema without a type may stand there. */
  readonly anyTypes: readonly TypeName[]
  /** Whether null is a type of its own. */
  readonly hasNullType: boolean
  /** Whether `$ref` to `$defs` may stand there, alone in its schema; else all is written out. */
  readonly hasRefs: boolean
  /** Every member is required, and may be null if it need not be given; there are no further members. */
  readonly isStrict: boolean
  /** Whether objects have `properties` where they have no members that are known. */
  readonly hasEmptyProperties: boolean
  readonly keepsTitles: boolean
  /** How deep schemas may lie in each other. */
  readonly mostLevels: number
  /** How many schemas there may be in all. */
  readonly mostSchemas: number
  /** How many values there may be in all, and how many characters of names and values. */
  readonly mostValues: number
  readonly mostCharacters: number
  /** Whether the keyword may stand at this type with this value; else it is told. */
  keeps(keyword: string, value: Json, type: TypeName): boolean
  /** Whether these may be the only values of the type; else they are told. */
  keepsValues(values: readonly Json[], type: TypeName): boolean
  /** The schema, with null as good. */
  orNull(schema: JsonObject): JsonObject
  /** One of these must fit. */
  anyOf(members: readonly JsonObject[], description: string | undefined): JsonObject
}
