// What few command lines say: of signing in, of the network, of what the host sees, of the trace. Loaded only where one of
// these flags or variables is given.
import { readNetwork } from './network-options.ts'
import type { Options } from './options.ts'
import type { FurtherRequest } from './reading.ts'
import { readShaping } from './shaping-options.ts'
import { readSignIn } from './sign-in-options.ts'
import { unknownVariables } from './unknown-variables.ts'

export { readAccount } from './sign-in-options.ts'

/** The options with all of it. Throws BridgeError `usage`. */
export function readFurther(options: Options, request: FurtherRequest): Options {
  const read = readShaping(readNetwork(readSignIn(options, request), request), request)
  const unknown = unknownVariables(Object.keys(request.environment.values))
  const warnings = [...read.warnings, ...unknown.map((text) => ({ code: 'unknown-variable', text }))]
  return unknown.length === 0 ? read : Object.freeze({ ...read, warnings })
}
