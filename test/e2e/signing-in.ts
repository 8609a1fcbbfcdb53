// What the tests of signing in start with: servers that are gone when the test is over, and a person with a home folder
// and a browser of their own, who may start several bridges and run commands there, and of whose programs everything
// that was written is kept. protocol.md G.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { BIN, bareEnv, type Host, initializeLine, type Line } from '../fixtures/hosts/raw-host.ts'
import { type Ran, runToEnd } from '../fixtures/hosts/run-to-end.ts'
import { type Browser, type BrowserMode, makeBrowser } from '../fixtures/programs/browser.ts'
import type { AuthRecord } from '../fixtures/servers/auth-record.ts'
import { type AuthServer, type AuthServerOptions, authServer } from '../fixtures/servers/auth-server.ts'
import {
  type HostileOptions,
  type HostileServer,
  hostileAuthServer,
} from '../fixtures/servers/hostile-auth-server.ts'
import {
  type ProtectedOptions,
  type ProtectedServer,
  protectedServer,
} from '../fixtures/servers/protected-server.ts'
import { bridge, ownError, resultOf } from './harness.ts'

/** Nothing is answered provisionally: what comes of the sign-in is the answer. */
export const FOR_EVER = ['--start-budget', '0'] as const
/** Signing in takes as long as the machine does. */
export const PATIENCE_MS = 40_000

/** Nothing opens a browser there that could be put in its place. */
export const NO_FAKE_BROWSER =
  process.platform === 'win32' && 'no browser can be put in the place of the real one'

export interface Person {
  readonly browser: Browser
  readonly env: Readonly<Record<string, string>>
  /** A bridge of this person. */
  bridge(url: string, args?: readonly string[], env?: Readonly<Record<string, string>>): Host
  /** A command of the person, `login` and the like, to its end. */
  run(args: readonly string[], input?: string): Promise<Ran>
  /** What all programs have shown so far, and all log files: where no secret may be. */
  everythingWritten(): string
  /** The files that are kept of signing in. */
  kept(): readonly string[]
}

export function person(t: TestContext, mode: BrowserMode = 'follow'): Person {
  const home = mkdtempSync(join(tmpdir(), 'ferry-person-'))
  const browser = makeBrowser(mode)
  t.after(() => {
    try {
      checkSecrets(t, user)
    } finally {
      browser.close()
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    }
  })
  const hosts: Host[] = []
  const runs: Ran[] = []
  const config = join(home, 'config')
  const logs = join(home, 'logs')
  mkdirSync(logs)
  const env = {
    ...browser.env,
    HOME: home,
    USERPROFILE: home,
    APPDATA: home,
    LOCALAPPDATA: home,
    XDG_CONFIG_HOME: join(home, 'xdg-config'),
    XDG_DATA_HOME: join(home, 'xdg-data'),
    XDG_STATE_HOME: join(home, 'xdg-state'),
    XDG_CACHE_HOME: join(home, 'xdg-cache'),
    MCP_FERRY_CONFIG_DIR: config,
    MCP_FERRY_CACHE_DIR: join(home, 'cache'),
  }
  const user: Person = {
    browser,
    env,
    bridge(url, args = [], more = {}) {
      const host = bridge(t, { url, args, env: { ...env, ...more } })
      hosts.push(host)
      return host
    },
    async run(args, input = '') {
      const ran = await runToEnd([BIN, ...args], { env: { ...bareEnv(), ...env }, input })
      runs.push(ran)
      return ran
    },
    everythingWritten() {
      const shown = hosts.map(({ lines, stderr }) => `${lines.map(({ raw }) => raw).join('\n')}\n${stderr}`)
      const told = runs.map(({ stdout, stderr }) => `${stdout}\n${stderr}`)
      return [...shown, ...told, ...filesUnder(logs).map((file) => readFileSync(file, 'utf8'))].join('\n')
    },
    kept: () => filesUnder(config),
  }
  return user
}

