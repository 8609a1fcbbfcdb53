// By which proxy a URL is reached, and who says so: the variables that programs have in common, and what beats them. Pure.
// Lower case beats capitals, as curl has it. protocol.md 0.6.
import { exceptionIn } from './no-proxy.ts'
import { reachOf } from './plain-http.ts'
import type { Sourced } from './quantities.ts'
import { type Environment, lookUp, trimEnds, withoutQuotes } from './variables.ts'

export type ProxyChoice =
  /** Nobody names one. */
  | { readonly kind: 'none' }
  /** This machine itself. */
  | { readonly kind: 'loopback'; readonly named: Sourced }
  | { readonly kind: 'excepted'; readonly named: Sourced; readonly from: string; readonly entry: string }
  | { readonly kind: 'proxy'; readonly named: Sourced }

/** All the variables there are for it, for those who tell which ones are set. */
export const PROXY_VARIABLES: readonly string[] = [
  'HTTPS_PROXY',
  'HTTP_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
].flatMap((name) => [name, name.toLowerCase()])

/** `given`: what --proxy says; it beats NO_PROXY as well. */
export function chooseProxy(url: URL, environment: Environment, given?: Sourced): ProxyChoice {
  const scheme = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const named = given ?? variable(scheme, environment) ?? variable('ALL_PROXY', environment)
  if (named === undefined) return { kind: 'none' }
  if (isThisMachine(url)) return { kind: 'loopback', named }
  const except = given === undefined ? variable('NO_PROXY', environment) : undefined
  const entry = except && exceptionIn(except.text, url)
  if (except !== undefined && entry !== undefined)
    return { kind: 'excepted', named, from: except.from, entry }
  return { kind: 'proxy', named }
}

/** Whether any variable names a proxy. */
export function namesProxy(environment: Environment): boolean {
  return ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'].some((name) => variable(name, environment) !== undefined)
}

/** An empty one counts as none. */
function variable(name: string, environment: Environment): Sourced | undefined {
  for (const from of [name.toLowerCase(), name]) {
    const text = withoutQuotes(trimEnds(lookUp(from, environment) ?? ''))
    if (text !== '') return { text, from }
  }
  return undefined
}

/** The host of Docker is another machine for a proxy, though it is near enough to be asked without TLS. */
function isThisMachine({ hostname }: URL): boolean {
  return hostname !== 'host.docker.internal' && reachOf(hostname) === 'loopback'
}
