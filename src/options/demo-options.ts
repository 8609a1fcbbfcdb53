// What the `demo` command goes by. Deferred: no start of the bridge needs it.
import { readLog } from './log-options.ts'
import type { Options, Request } from './options.ts'
import { settler } from './settling.ts'
import type { Warning } from './warning.ts'

export interface DemoOptions {
  /** --trace, as it is written. */
  readonly trace?: string
  readonly log: Options['log']
  readonly warnings: readonly Warning[]
}

/** Throws `bad-value` and the `env-…` errors of arguments.md 4.4. */
export function resolveDemoOptions(request: Request): DemoOptions {
  const { log, warnings } = readLog(request)
  const trace = settler(request)('--trace')?.text
  return Object.freeze({
    ...(trace !== undefined && { trace }),
    log: Object.freeze(log),
    warnings: Object.freeze([...request.warnings, ...warnings]),
  })
}
