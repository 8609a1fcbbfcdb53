// What a trace is made of: each line of the file is one of these. `trace show` and `trace replay` read them; fields may be added,
// so that what is not known here is to be left alone. users.md, peers.md 3 row 93.

/** Of the format. A reader refuses what is newer. */
export const TRACE_FORMAT = 1

interface Moment {
  /** The time, in UTC. */
  readonly at: string
  /** Milliseconds since the bridge has started, by a clock that is never set. */
  readonly ms: number
  /** Which start of the bridge it belongs to: several may write into one file. */
  readonly run: string
}

export type Direction = 'toRemote' | 'toHost'

/** A message, or what is left of it. */
export interface Carried {
  /** As it came, but for secrets. */
  readonly message?: unknown
  /** What is no JSON, or has become none because it was cut. */
  readonly text?: string
  /** How many bytes it had, where the text is only its beginning. */
  readonly cut?: number
  /** What a message was that stands here as text. `id` is its JSON. */
  readonly rpc?: { readonly kind: string; readonly id?: string; readonly method?: string }
}

export type Headers = Readonly<Record<string, string | readonly string[]>>

/** One line. `exchange` numbers the HTTP requests of a run. */
export type TraceRecord = Moment &
  (
    | {
        readonly kind: 'start'
        readonly trace: number
        readonly version: string
        readonly pid: number
        /** Origin and path of the remote. */
        readonly url: string
        /** Whether it has a query, which is not told. */
        readonly hasQuery: boolean
      }
    | ({ readonly kind: 'message'; readonly side: 'host'; readonly dir: Direction } & Carried)
    | ({
        readonly kind: 'message'
        readonly side: 'remote'
        readonly dir: 'toHost'
        readonly exchange: number
        /** Of a server-sent event that has a type. */
        readonly event?: string
      } & Carried)
    | ({
        readonly kind: 'request'
        readonly side: 'remote'
        readonly dir: 'toRemote'
        readonly exchange: number
        readonly method: string
        readonly url: string
        readonly headers: Headers
      } & Carried)
    | {
        readonly kind: 'response'
        readonly side: 'remote'
        readonly dir: 'toHost'
        readonly exchange: number
        readonly status: number
        readonly headers: Headers
      }
    | {
        readonly kind: 'end'
        readonly exchange: number
        readonly durationMs: number
        /** Of the body, decoded; absent where nobody has read it. */
        readonly bytes?: number
        /** Absent where the remote has ended it. */
        readonly by?: 'bridge'
        readonly error?: { readonly kind: string; readonly message: string }
      }
    /** More came than the disk could take. */
    | { readonly kind: 'lost'; readonly records: number }
  )

/** What is known of a record but when it was, and a message in it: members of a JSON object. */
export type Note = (record: Unplaced, carried?: string) => void
export type Unplaced = TraceRecord extends infer One
  ? One extends unknown
    ? Omit<One, 'at' | 'ms' | 'run'>
    : never
  : never

/** Runs what must not throw. */
export type Guard = (act: () => void) => void
