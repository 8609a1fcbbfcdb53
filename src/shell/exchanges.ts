// What the bridge asks over HTTP meanwhile, and how that is answered: read where it tells of it, in its log.
import type { Log } from '../log.ts'

/** How much of it is kept: `watch` may run for months. */
const MOST_KEPT = 1000

/** What the bridge has sent, and what it was answered. */
export interface Sent {
  readonly method: string
  /** `initialize`, `stream`, `session`, … */
  readonly what: string
  readonly status: number
}

export interface Watch {
  readonly log: Log
  readonly sent: readonly Sent[]
  /** Warnings and errors that the bridge has told meanwhile. */
  readonly told: readonly string[]
  /** Resolves as soon as something that fits has been answered; undefined after the time. */
  answered(fits: (sent: Sent) => boolean, limitMs: number): Promise<Sent | undefined>
}

/** What becomes of the stream on which the remote tells of its own accord. */
export type StreamEvent =
  | { readonly kind: 'open' }
  /** It has ended, or could not be opened; it is tried again. */
  | { readonly kind: 'lost' }

/** In either era, as the requests of `Sent` are called. */
const STREAMS: ReadonlySet<string> = new Set(['GET stream', 'POST subscriptions/listen'])
/** The lines by which the bridge tells of it. */
const LOSSES: ReadonlySet<string> = new Set([
  'the stream of the remote has ended, or is not offered',
  'a subscription is opened again',
  'there is no new session',
])

/** The log with somebody who reads it: each exchange over HTTP is told there, at its end. */
export function watch(log: Log, onStream: (event: StreamEvent) => void = () => {}): Watch {
  const sent: Sent[] = []
  const told: string[] = []
  const waiting = new Set<() => void>()
  return {
    sent,
    told,
    log: {
      ...log,
      isDebug: true,
      debug(text, fields) {
        log.debug(text, fields)
        if (LOSSES.has(text)) onStream({ kind: 'lost' })
        const [, method, what] = /^(POST|GET|DELETE) (\S+)$/.exec(text) ?? []
        if (method === undefined || what === undefined || typeof fields?.status !== 'number') return
        keep(sent, { method, what, status: fields.status })
        if (STREAMS.has(text) && fields.status < 300) onStream({ kind: 'open' })
        for (const wake of [...waiting]) wake()
      },
      warn(text, fields) {
        log.warn(text, fields)
        keep(told, text)
      },
      error(text, fields) {
        log.error(text, fields)
        keep(told, text)
      },
    },
    answered: (fits, limitMs) =>
      new Promise((resolve) => {
        const finish = (found: Sent | undefined): void => {
          clearTimeout(timer)
          waiting.delete(look)
          resolve(found)
        }
        const look = (): void => {
          const found = sent.find(fits)
          if (found !== undefined) finish(found)
        }
        const timer = setTimeout(() => finish(undefined), limitMs)
        waiting.add(look)
        look()
      }),
  }
}

function keep<Item>(kept: Item[], item: Item): void {
  if (kept.push(item) > MOST_KEPT) kept.shift()
}