/** What the servers of a test know of. */
const records = new WeakMap<TestContext, Pick<AuthRecord, 'secrets'>[]>()

function recordFor<T extends Pick<AuthRecord, 'secrets'>>(t: TestContext, record: T): T {
  records.set(t, [...(records.get(t) ?? []), record])
  return record
}

/** No test of signing in may show a secret, whatever it is about. The address that a person is to open has its `state`. */
function checkSecrets(t: TestContext, user: Person): void {
  const written = user.everythingWritten().replace(/\bstate=[\w-]+/g, '')
  for (const record of records.get(t) ?? []) if (record.secrets.size > 0) assertNoSecret(written, record)
}

/** A log file of the person's, which everythingWritten() reads. */
export function logFile({ env }: Person, name: string): readonly string[] {
  return ['--log-file', join(env.HOME ?? '', 'logs', name)]
}

function filesUnder(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

export interface Protected {
  readonly issuer: AuthServer
  readonly server: ProtectedServer
}

export async function serveProtected(
  t: TestContext,
  options: ProtectedOptions = {},
  issuing: AuthServerOptions = {},
): Promise<Protected> {
  const issuer = recordFor(t, await authServer(issuing))
  t.after(() => issuer.close())
  const server = await protectedServer(issuer, options)
  t.after(() => server.close())
  return { issuer, server }
}

export async function serveHostile(t: TestContext, options: HostileOptions = {}): Promise<HostileServer> {
  const server = recordFor(t, await hostileAuthServer(options))
  t.after(() => server.close())
  return server
}

/** The authorization server knows this client no more. Its types do not tell of the storage that it has. */
export function forget(clients: unknown, id: string): Promise<void> {
  return (clients as { adapter: { destroy(id: string): Promise<void> } }).adapter.destroy(id)
}

/** A person who has signed in with a bridge that is gone again. */
export async function signedIn(t: TestContext, url: string, mode: BrowserMode = 'follow'): Promise<Person> {
  const user = person(t, mode)
  const host = await start(user, url)
  await host.finish({ stderr: 'any' })
  assert.equal(user.browser.opened().length, 1, 'signing in has opened one tab')
  return user
}

/** A bridge whose handshake is done for good, however long signing in took. */
export async function start(user: Person, url: string, args: readonly string[] = []): Promise<Host> {
  const host = user.bridge(url, [...FOR_EVER, ...args])
  host.send(initializeLine('i'))
  resultOf(await host.answer('i', PATIENCE_MS))
  host.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
  return host
}

/** The error that initialize is answered with in the end, which is of this kind. */
export async function refusedStart(host: Host, kind: 'auth-failed' | 'auth-required'): Promise<Line> {
  host.send(initializeLine('i'))
  const line = await host.answer('i', PATIENCE_MS)
  ownError(line, kind)
  if (kind === 'auth-required')
    assert.match(line.value.error?.message ?? '', /mcp-ferry login /, 'the sentence says what to do')
  return line
}

/** The first match in what the bridge has said on stderr, as soon as there is one. */
export async function onStderr(host: Host, pattern: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const found = pattern.exec(host.stderr)
    if (found !== null) return found
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Resolves when somebody listens on the port of this URL again. */
export async function listens(url: URL): Promise<void> {
  const isThere = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect(Number(url.port), url.hostname.replace(/[[\]]/g, ''))
      socket.on('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.on('error', () => resolve(false))
    })
  while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, 50))
}

/** That no secret that the servers know of is in what was written. */
export function assertNoSecret(output: string, { secrets }: Pick<AuthRecord, 'secrets'>): void {
  assert.ok(secrets.size > 0, 'there were no secrets to look for')
  for (const secret of secrets)
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]) {
      const at = output.indexOf(form)
      const around = output.slice(Math.max(0, at - 200), at + 100)
      assert.ok(at < 0, `a secret of ${secret.length} characters was written: …${around}`)
    }
}
