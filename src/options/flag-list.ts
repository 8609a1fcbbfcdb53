// All flags as one list, for whoever goes through it: a start needs only to find some.
import { FURTHER, TABLE } from './flag-table.ts'
import { findFlag } from './flags.ts'

const further = Object.values(FURTHER).flatMap((names) =>
  names.split(' ').map((name) => findFlag(`--${name}`)!),
)

export const FLAGS = [...TABLE.map(({ name }) => findFlag(name)!), ...further]

/** Where further-options.ts has something to read: each flag, and each variable in capitals. */
export const FURTHER_NAMES: ReadonlySet<string> = new Set(further.flatMap(({ name, env }) => [name, env!]))
