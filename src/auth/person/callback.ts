// The listener on this machine that the browser comes back to at the end of a sign-in. Bound before anything else happens,
// so that the redirect URI is true. Everything is checked before the sign-in hears of it: whatever else calls here, by
// mistake or to do harm, changes nothing. protocol.md G.5, G.1 rows 20 and 24.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { BridgeError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { createStop, offStop, onStop, type Stop, stopNow } from '../../remote/stop.ts'
import { atMost } from '../../remote/time.ts'
import { bindLoopback, type LoopbackWish } from './loopback.ts'
import { type Outcome, type Page, type Shown, type Stray, strayPage, tellingPage } from './page.ts'
import { isRepeating, sameState } from './pasted.ts'

export { preferredPort } from './loopback.ts'

export interface CallbackSettings extends LoopbackWish {
  /** Begins with a slash. */
  readonly path: string
  readonly log: Log
  /** Closes it. */
  readonly stop: Stop
  readonly limits?: Partial<Limits>
}

export interface Limits {
  /** How long a request may take to arrive. */
  readonly headersMs: number
  /** How long the browser is kept waiting for how it ends. */
  readonly pageMs: number
  /** The same once it is closed. */
  readonly lastPageMs: number
  readonly connections: number
}

export interface Expected extends Shown {
  readonly state: string
  /** Gets the answer of the authorization server, once; only the `state` has been looked at. */
  readonly finish: (params: URLSearchParams) => Promise<Outcome>
}

export interface Callback {
  readonly redirectUri: string
  readonly port: number
  /** From now on the answer to this sign-in is waited for, and to no earlier one. */
  expect(expected: Expected): void
  /** Frees the port. What the browser waits for is delivered before, within bounds. */
  close(): Promise<void>
}

const LIMITS: Limits = { headersMs: 2_000, pageMs: 10_000, lastPageMs: 500, connections: 32 }
/** A browser sends the cookies of every server that was ever tried on this machine. */
const LIMIT_HEADER_BYTES = 65_536
/** How long a browser may take to fetch its page when the port is to be freed. */
const DELIVERY_MS = 1_000

/** Rejects with BridgeError `auth-failed` if no port can be had, or with the reason of `stop`. */
export async function listenForCallback(settings: CallbackSettings): Promise<Callback> {
  const { stop } = settings
  const limits = { ...LIMITS, ...settings.limits }
  const connections = createConnections(limits.connections)
  const closing = createStop()
  const answers: Answers = { log: settings.log, limits, closing, expected: undefined, isTaken: false }
  // Nobody knows the port yet, so nobody can come before the redirect URI is known.
  let redirect = new URL('http://127.0.0.1')
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    connections.keep(request.socket)
    void answerTo(request, redirect, answers).then((page) => send(response, page))
  }
  const { servers, port } = await bindLoopback(settings, () => open(limits, connections, answer))
  redirect = redirectOf(settings, port)
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    offStop(stop, close)
    stopNow(closing, new BridgeError('shutdown', 'the sign-in is over'))
    closed ??= closeAll(servers, connections, limits)
    return closed
  }
  if (stop.reason !== undefined) {
    await close()
    throw stop.reason
  }
  onStop(stop, close)
  return {
    redirectUri: redirect.href,
    port,
    expect(expected) {
      answers.expected = expected
      answers.isTaken = false
    },
    close,
  }
}

function redirectOf({ host, path }: CallbackSettings, port: number): URL {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return new URL(`http://${name}:${port}${path}`)
}

// ---- What is answered

interface Answers {
  readonly log: Log
  readonly limits: Limits
  readonly closing: Stop
  expected: Expected | undefined
  /** Whether the answer that is expected has come. */
  isTaken: boolean
}

async function answerTo(request: IncomingMessage, redirect: URL, answers: Answers): Promise<Page> {
  const { expected, log } = answers
  const checked = check(request, redirect, expected)
  if (checked.kind === 'stray') {
    log.debug('a request to the callback is not for the sign-in', { why: checked.stray })
    return strayPage(checked.stray)
  }
  const { params } = checked
  for (const name of ['code', 'state']) log.hide(params.get(name) ?? '')
  if (answers.isTaken) return tellingPage('answered', checked.expected)
  answers.isTaken = true
  const outcome = checked.expected.finish(params)
  return tellingPage(await knownSoon(outcome, answers), checked.expected)
}

