// What the tests of proxies start with: remotes under names that are not this machine, since that is never reached by a proxy,
// and a bridge that has to go by one. protocol.md 0.6.
import type { TestContext } from 'node:test'
import type { Host } from '../fixtures/hosts/raw-host.ts'
import { type HttpProxy, type HttpProxyOptions, httpProxy } from '../fixtures/servers/http-proxy.ts'
import type { McpOptions, McpServer } from '../fixtures/servers/mcp-server.ts'
import { bridge, serve } from './harness.ts'
import { type Issued, privateCa } from './private-ca.ts'

/** Nobody but the proxies of the tests finds it. */
export const REMOTE = 'remote.test'
export const SECONDS_FOR_RETRIES = 60_000

/** A certificate for these names, by a CA of its own. */
export function identity(t: TestContext, names = `DNS:${REMOTE}`): Issued {
  return privateCa(t, 'Test Root CA').issue('remote', { names })
}

export async function serveProxy(t: TestContext, options: HttpProxyOptions = {}): Promise<HttpProxy> {
  const proxy = await httpProxy(options)
  t.after(() => proxy.close())
  return proxy
}

export interface Behind {
  readonly host: Host
  readonly server: McpServer
  readonly url: string
}

export interface BehindOptions extends McpOptions {
  /** What names the proxy to the bridge. */
  readonly env: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  readonly isHttps?: boolean
}

/** A remote under its name, and a bridge that has been told of the proxy. */
export async function behind(
  t: TestContext,
  { env, args = [], isHttps = false, ...options }: BehindOptions,
): Promise<Behind> {
  const tls = isHttps ? identity(t) : undefined
  const server = await serve(t, { ...options, ...(tls !== undefined && { tls }) })
  const url = `http${isHttps ? 's' : ''}://${REMOTE}:${server.port}/mcp`
  const trust = tls === undefined ? undefined : { NODE_EXTRA_CA_CERTS: tls.caFile }
  const host = bridge(t, { url, args: ['--allow-http', ...args], env: { ...trust, ...env } })
  return { host, server, url }
}
