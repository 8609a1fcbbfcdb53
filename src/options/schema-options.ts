// --schema-compat. users.md 35.
import { findFlag } from './flags.ts'
import { inFull } from './further-flags.ts'
import { readChoice } from './quantities.ts'
import type { Reading } from './reading.ts'
import type { SchemaChoice, ShapingOptions } from './shaping.ts'

/** Throws BridgeError `usage`. */
export function readSchemaChoice(reading: Reading): Pick<ShapingOptions, 'schema'> {
  const given = reading.text('--schema-compat')
  if (given === undefined) return {}
  return { schema: readChoice(inFull(findFlag('--schema-compat')!), given) as SchemaChoice }
}
