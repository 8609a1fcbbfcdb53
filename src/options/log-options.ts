// How much is logged, and whereto: of the bridge and of the demo. protocol.md 0.6.
import { nameFile } from './file-name.ts'
import type { Options, Request } from './options.ts'
import { readLevel } from './quantities.ts'
import { fillInPath } from './references.ts'
import { isOn, settler } from './settling.ts'
import type { Warning } from './warning.ts'

/** Throws `bad-value` and the `env-…` errors of arguments.md 4.4. */
export function readLog(request: Request): { log: Options['log']; warnings: readonly Warning[] } {
  const settle = settler(request)
  const level = readLevel(settle('--log-level') ?? { text: 'warn', from: '--log-level' })
  const json = isOn(settle('--log-json'))
  const file = settle('--log-file')
  if (file === undefined) return { log: { level, json }, warnings: [] }
  const place = { what: `the path from ${file.from}`, environment: request.environment }
  const path = fillInPath(file.text, request.home, place)
  if (path.text === '' && path.optional) return { log: { level, json }, warnings: path.warnings }
  const fileName = nameFile('the log file', file.text)
  return { log: { level, json, file: path.text, fileName }, warnings: path.warnings }
}
