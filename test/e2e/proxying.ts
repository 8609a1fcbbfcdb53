// What the tests of proxies start with: remotes under names that are not this machine, since that is never reached by a proxy,
// and a bridge that has to go by one. protocol.md 0.6.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Host } from '../fixtures/hosts/raw-host.ts'
import { type HttpProxy, type HttpProxyOptions, httpProxy } from '../fixtures/servers/http-proxy.ts'
import type { McpOptions, McpServer } from '../fixtures/servers/mcp-server.ts'
import { bridge, serve } from './harness.ts'

/** Nobody but the proxies of the tests finds it. */
export const REMOTE = 'remote.test'
export const SECONDS_FOR_RETRIES = 60_000

export interface Identity {
  readonly key: Buffer
  readonly cert: Buffer
  /** The CA that vouches for it. */
  readonly caFile: string
}

/** A certificate for these names, by a CA of its own. */
export function identity(t: TestContext, names = `DNS:${REMOTE}`): Identity {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-ca-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const at = (name: string): string => join(folder, name)
  const openssl = (...args: readonly string[]): void =>
    void execFileSync('openssl', args, { stdio: 'ignore', cwd: folder })
  openssl(
    ...'req -x509 -newkey rsa:2048 -nodes -days 30 -keyout ca.key -out ca.pem'.split(' '),
    '-subj',
    '/CN=Test Root CA',
  )
  openssl(
    ...'req -newkey rsa:2048 -nodes -keyout key.pem -out request.pem -subj /CN=remote'.split(' '),
    '-addext',
    `subjectAltName=${names}`,
  )
  openssl(
    ...'x509 -req -in request.pem -days 30 -CA ca.pem -CAkey ca.key -CAcreateserial -copy_extensions copy -out cert.pem'.split(
      ' ',
    ),
  )
  return { key: readFileSync(at('key.pem')), cert: readFileSync(at('cert.pem')), caFile: at('ca.pem') }
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
