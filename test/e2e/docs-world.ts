// The world that the docs speak of, on this machine: mcp.example.com and mcp.corp.example with a certificate of a company's
// authority, a proxy, a socket, the files that commands name, and `npx`, `mcp-ferry` and `cmd` as the shell finds them.
// Commands run in it as they are written.
import { spawn } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { TestContext } from 'node:test'
import { createServer as createTlsServer } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import { httpProxy } from '../fixtures/servers/http-proxy.ts'
import { startEverything } from '../fixtures/servers/started-program.ts'
import { freePort } from './harness.ts'
import { type PrivateCa, privateCa } from './private-ca.ts'

const ELSEWHERE = fileURLToPath(new URL('../fixtures/programs/other-places.cjs', import.meta.url))
const HOSTS = ['mcp.example.com', 'mcp.corp.example']
/** What the commands of the docs name. */
const FILES = ['corp-ca.pem', 'me.pem', 'me.key', 'me.p12']
const PASSPHRASE = 'correct horse'

export interface Ran {
  readonly code: number | null
  /** Of stdout and stderr, in the order in which it was written: both are one pipe, as they are one terminal. */
  readonly output: string
}

export interface DocsWorld {
  /** Runs a script of a page in that page's own folder. */
  run(page: string, script: string, input?: string): Promise<Ran>
  /** The folder that the commands of a page run in. */
  folderOf(page: string): string
  /** Whose home they see. */
  homeOf(page: string): string
  /** Tunnels that the proxy was asked for. */
  readonly tunnels: number
}

export async function docsWorld(t: TestContext): Promise<DocsWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-docs-'))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const ca = privateCa(t, 'Example Root CA')
  const server = await startEverything(await freePort())
  t.after(() => server.close())
  const port = Number(new URL(server.url).port)
  const tls = await listen(t, tlsServer(ca, port))
  const socket = join(folder, 'mcp.sock')
  await listen(t, pipeTo(port), socket)
  const proxy = await httpProxy({
    onConnect: ({ socket: from }) => {
      from.write('HTTP/1.1 200 Connection established\r\n\r\n')
      tie(from, connect(tls, '127.0.0.1'))
    },
  })
  t.after(() => proxy.close())
  const closed = await freePort()
  const places = {
    ...Object.fromEntries([...HOSTS, '127.0.0.1'].map((host) => [`${host}:443`, tls])),
    'proxy.corp:3128': proxy.port,
    '127.0.0.1:3128': closed,
    '127.0.0.1:9': closed,
    'localhost:3457': port,
    '127.0.0.1:3457': port,
    '/run/user/1000/mcp.sock': socket,
  }
  const env = environment(folder, ca, places)
  const homeOf = (page: string): string => made(join(folder, 'homes', page))
  const folderOf = (page: string): string => {
    const cwd = made(join(folder, 'pages', page))
    for (const name of FILES) copyFileSync(join(ca.folder, name), join(cwd, name))
    return cwd
  }
  return {
    folderOf,
    homeOf,
    run: async (page, script, input = '') => {
      const home = homeOf(page)
      const own = { ...env, HOME: home, USERPROFILE: home }
      const ran = await inShell(script, { cwd: folderOf(page), env: own, input })
      return { ...ran, output: ran.output.replaceAll(home, '/home/me') }
    },
    get tunnels() {
      return proxy.connects.length
    },
  }
}

function made(folder: string): string {
  mkdirSync(folder, { recursive: true })
  return folder
}

function environment(
  folder: string,
  ca: PrivateCa,
  places: Readonly<Record<string, string | number>>,
): Record<string, string> {
  const [bin, list] = [made(join(folder, 'bin')), join(folder, 'places.json')]
  writeFileSync(list, JSON.stringify(places))
  // An editor hands on few variables: the world goes with the program.
  const world = `NODE_EXTRA_CA_CERTS='${ca.file}' FERRY_PLACES='${list}'`
  const node = `${world} exec '${process.execPath}' --require '${ELSEWHERE}' '${BIN}' "$@"`
  const programs = {
    'mcp-ferry': node,
    npx: `[ "$1" = -y ] && shift\ncase "$1" in mcp-ferry|mcp-ferry@*) shift;; *) echo "npx $1?" >&2; exit 97;; esac\n${node}`,
    cmd: '[ "$1" = /d ] && shift\n[ "$1" = /c ] && shift\nexec "$@"',
  }
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  return {
    ...bareEnv(),
    PATH: `${bin}${delimiter}${bareEnv().PATH ?? ''}`,
    MCP_AUTH: 'Api-Key abc',
    MCP_TOKEN: 'abcdefgh12',
    KEY_PASSPHRASE: PASSPHRASE,
  }
}

function tlsServer(ca: PrivateCa, port: number): Server {
  const me = ca.issue('me')
  const { key, cert } = ca.issue('host', { names: HOSTS.map((host) => `DNS:${host}`).join(',') })
  const secret = `pass:${PASSPHRASE}`
  ca.openssl(
    'pkcs12',
    '-export',
    '-inkey',
    me.keyFile,
    '-in',
    me.certFile,
    '-out',
    'me.p12',
    '-passout',
    secret,
  )
  ca.openssl('pkey', '-in', me.keyFile, '-aes256', '-passout', secret, '-out', 'locked.key')
  writeFileSync(me.keyFile, readFileSync(join(ca.folder, 'locked.key')))
  writeFileSync(join(ca.folder, 'corp-ca.pem'), readFileSync(ca.file))
  const options = { key, cert, ca: readFileSync(ca.file), requestCert: true }
  return createTlsServer({ ...options, rejectUnauthorized: false }, (from) =>
    tie(from, connect(port, '127.0.0.1')),
  )
}

function pipeTo(port: number): Server {
  return createServer((from) => tie(from, connect(port, '127.0.0.1')))
}

/** What comes from the one goes to the other, until one of them ends. */
function tie(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to)
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
  }
}

async function listen(t: TestContext, server: Server, path?: string): Promise<number> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(path ?? { port: 0, host: '127.0.0.1' }, resolve))
  t.after(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return path === undefined ? (server.address() as AddressInfo).port : 0
}

interface Setting {
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly input: string
}

function inShell(script: string, { cwd, env, input }: Setting): Promise<Ran> {
  const child = spawn('bash', ['-e', '-c', `exec 2>&1\n${script}`], { cwd, env, stdio: 'pipe' })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })))
}
