// The way to a remote through a proxy: a connection to the proxy, for https a tunnel through it (CONNECT), and TLS in there. It
// either stands in time or fails once, with what is to be told. By our own hands and not by undici's ProxyAgent: that one asks a
// proxy that hangs up again at once, 36,000 times in 8 s. protocol.md 0.6.
import { type IncomingMessage, request } from 'node:http'
import { connect, isIP, type Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { type BridgeError, isBridgeError } from '../../errors.ts'
import type { HttpProxy, NetworkOptions } from '../../options/network.ts'
import { ofFamily, otherFamily } from './addresses.ts'
import {
  ATTEMPT_MS,
  closedEarly,
  type Dialing,
  keepCertificate,
  TCP_KEEP_ALIVE_MS,
  timedOut,
} from './connections.ts'
import { dialOf, type TlsDial } from './dial.ts'
import { type Circumstances, isTls, networkFailure } from './failure.ts'
import { brokenOff, portOf, type Route, refusedTunnel, through, unreached } from './proxy-failure.ts'
import { findHeaders } from './raw-headers.ts'

export interface TunnelSettings {
  /** Bounds all of it together. */
  readonly connectTimeoutMs: number
  /** More for TLS with the one and the other; it changes when more is trusted. */
  readonly dials: Record<Side, TlsDial | undefined>
  /** --ipv4, --ipv6: for the way to the proxy. */
  readonly family: 4 | 6 | undefined
  readonly systemFiles: readonly string[] | undefined
}

type Side = 'proxy' | 'remote'

/** For what the options say of the network. */
export function tunnelSettings(
  network: NetworkOptions,
  { connectTimeoutMs, systemFiles }: Pick<Dialing, 'connectTimeoutMs' | 'systemFiles'>,
): TunnelSettings {
  const { family } = network
  return {
    connectTimeoutMs,
    systemFiles,
    dials: { remote: dialOf(network), proxy: dialOf(forProxy(network)) },
    family,
  }
}

/** Whom a proxy itself is trusted by. It does not learn who we are to the remote, and --insecure is not about it. */
function forProxy({ tls }: NetworkOptions): NetworkOptions {
  return tls?.ca === undefined ? {} : { tls: { ca: tls.ca } }
}

export function routeOf(url: URL, proxy: HttpProxy): Route {
  return { proxy, target: `${url.hostname}:${portOf(url)}`, url: `${url.origin}${url.pathname}` }
}

export interface Wish {
  readonly route: Route
  /** The remote. */
  readonly url: URL
  readonly userAgent: string | undefined
  /** It is enough that the proxy lets us through; whoever asks speaks TLS by themselves. */
  readonly isBare?: boolean
}

/** Calls back once; returns what gives up, after which nothing is told. */
export function openTunnel(
  wish: Wish,
  settings: TunnelSettings,
  done: (error: BridgeError | undefined, socket?: Socket) => void,
): () => void {
  let isOver = false
  let tunnel: Tunnel | undefined
  const end = (error: BridgeError | undefined, socket?: Socket): void => {
    if (isOver) return socket?.destroy() as undefined
    isOver = true
    done(error, socket)
  }
  const open = (): void => {
    const used = { ...settings.dials }
    tunnel = new Tunnel(wish, settings, (ending) => {
      if (ending.kind === 'stands') return end(undefined, ending.socket)
      if (ending.kind === 'refused') return end(ending.error)
      if (isTls(ending.thrown)) void shakeAgain(ending, used)
      else end(failureOf(ending, wish))
    })
  }
  /** The handshake has failed: it is tried again with what the system trusts, or told why. */
  const shakeAgain = async (failed: Failed, used: TunnelSettings['dials']): Promise<void> => {
    const { thrown, stage } = failed
    const { dials, systemFiles } = settings
    const side = stage === 'proxy' ? 'proxy' : 'remote'
    const trust = await import('./trust.ts').catch(() => undefined)
    if (isOver) return
    // Another connection may have been here before.
    if (trust !== undefined && dials[side] === used[side])
      dials[side] = trust.trustMore(thrown, used[side], systemFiles)
    if (dials[side] !== used[side]) return open()
    end(failureOf(failed, wish, trust?.tlsFailure(thrown, circumstances(failed, wish), systemFiles)))
  }
  const { url } = wish.route.proxy
  const why = settings.family && otherFamily(url.hostname, settings.family)
  if (why === undefined) open()
  else queueMicrotask(() => end(unreached(why, wish.route)))
  return () => {
    isOver = true
    tunnel?.giveUp()
  }
}

interface Failed {
  readonly kind: 'failed'
  readonly thrown: unknown
  /** What was being done. */
  readonly stage: 'proxy' | 'asking' | 'remote'
}

type Ending =
  | { readonly kind: 'stands'; readonly socket: Socket }
  | { readonly kind: 'refused'; readonly error: BridgeError }
  | Failed

function circumstances({ stage }: Failed, { route, url }: Wish): Circumstances {
  const host = stage === 'proxy' ? route.proxy.url.host : url.host
  return { host, url: route.url, wasConnected: false }
}

/** `known`: what is known of it already. */
function failureOf(failed: Failed, wish: Wish, known?: BridgeError): BridgeError {
  const { route } = wish
  if (failed.stage === 'asking') return brokenOff(failed.thrown, route)
  const { thrown } = failed
  const error =
    known ?? (isBridgeError(thrown) ? thrown : networkFailure(thrown, circumstances(failed, wish)))
  return failed.stage === 'proxy' ? unreached(error, route) : through(error, route)
}

class Tunnel {
  private readonly wish: Wish
  private readonly settings: TunnelSettings
  private readonly done: (ending: Ending) => void
  private readonly timer: NodeJS.Timeout
  private readonly toProxy: Socket
  private stage: Failed['stage'] = 'proxy'
  private isOver = false

  constructor(wish: Wish, settings: TunnelSettings, done: Tunnel['done']) {
    this.wish = wish
    this.settings = settings
    this.done = done
    const { url } = wish.route.proxy
    const host = bare(url.hostname)
    const to = {
      host,
      port: portOf(url),
      autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
      keepAlive: true,
      keepAliveInitialDelay: TCP_KEEP_ALIVE_MS,
      noDelay: true,
      ...(settings.family && { lookup: ofFamily(settings.family) }),
    }
    this.timer = setTimeout(() => this.fail(timedOut()), settings.connectTimeoutMs)
    this.toProxy =
      url.protocol === 'https:' ? secure({ ...to, ...nameFor(host), ...settings.dials.proxy }) : connect(to)
    this.watch(this.toProxy)
    this.toProxy.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => this.ask())
  }

  giveUp(): void {
    this.isOver = true
    clearTimeout(this.timer)
    this.toProxy.destroy()
  }

  /** The proxy is there. */
  private ask(): void {
    if (this.isOver) return
    const { url, route, userAgent } = this.wish
    if (url.protocol !== 'https:') return this.stand(this.toProxy)
    this.stage = 'asking'
    const headers = ['Host', route.target]
    if (userAgent !== undefined) headers.push('User-Agent', userAgent)
    if (route.proxy.authorization !== undefined)
      headers.push('Proxy-Authorization', route.proxy.authorization)
    const asking = request({
      method: 'CONNECT',
      path: route.target,
      headers: headers as never,
      createConnection: () => this.toProxy,
    })
    asking.on('error', (error) => this.fail(error))
    asking.once('connect', (answer, _socket, head) => this.answered(answer, head))
    asking.end()
  }

  private answered({ statusCode = 0, rawHeaders }: IncomingMessage, head: Buffer): void {
    if (this.isOver) return
    if (statusCode < 200 || statusCode > 299) {
      const authenticate = findHeaders(rawHeaders, 'proxy-authenticate')
      return this.end({ kind: 'refused', error: refusedTunnel(statusCode, authenticate, this.wish.route) })
    }
    if (head.length > 0) this.toProxy.unshift(head)
    const { url, isBare } = this.wish
    if (isBare) return this.stand(this.toProxy)
    this.stage = 'remote'
    const socket = secure({
      ...this.settings.dials.remote,
      ...nameFor(bare(url.hostname)),
      socket: this.toProxy,
      ALPNProtocols: ['http/1.1'],
    })
    this.watch(socket)
    socket.once('secureConnect', () => this.stand(socket))
  }

  private watch(socket: Socket): void {
    // Stays for good: between two owners nobody else listens.
    socket.on('error', (error) => this.fail(error))
    socket.once('close', () => this.fail(closedEarly()))
  }

  private stand(socket: Socket): void {
    if (this.isOver) return
    this.isOver = true
    clearTimeout(this.timer)
    this.done({ kind: 'stands', socket })
  }

  private fail(thrown: unknown): void {
    this.end({ kind: 'failed', thrown, stage: this.stage })
  }

  private end(ending: Ending): void {
    if (this.isOver) return
    this.giveUp()
    this.done(ending)
  }
}

function secure(options: ConnectionOptions): Socket {
  const socket = process.getBuiltinModule('node:tls').connect(options)
  keepCertificate(socket)
  return socket
}

/** What the certificate has to be for; an address is no name that TLS could ask for. */
function nameFor(host: string): ConnectionOptions {
  return isIP(host) === 0 ? { host, servername: host } : { host }
}

function bare(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}
