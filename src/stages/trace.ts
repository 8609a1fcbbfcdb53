// --trace: every message of the host's side and every HTTP exchange, as JSON lines in a file. It stands nearest to the host, and
// around the HTTP of the remote. Changes nothing, and is never a reason to lose a message.
import { randomBytes } from 'node:crypto'
import { toBridgeError } from '../errors.ts'
import type { Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import type { Envelope } from '../message/envelope.ts'
import type { Options } from '../options/options.ts'
import type { Http } from '../remote/http/http.ts'
import { createCarrying } from './trace-carried.ts'
import { openTraceFile } from './trace-file.ts'
import { placeOf } from './trace-headers.ts'
import { createHttpTrace } from './trace-http.ts'
import { type Direction, type Guard, type Note, TRACE_FORMAT, type Unplaced } from './trace-record.ts'

export interface Trace {
  readonly stage: Stage
  /** The same, with everything written down that passes. Closing it closes the file. */
  around(http: Http): Http
}

/** Throws BridgeError `usage`, code `trace-file`, if the file cannot be written. */
export function createTrace(options: Options, version: string, log: Log): Trace {
  const { url, headers } = options
  const startedAt = performance.now()
  const run = randomBytes(4).toString('hex')
  const line = (record: Unplaced, carried?: string): string => {
    const ms = Math.round((performance.now() - startedAt) * 1000) / 1000
    const text = JSON.stringify({ at: new Date().toISOString(), ms, run, ...record })
    return carried === undefined ? text : `${text.slice(0, -1)},${carried}}`
  }
  const file = openTraceFile(options.trace!, log, (records) => line({ kind: 'lost', records }))
  const note: Note = (record, carried) => file.add(line(record, carried))
  const carrying = createCarrying(log.redact)
  const safely = createGuard(log)
  note({
    kind: 'start',
    trace: TRACE_FORMAT,
    version,
    pid: process.pid,
    url: log.redact(placeOf(url)),
    hasQuery: url.search !== '',
  })

  const noteMessage = (dir: Direction, envelope: Envelope): void =>
    safely(() => note({ kind: 'message', side: 'host', dir }, carrying.ofMessage(envelope)))
  return {
    stage: (next) => ({
      toRemote(envelope) {
        noteMessage('toRemote', envelope)
        next.toRemote(envelope)
      },
      toHost(envelope) {
        noteMessage('toHost', envelope)
        next.toHost(envelope)
      },
    }),
    around(http) {
      const { eventLimitBytes } = options.limits
      const own = new Set(headers.map(({ name }) => name.toLowerCase()))
      const traced = createHttpTrace({
        http,
        note,
        carrying,
        safely,
        own,
        redact: log.redact,
        eventLimitBytes,
      })
      return {
        request: traced.request,
        dropIdle: () => http.dropIdle(),
        async close() {
          traced.close()
          await file.close()
        },
      }
    },
  }
}

/** A defect here costs a line of the trace, and no message. */
function createGuard(log: Log): Guard {
  let hasTold = false
  return (act) => {
    try {
      act()
    } catch (thrown) {
      if (!hasTold) log.warn(`something is missing in the trace: ${toBridgeError(thrown).message}`)
      hasTold = true
    }
  }
}