type Checked =
  | { readonly kind: 'stray'; readonly stray: Stray }
  | { readonly kind: 'ours'; readonly params: URLSearchParams; readonly expected: Expected }

/** The order is that of G.5: nothing is read of what has not passed what stands before it. */
function check(request: IncomingMessage, redirect: URL, expected: Expected | undefined): Checked {
  const stray = (what: Stray): Checked => ({ kind: 'stray', stray: what })
  if (expected === undefined) return stray('early')
  if (request.method !== 'GET') return stray('method')
  const [path, ...query] = (request.url ?? '').split('?')
  if (path !== redirect.pathname) return stray('path')
  if (!isOurName(request.headers.host, redirect)) return stray('host')
  const params = new URLSearchParams(query.join('?'))
  const states = params.getAll('state')
  if (states.length !== 1 || !sameState(states[0]!, expected.state)) return stray('state')
  if (isRepeating(params)) return stray('repeated')
  return { kind: 'ours', params, expected }
}

/** A page of another site may reach us by a name of its own that it lets point here, and would be allowed to read us. */
function isOurName(host: string | undefined, redirect: URL): boolean {
  const port = redirect.port === '' ? '' : `:${redirect.port}`
  const names = [redirect.hostname, '127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}${port}`)
  return names.includes((host ?? '').toLowerCase())
}

/** How the sign-in has ended, or that it is still at work when the browser has waited long enough. */
function knownSoon(
  outcome: Promise<Outcome>,
  { limits, closing, log }: Answers,
): Promise<Outcome | 'working'> {
  return new Promise((resolve) => {
    const settle = (told: Outcome | 'working'): void => {
      clearTimeout(timer)
      offStop(closing, hurry)
      resolve(told)
    }
    let timer = setTimeout(settle, limits.pageMs, 'working')
    const hurry = (): void => {
      clearTimeout(timer)
      timer = setTimeout(settle, limits.lastPageMs, 'working')
    }
    onStop(closing, hurry)
    outcome.then(settle, (error: unknown) => {
      log.debug('a sign-in has failed unexpectedly', { why: String(error) })
      settle('failed')
    })
  })
}

function send(response: ServerResponse, { status, headers, body }: Page): void {
  response.writeHead(status, { ...headers, 'Content-Length': String(Buffer.byteLength(body)) }).end(body)
}

// ---- Connections

interface Connections {
  add(socket: Socket): void
  /** This one has sent its request and is owed an answer. */
  keep(socket: Socket): void
  /** Hangs up on those who are owed nothing, or on everybody. */
  end(whom: 'idle' | 'all'): void
  /** Resolves when everybody has got what they are owed. */
  served(): Promise<void>
}

function createConnections(limit: number): Connections {
  const idle = new Set<Socket>()
  const kept = new Map<Socket, Promise<void>>()
  return {
    add(socket) {
      idle.add(socket)
      socket.once('close', () => idle.delete(socket))
      if (idle.size <= limit) return
      // The oldest goes, not the newest: who opens many and says nothing must not keep the browser out.
      const oldest = idle.values().next().value!
      // At once: it is closed only after this turn, in which more may come.
      idle.delete(oldest)
      oldest.destroy()
    },
    keep(socket) {
      idle.delete(socket)
      const gone = new Promise<void>((resolve) => {
        socket.once('close', () => {
          kept.delete(socket)
          resolve()
        })
      })
      kept.set(socket, gone)
    },
    end(whom) {
      for (const socket of idle) socket.destroy()
      if (whom === 'all') for (const socket of kept.keys()) socket.destroy()
    },
    async served() {
      await Promise.all(kept.values())
    },
  }
}

function open(
  { headersMs }: Limits,
  connections: Connections,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const server = createServer(
    {
      maxHeaderSize: LIMIT_HEADER_BYTES,
      // For the headers too.
      requestTimeout: headersMs,
      // Node looks for those that are late only so often.
      connectionsCheckingInterval: Math.ceil(headersMs / 4),
    },
    answer,
  )
  server.on('connection', (socket) => connections.add(socket))
  return server
}

async function closeAll(servers: readonly Server[], connections: Connections, limits: Limits): Promise<void> {
  const closed = Promise.all(
    servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
  )
  connections.end('idle')
  await atMost(connections.served(), limits.lastPageMs + DELIVERY_MS)
  connections.end('all')
  await closed
}
