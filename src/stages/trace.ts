// --trace: every message of the host's side and every HTTP exchange, as JSON lines in a file. It stands nearest to the host, and
// around the HTTP of the remote. Changes nothing.
import type { Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import type { TraceOptions } from '../options/shaping.ts'
import type { Http } from '../remote/http/http.ts'

export interface Trace {
  readonly stage: Stage
  /** The same, with everything written down that passes. */
  around(http: Http): Http
}

/** Throws BridgeError `usage`, code `trace-file`, if the file cannot be written. */
export function createTrace(_options: TraceOptions, _log: Log): Trace {
  return { stage: (next) => next, around: (http) => http }
}
