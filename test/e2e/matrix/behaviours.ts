// The rows of the matrix.
import { ASKING } from './asking.ts'
import type { Behaviour } from './behaviour.ts'
import { CALLING } from './calling.ts'
import { READING } from './reading.ts'
import { WATCHING } from './watching.ts'

export const BEHAVIOURS: readonly Behaviour[] = [...READING, ...CALLING, ...ASKING, ...WATCHING]
