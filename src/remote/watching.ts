// Connections that are dead without anyone having said so: after the machine has slept, and, where it is asked for, when
// the remote does not answer a ping any more. protocol.md 0.6 (last item), A.9.
import { BridgeError } from '../errors.ts'
import type { Log } from '../log.ts'

const LOOK_MS = 5000
/** A timer that fires so late means that the machine, or we, have slept. */
const SLEPT_MS = 30_000
/** How long an answer to a ping may take, if the interval is not shorter. */
const PING_MS = 30_000
const MOST_SILENT = 2

export interface WatchingSettings {
  /** How often the remote is asked whether it is still there; 0: never. */
  readonly pingIntervalMs: number
  readonly log: Log
  readonly isOpen: () => boolean
  readonly ping: (limitMs: number) => Promise<unknown>
  readonly isBoundToStream: () => boolean
  /** Takes new connections wherever that loses nothing. */
  readonly renew: () => void
  /** Cuts all that is under way, for this reason. */
  readonly sever: (reason: BridgeError) => void
}

export interface Watching {
  stop(): void
}

export function watchPeer(settings: WatchingSettings): Watching {
  const { pingIntervalMs, log, isOpen, ping, renew, sever } = settings
  let silent = 0
  let lookedAt = Date.now()
  let isAsking = false

  function look(): void {
    const now = Date.now()
    const late = now - lookedAt - LOOK_MS
    lookedAt = now
    if (late < SLEPT_MS || !isOpen()) return
    log.info('the machine has slept: connections are opened anew', { seconds: Math.round(late / 1000) })
    // Here a new connection would be a new session: only if the old one is dead.
    if (settings.isBoundToStream()) void ask()
    else renew()
  }

  async function ask(): Promise<void> {
    if (isAsking || !isOpen()) return
    isAsking = true
    try {
      await ping(Math.min(pingIntervalMs || PING_MS, PING_MS))
      silent = 0
    } catch (thrown) {
      const { kind, message } = thrown as BridgeError
      if (kind === 'timeout') unanswered()
      else log.debug('a ping has failed', { why: message })
    } finally {
      isAsking = false
    }
  }

  function unanswered(): void {
    if (++silent < MOST_SILENT && !settings.isBoundToStream()) {
      log.info('the remote does not answer a ping: connections are opened anew')
      return renew()
    }
    log.warn('the remote does not answer pings: what is under way is given up')
    silent = 0
    const facts = { retryable: true, maybeDelivered: true }
    sever(
      new BridgeError(
        'stream-lost',
        'the remote does not answer pings any more; the connection was given up',
        facts,
      ),
    )
  }

  const looking = setInterval(look, LOOK_MS).unref()
  const asking = pingIntervalMs > 0 ? setInterval(ask, pingIntervalMs).unref() : undefined
  return {
    stop() {
      clearInterval(looking)
      clearInterval(asking)
    },
  }
}
