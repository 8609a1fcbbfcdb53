// The packed and installed package on every Node that it supports: a short session against a plain HTTP server,
// and what it loads for that. And on the Nodes that it does not support, its launcher hands over to one of them.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { nodeBinary, SUPPORTED, TOO_OLD } from '../../scripts/nodes.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
/** The program under test: the installed package, or what FERRY_BIN names. */
const BIN = process.env.FERRY_BIN ?? join(root, '.cache/installed/node_modules/mcp-ferry/bin/mcp-ferry.cjs')
const PACKAGE_VERSION: string = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version
const SESSION = 'session-1'
const PROTOCOL = '2025-11-25'
const TOOLS = [{ name: 'echo', inputSchema: { type: 'object' } }]

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: PROTOCOL, capabilities: {}, clientInfo: { name: 'test', version: '0' } },
}

/** Loading any of these for a plain http: URL costs more than all the rest (architecture.md 2). */
const NOT_FOR_HTTP = /^NativeModule (internal\/deps\/undici.*|https|tls|_tls_.*|inspector)$/

const TELL_WHAT_IS_LOADED = `
  process.on('exit', () => require('fs').writeFileSync(process.env.LOADED_FILE, process.moduleLoadList.join('\\n')))
`

let folder = ''
let server: Server
let url = ''
const seen: string[] = []

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ferry-nodes-'))
  writeFileSync(join(folder, 'preload.cjs'), TELL_WHAT_IS_LOADED)
  server = createServer((request, response) => void serve(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`
})
after(() => {
  server.close()
  server.closeAllConnections()
  rmSync(folder, { recursive: true, force: true })
})

/** The least that an MCP server does. */
async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = ''
  for await (const chunk of request.setEncoding('utf8')) body += chunk
  const { id, method } = body === '' ? {} : JSON.parse(body)
  const session = request.headers['mcp-session-id']
  seen.push(
    `${request.method} ${method ?? ''} ${session ?? ''} ${request.headers['mcp-protocol-version'] ?? ''}`,
  )
  const answer = (result: object, headers: Record<string, string> = {}): void => {
    response.writeHead(200, { 'Content-Type': 'application/json', ...headers })
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
  }
  if (request.method === 'GET') response.writeHead(405).end()
  else if (request.method === 'DELETE') response.writeHead(200).end()
  else if (method === 'initialize') {
    const serverInfo = { name: 'smoke', version: '1' }
    answer(
      { protocolVersion: PROTOCOL, capabilities: { tools: {} }, serverInfo },
      { 'Mcp-Session-Id': SESSION },
    )
  } else if (session !== SESSION) response.writeHead(404).end()
  else if (id === undefined) response.writeHead(202).end()
  else answer({ tools: TOOLS })
}

interface Run {
  readonly send: (message: unknown) => void
  readonly line: () => Promise<unknown>
  /** Ends stdin and waits for the end of the process. */
  readonly end: () => Promise<{ code: number | null; stdout: string; stderr: string }>
}

function start(node: string, args: readonly string[], env: Readonly<Record<string, string>>): Run {
  const child = spawn(node, args, { env: { PATH: '/nowhere', HOME: folder, ...env }, stdio: 'pipe' })
  const closed = once(child, 'close')
  let stdout = ''
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => {
    stdout += `${line}\n`
  })
  const unread = lines[Symbol.asyncIterator]()
  return {
    send: (message) => void child.stdin.write(`${JSON.stringify(message)}\n`),
    async line() {
      const { value, done } = await unread.next()
      assert.ok(!done, `the process has ended; stderr: ${stderr}`)
      return JSON.parse(value)
    },
    async end() {
      child.stdin.end()
      const [code] = await closed
      return { code, stdout, stderr }
    },
  }
}

/** The binary, or why there is none. In CI a Node that cannot be had is a failure. */
async function find(version: string): Promise<{ node: string; skip: false } | { node: ''; skip: string }> {
  try {
    return { node: await nodeBinary(version), skip: false }
  } catch (error) {
    if (process.env.CI !== undefined && process.platform === 'linux' && process.arch === 'x64') throw error
    return { node: '', skip: String(error) }
  }
}

const TIMEOUT = { timeout: 240_000 }

// All are found first: a suite that is done while another is still fetched would end the file's own hooks.
const found = []
for (const version of SUPPORTED) found.push({ version, ...(await find(version)) })

for (const { version, node, skip } of found) {
  describe(`on Node ${version}`, { skip }, () => {
    it('prints its version', TIMEOUT, async () => {
      const ended = await start(node, [BIN, '--version'], {}).end()
      assert.deepEqual(ended, { code: 0, stdout: `${PACKAGE_VERSION}\n`, stderr: '' })
    })

    it('prints its help, which lies in a file of its own', TIMEOUT, async () => {
      const { code, stdout, stderr } = await start(node, [BIN, '--help'], {}).end()
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
      assert.ok(stdout.startsWith(`mcp-ferry ${PACKAGE_VERSION}\n`), stdout)
      assert.match(stdout, /--header-env/)
    })

    it('is a bridge to the demo server when an editor starts the demo', TIMEOUT, async () => {
      const run = start(node, [BIN, 'demo'], {})
      run.send(INITIALIZE)
      const { result } = (await run.line()) as { result: { serverInfo: { name: string } } }
      assert.equal(result.serverInfo.name, 'mcp-ferry-demo')
      const { code, stderr } = await run.end()
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    })

    it('bridges a session, loads only what that takes, and ends with its host', TIMEOUT, async () => {
      seen.length = 0
      const loaded = join(folder, `${version}.txt`)
      const run = start(node, ['-r', join(folder, 'preload.cjs'), BIN, url], { LOADED_FILE: loaded })
      const params = {
        protocolVersion: PROTOCOL,
        capabilities: {},
        clientInfo: { name: 'test', version: '0' },
      }
      run.send({ jsonrpc: '2.0', id: 0, method: 'initialize', params })
      const serverInfo = { name: 'smoke', version: '1' }
      const result = { protocolVersion: PROTOCOL, capabilities: { tools: {} }, serverInfo }
      assert.deepEqual(await run.line(), { jsonrpc: '2.0', id: 0, result })
      run.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
      run.send({ jsonrpc: '2.0', id: 'list', method: 'tools/list' })
      assert.deepEqual(await run.line(), { jsonrpc: '2.0', id: 'list', result: { tools: TOOLS } })
      const { code, stdout, stderr } = await run.end()
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
      assert.equal(stdout.split('\n').length, 3, stdout)

      const later = `${SESSION} ${PROTOCOL}`
      assert.deepEqual(
        seen.filter((line) => !line.startsWith('GET')),
        [
          'POST initialize  ',
          `POST notifications/initialized ${later}`,
          `POST tools/list ${later}`,
          `DELETE  ${later}`,
        ],
      )
      const modules = readFileSync(loaded, 'utf8').split('\n')
      assert.ok(modules.includes('NativeModule http'))
      assert.deepEqual(
        modules.filter((name) => NOT_FOR_HTTP.test(name)),
        [],
      )
    })

    it('translates for a host of the modern era', TIMEOUT, async () => {
      const run = start(node, [BIN, url], { MCP_FERRY_CACHE_DIR: join(folder, `cache-${version}`) })
      const _meta = {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientInfo': { name: 'test', version: '0' },
        'io.modelcontextprotocol/clientCapabilities': {},
      }
      run.send({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta } })
      const { result } = (await run.line()) as { result: { resultType: string; tools: unknown } }
      assert.equal(result.resultType, 'complete')
      assert.deepEqual(result.tools, TOOLS)
      const { code, stderr } = await run.end()
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    })
  })
}

for (const version of TOO_OLD) {
  const { node, skip } = await find(version)
  const windows = process.platform === 'win32' && 'the made-up version tree needs POSIX links'
  describe(`on Node ${version}, with a newer one in nvm's tree`, { skip: skip || windows }, () => {
    it('prints its version', TIMEOUT, async () => {
      const home = join(folder, `home-${version}`)
      const newer = join(home, '.nvm/versions/node/v20.99.0/bin/node')
      mkdirSync(dirname(newer), { recursive: true })
      symlinkSync(process.execPath, newer)
      const ended = await start(node, [BIN, '--version'], { HOME: home }).end()
      assert.deepEqual(ended, { code: 0, stdout: `${PACKAGE_VERSION}\n`, stderr: '' })
    })
  })
}
