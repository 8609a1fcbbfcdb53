// Listening on this machine alone, where the browser looks for us: which addresses a host name stands for, and which port
// is taken when the preferred one is busy. protocol.md G.1 row 24, G.9.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import { BridgeError } from '../../errors.ts'

export interface LoopbackWish {
  /** The host name in the redirect URI. */
  readonly host: string
  /** The port that the user has given: that one or none, as it may be registered. */
  readonly port?: number
  readonly preferredPort: number
}

export interface Bound {
  /** One for each address. */
  readonly servers: readonly Server[]
  readonly port: number
}

/**
 * Systems give out ports from 32768 (Linux) or 49152 up to whoever connects, so that one from there may be busy at any
 * time. Below, this stretch holds few services that are well known and no port that browsers refuse.
 */
const FIRST_PORT = 20_000
const PORT_COUNT = 7_000
const NEXT_PORTS = 8
/** The system's choice is free for the first address, and may be busy for the second. */
const ANY_PORT = [0, 0, 0]

/** The same port for the same server each time: many authorization servers take no other than the registered one. */
export function preferredPort(url: URL): number {
  // Not the query, which may hold secrets and may change.
  const hash = createHash('sha256').update(`${url.origin}${url.pathname}`).digest()
  return FIRST_PORT + (hash.readUInt32BE() % PORT_COUNT)
}

/** Listens with servers made by `create`. Rejects with BridgeError `auth-failed`. */
export async function bindLoopback(wish: LoopbackWish, create: () => Server): Promise<Bound> {
  const { port: strict, preferredPort: first } = wish
  const next = Array.from({ length: NEXT_PORTS }, (_, index) => first + index).filter(
    (port) => port <= 65_535,
  )
  let failure: NodeJS.ErrnoException | undefined
  for (const port of strict === undefined ? [...next, ...ANY_PORT] : [strict]) {
    try {
      return await bind(addressesOf(wish.host), port, create)
    } catch (error) {
      failure = error as NodeJS.ErrnoException
    }
  }
  throw unbound(strict, failure)
}

/** A name may be looked up as either family, so both must be ours: the other might be another program's, which would get the code. */
function addressesOf(host: string): readonly string[] {
  const bare = host.replace(/^\[|\]$/g, '')
  if (bare === '::1') return ['::1']
  if (isIP(bare) === 0) return ['127.0.0.1', '::1']
  return [bare.startsWith('127.') ? bare : '127.0.0.1']
}

async function bind(addresses: readonly string[], wanted: number, create: () => Server): Promise<Bound> {
  const servers: Server[] = []
  let port = wanted
  let absent: unknown
  for (const address of addresses) {
    const server = create()
    try {
      server.listen(port, address)
      await once(server, 'listening')
    } catch (error) {
      // A machine without IPv6, or without IPv4, has nobody else there either.
      if (isAbsent(error)) {
        absent = error
        continue
      }
      for (const other of servers) other.close()
      throw error
    }
    servers.push(server)
    port = (server.address() as AddressInfo).port
  }
  if (servers.length === 0) throw absent
  return { servers, port }
}

function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT'
}

function unbound(port: number | undefined, failure: NodeJS.ErrnoException | undefined): BridgeError {
  const code = failure?.code ?? 'unknown error'
  const text =
    port === undefined
      ? `cannot listen on this machine for the end of the sign-in (${code}); see what forbids programs to listen on 127.0.0.1`
      : code === 'EADDRINUSE'
        ? `port ${port}, where the sign-in is to end, is used by another program; end that one, or give another callback port`
        : `cannot listen on port ${port}, where the sign-in is to end (${code}); give another callback port`
  return new BridgeError('auth-failed', text, { retryable: true, code: 'callback-port' }, failure)
}
