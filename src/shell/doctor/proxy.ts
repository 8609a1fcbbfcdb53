// The step that looks at proxies: by which one the remote is reached, who says so, and whether it lets us through; or why there is
// none. Nothing but the wish for a tunnel is sent. users.md 1 row 11, protocol.md 0.6.
import type { Socket } from 'node:net'
import { toBridgeError } from '../../errors.ts'
import type { HttpProxy, NetworkOptions } from '../../options/network.ts'
import { chooseProxy, PROXY_VARIABLES } from '../../options/proxy-choice.ts'
import { type Environment, lookUp } from '../../options/variables.ts'
import { nameProxy } from '../../remote/http/proxy-failure.ts'
import { openTunnel, routeOf, tunnelSettings } from '../../remote/http/tunnel.ts'
import { type Finding, parted } from './step.ts'

export interface ProxyQuestion {
  readonly environment: Environment
  readonly url: URL
  readonly network: NetworkOptions
  readonly userAgent: string
  readonly limitMs: number
}

export interface ProxyFinding extends Finding {
  /** By which the remote is reached. */
  readonly proxy?: HttpProxy
  /** What to say if there is no way without the one that is not used. */
  readonly unused?: string
}

export async function lookAtProxy(question: ProxyQuestion): Promise<ProxyFinding> {
  const { environment, url, network } = question
  const set = PROXY_VARIABLES.filter((name) => (lookUp(name, environment) ?? '') !== '')
  const proxy = network.proxyFor?.(url)
  if (proxy !== undefined) return tryOut(question, proxy, set)
  const choice = chooseProxy(url, environment)
  if (choice.kind === 'none')
    return { state: 'ok', sees: 'no variable names one for this URL', facts: { set, proxy: null } }
  const { from } = choice.named
  const facts = { set, proxy: from }
  if (choice.kind === 'loopback')
    return { state: 'ok', sees: `${from} names one, which is not for this machine itself`, facts }
  if (choice.kind === 'excepted') {
    const { entry, from: except } = choice
    return {
      state: 'ok',
      sees: `${from} names one, which ${except} excepts ${url.host} from, by ${entry}`,
      facts: { ...facts, exception: entry },
      unused: `if programs get out of here by the proxy of ${from} alone, remove ${entry} from ${except}`,
    }
  }
  return {
    state: 'ok',
    sees: `${from} names one, which --no-proxy turns off`,
    facts,
    unused: `if programs get out of here by the proxy of ${from} alone, remove --no-proxy`,
  }
}

async function tryOut(
  question: ProxyQuestion,
  proxy: HttpProxy,
  set: readonly string[],
): Promise<ProxyFinding> {
  const { url } = question
  const facts = {
    set,
    proxy: proxy.from,
    address: proxy.url.origin,
    hasCredential: proxy.authorization !== undefined,
  }
  try {
    const socket = await tunnelThrough(question, proxy)
    socket.destroy()
  } catch (thrown) {
    const { message, facts: known } = toBridgeError(thrown)
    return {
      state: 'fail',
      ...parted(message),
      facts: { ...facts, status: known.httpStatus ?? null, code: known.detail ?? null },
    }
  }
  const { target } = routeOf(url, proxy)
  const what = url.protocol === 'https:' ? `which lets us through to ${target}` : 'which is there'
  return { state: 'ok', sees: `by ${nameProxy(proxy)}, ${what}`, facts, proxy }
}

/** A connection by the proxy; for https all the way to the remote. Rejects with a BridgeError. */
export function tunnelThrough(question: ProxyQuestion, proxy: HttpProxy): Promise<Socket> {
  const { url, network, userAgent, limitMs } = question
  const settings = tunnelSettings(network, { connectTimeoutMs: limitMs })
  return new Promise((resolve, reject) => {
    openTunnel({ url, route: routeOf(url, proxy), userAgent, isBare: true }, settings, (error, socket) => {
      if (socket === undefined) reject(error)
      else resolve(socket)
    })
  })
}
