// What the bridge asks over HTTP meanwhile, and how that is answered: read where it tells of it, in its log.
import type { Log } from '../log.ts'

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

/** The log with somebody who reads it: each exchange over HTTP is told there, at its end. */
export function watch(log: Log): Watch {
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
        const [, method, what] = /^(POST|GET|DELETE) (\S+)$/.exec(text) ?? []
        if (method === undefined || what === undefined || typeof fields?.status !== 'number') return
        sent.push({ method, what, status: fields.status })
        for (const wake of [...waiting]) wake()
      },
      warn(text, fields) {
        log.warn(text, fields)
        told.push(text)
      },
      error(text, fields) {
        log.error(text, fields)
        told.push(text)
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
