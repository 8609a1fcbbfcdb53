// All flags as one list, for whoever goes through it: what a start needs of them is in flags.ts.
import { FURTHER, findFlag, MAIN_FLAGS } from './flags.ts'

const further = Object.values(FURTHER).flatMap((names) =>
  names.split(' ').map((name) => findFlag(`--${name}`)!),
)

export const FLAGS = [...MAIN_FLAGS, ...further]

/** Where further-options.ts has something to read: each flag, and each variable in capitals. */
export const FURTHER_NAMES: ReadonlySet<string> = new Set(further.flatMap(({ name, env }) => [name, env!]))
