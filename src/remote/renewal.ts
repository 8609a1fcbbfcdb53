// New connections for a legacy remote whose old ones may be dead, as `watching.ts` finds out. protocol.md 0.6, A.9.
import type { Asks } from './asks.ts'
import type { Exchanges } from './exchange.ts'
import type { Life } from './life.ts'
import type { RemoteSettings } from './remote-face.ts'
import { type Watching, watchPeer } from './watching.ts'

export interface RenewalSettings extends Pick<RemoteSettings, 'log' | 'limits' | 'dropIdle' | 'transports'> {
  readonly asks: Asks
  readonly life: Life
  readonly exchanges: Exchanges
  readonly isOpen: () => boolean
}

export function watchRemote(settings: RenewalSettings): Watching {
  const { log, limits, dropIdle, transports, asks, life, exchanges, isOpen } = settings
  return watchPeer({
    pingIntervalMs: limits.pingIntervalMs,
    log,
    isOpen,
    ping: (limitMs) => asks.ping(life.session, limitMs),
    isBoundToStream: transports.isBoundToStream,
    renew() {
      dropIdle()
      life.reconnect()
      exchanges.reconnect()
    },
    sever(reason) {
      dropIdle()
      life.reconnect()
      exchanges.sever(reason)
    },
  })
}
