// What the command line and the environment say about what the host gets to see, and about the trace → frozen values.
// What concerns one stage is read in a file of its own. users.md 18, 34, 35.
import { readFilter } from './filter-options.ts'
import type { Options } from './options.ts'
import type { FurtherRequest, Reading } from './reading.ts'
import { createReading } from './reading.ts'
import { readNaming } from './rename-options.ts'
import { readSchemaChoice } from './schema-options.ts'
import type { ShapingOptions } from './shaping.ts'

/** The options with it. Throws BridgeError `usage`. */
export function readShaping(options: Options, request: FurtherRequest): Options {
  const reading = createReading(request)
  const shaping: ShapingOptions = {
    ...readFilter(reading),
    ...readNaming(reading),
    ...readSchemaChoice(reading),
  }
  const trace = readTrace(reading)
  const isNothing = Object.keys(shaping).length === 0 && trace === undefined
  if (isNothing && reading.warnings.length === 0) return options
  return Object.freeze({
    ...options,
    ...(Object.keys(shaping).length > 0 && { shaping: Object.freeze(shaping) }),
    ...(trace !== undefined && { trace: Object.freeze(trace) }),
    secrets: Object.freeze([...options.secrets, ...reading.secrets]),
    warnings: Object.freeze([...options.warnings, ...reading.warnings]),
  })
}

function readTrace(reading: Reading): Options['trace'] {
  const file = reading.path('--trace', 'the trace file')
  return file && { file: file.path, fileName: file.name }
}
