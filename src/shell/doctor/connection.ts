// The first steps on the network: the name, and a connection to each of its addresses. What fails is told in the sentence
// that the editor would get. protocol.md 0.6, 0.8.

import { lookup } from 'node:dns/promises'
import { connect, isIP } from 'node:net'
import { isBridgeError } from '../../errors.ts'
import type { NetworkOptions } from '../../options/network.ts'
import { noSuch, otherFamily } from '../../remote/http/addresses.ts'
import { networkFailure } from '../../remote/http/failure.ts'
import { socketFailure } from '../../remote/http/socket-failure.ts'
import { within } from '../../remote/time.ts'
import { type Finding, skipped } from './step.ts'

export interface Address {
  /** Or the path of a socket. */
  readonly address: string
  /** 0 for a socket. */
  readonly family: number
}

export interface Target {
  readonly url: URL
  /** Without the brackets of an IPv6 address. */
  readonly host: string
  readonly port: number
  readonly limitMs: number
  readonly network: NetworkOptions
}

/** How many addresses are tried. */
const MOST_ADDRESSES = 8

export function targetOf(url: URL, limitMs: number, network: NetworkOptions = {}): Target {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return { url, host, port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80), limitMs, network }
}

/** The sentence that the editor gets, for what Node throws while it connects. */
export function failureText(thrown: unknown, { url, network }: Target): string {
  if (isBridgeError(thrown)) return thrown.message
  const at = { host: url.host, url: `${url.origin}${url.pathname}`, wasConnected: false }
  const failure = networkFailure(thrown, at)
  const { socketPath } = network
  return (socketPath === undefined ? failure : socketFailure(failure, socketPath)).message
}

export async function lookUpName(
  target: Target,
): Promise<Finding & { readonly addresses: readonly Address[] }> {
  const { host, limitMs, network } = target
  const { socketPath, family: wanted } = network
  if (socketPath !== undefined) {
    const addresses = [{ address: socketPath, family: 0 }]
    return { ...skipped('the remote is behind a socket, nothing is looked up'), addresses }
  }
  const family = isIP(host)
  const other = wanted && otherFamily(host, wanted)
  if (other !== undefined) return { state: 'fail', sees: other.message, addresses: [] }
  if (family !== 0)
    return {
      ...skipped(`${host} is an address, nothing is looked up`),
      addresses: [{ address: host, family }],
    }
  try {
    const all = await within(lookup(host, { all: true, verbatim: true }), limitMs)
    if (all === undefined) throw timedOut()
    const addresses = all.filter((each) => wanted === undefined || each.family === wanted)
    if (addresses.length === 0) throw noSuch(host, wanted ?? 4)
    const shown = addresses.map(({ address, family: kind }) => `${address} (IPv${kind})`)
    return {
      state: 'ok',
      sees: `${host} has ${addresses.length === 1 ? 'one address' : `${addresses.length} addresses`}`,
      details: shown,
      facts: { addresses },
      addresses,
    }
  } catch (thrown) {
    return {
      state: 'fail',
      sees: failureText(thrown, target),
      facts: { code: codeOf(thrown) },
      addresses: [],
    }
  }
}

interface Attempt extends Address {
  readonly tookMs: number
  /** Why there is no connection. */
  readonly code?: string
}

/** A connection to each address, all at once; it is enough if one comes about, since Node tries one after the other. */
export async function connectToAll(
  target: Target,
  addresses: readonly Address[],
): Promise<Finding & { readonly reached?: Address }> {
  const failures: unknown[] = []
  const attempts = await Promise.all(
    addresses.slice(0, MOST_ADDRESSES).map(async (address): Promise<Attempt> => {
      const startedAt = Date.now()
      try {
        await connectTo(address, target)
        return { ...address, tookMs: Date.now() - startedAt }
      } catch (thrown) {
        failures.push(thrown)
        return { ...address, tookMs: Date.now() - startedAt, code: codeOf(thrown) }
      }
    }),
  )
  const details = attempts.map(
    ({ address, family, tookMs, code }) =>
      `${family === 0 ? address : `IPv${family} ${address} port ${target.port}`}: ${code ?? `connected (${tookMs} ms)`}`,
  )
  const reached = attempts.find(({ code }) => code === undefined)
  const facts = { port: target.port, attempts }
  if (reached === undefined) return { state: 'fail', sees: failureText(failures[0], target), details, facts }
  const slow = attempts.find(({ code }) => code === 'ETIMEDOUT')
  const connected = attempts.filter(({ code }) => code === undefined).length
  return {
    state: slow === undefined ? 'ok' : 'warn',
    sees:
      reached.family === 0
        ? `connected to the socket ${reached.address}`
        : portOf(target, connected, attempts.length),
    details,
    ...(slow !== undefined && {
      advice: `IPv${slow.family} leads nowhere here, which may cost time with each connection; mend it in your network, or have it turned off`,
    }),
    facts,
    reached,
  }
}

function portOf({ port }: Target, connected: number, all: number): string {
  return `connected to ${connected === all ? '' : `${connected} of ${all} addresses at `}port ${port}`
}

function connectTo({ address, family }: Address, { port, limitMs }: Target): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(family === 0 ? { path: address } : { host: address, port })
    socket.setTimeout(limitMs, () => socket.destroy(timedOut()))
    socket.once('connect', () => {
      resolve()
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

export function codeOf(thrown: unknown): string {
  const { code } = thrown as { code?: unknown }
  return typeof code === 'string' ? code : 'unknown error'
}

export function timedOut(): Error {
  return Object.assign(new Error('it took too long'), { code: 'ETIMEDOUT' })
}
