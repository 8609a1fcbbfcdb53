// One connection through a proxy: the way is tunnel.ts's, HTTP/1.1 on it is undici's. protocol.md 0.6.
import type { Socket } from 'node:net'
import { Client, type Dispatcher } from 'undici'
import { closedEarly } from './connections.ts'
import type { HttpRequest } from './http.ts'
import type { Route } from './proxy-failure.ts'
import { findHeader } from './raw-headers.ts'
import { openTunnel, type TunnelSettings } from './tunnel.ts'

/** As long as a direct connection may stand idle. */
const IDLE_MS = 3500

interface Beginning {
  readonly wanted: HttpRequest
  readonly route: Route
  readonly settings: TunnelSettings
}

/** One connection, with an undici client of its own, which makes no second one. */
export class Connection {
  readonly client: Client
  readonly systemFiles: readonly string[] | undefined
  onFree: () => void = () => {}
  onGone: () => void = () => {}
  private socket: Socket | undefined
  private takenAt = Date.now()
  private giveUp = (): void => {}

  constructor({ wanted, route, settings }: Beginning) {
    const { url } = wanted
    this.systemFiles = settings.systemFiles
    let isAsked = false
    this.client = new Client(`http://${url.host}`, {
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: IDLE_MS,
      keepAliveMaxTimeout: IDLE_MS,
      keepAliveTimeoutThreshold: 1000,
      connect: (_options, callback) => {
        // A client whose connection is gone would make another one, for a request that others decide about.
        if (isAsked) return callback(closedEarly(), null)
        isAsked = true
        const userAgent = findHeader(wanted.headers, 'user-agent')
        this.giveUp = openTunnel({ url, route, userAgent }, settings, (error, socket) => {
          if (socket === undefined) return callback(error ?? closedEarly(), null)
          this.socket = socket
          // Of an alert Node tells, and then of the end of the stream, which undici would take for what has happened.
          socket.once('error', (error) => socket.destroy(error))
          callback(null, socket)
        })
      },
    })
    this.client.on('disconnect', () => this.close())
  }

  get isUsable(): boolean {
    // By the wall clock: timers sleep when a laptop does.
    return this.socket?.writable === true && this.takenAt + IDLE_MS > Date.now()
  }

  send(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.takenAt = Date.now()
    this.client.dispatch(options, handler)
  }

  /** Calls back when what has been written is with the operating system. */
  flushed(callback: () => void): void {
    this.socket?.write('', () => callback())
  }

  close(): void {
    this.giveUp()
    this.onGone()
    this.client.destroy().catch(() => {})
  }
}
