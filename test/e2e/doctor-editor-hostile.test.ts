// `mcp-ferry doctor --editor` with entries whose programs mean harm, or are broken beyond what anybody would write: nothing of
// them stays, no half of a secret is shown, and each list comes to an end. users.md 1 rows 15 and 51.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { home, SECRET } from './doctor-editor.ts'
import { PLATFORM_HAS_SIGNALS, test } from './harness.ts'

/** An entry that is this script, which answers with `reply(message)`. */
function scripted(script: string) {
  const lines = `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line)
  if (message.id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...reply(message) }))
})`
  return { command: process.execPath, args: ['-e', `${script}\n${lines}`], env: { TOKEN: SECRET } }
}

const HELLO = `const noText = { toString: 1, valueOf: 2 }
const hello = { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'odd', version: '1' } }
`

test('names, versions and errors that are no texts', async (t) => {
  const place = home(t)
  const named = `${HELLO}const odd = { ...hello, protocolVersion: noText, serverInfo: { name: noText, version: noText } }
const reply = ({ method }) => ({ result: method === 'initialize' ? odd : { tools: [] } })`
  const refusing = `${HELLO}const reply = () => ({ error: { code: 1, message: noText } })`
  place.file('.cursor/mcp.json', { mcpServers: { named: scripted(named), refusing: scripted(refusing) } })
  const { code, step } = await place.doctor(['--editor', 'cursor'])
  assert.equal(code, 2)
  assert.match(step('start', 'named').sees, /answers: a server without a name, 0 tools/)
  assert.match(step('start', 'refusing').sees, /refuses the handshake: an error without words/)
})

test('a variable that no system takes is told as why it cannot be started', async (t) => {
  const place = home(t)
  const args = ['-y', 'mcp-ferry@1.0.0', 'https://mcp.example.com/mcp']
  place.file('.cursor/mcp.json', { mcpServers: { one: { command: 'npx', args, env: { X: 'a\0b' } } } })
  const { code, step } = await place.doctor(['--editor', 'cursor'])
  assert.equal(code, 2)
  assert.match(step('start').sees, /cannot be started \(ERR_INVALID_ARG_VALUE\)/)
})

test('a list of tools without an end is told', async (t) => {
  const place = home(t)
  const script = `${HELLO}const page = { tools: [{ name: 'one' }], nextCursor: 'again' }
const reply = ({ method }) => ({ result: method === 'initialize' ? hello : page })`
  place.file('.cursor/mcp.json', { mcpServers: { one: scripted(script) } })
  const { code, step } = await place.doctor(['--editor', 'cursor'])
  assert.equal(code, 0)
  assert.equal(step('start').state, 'warn')
  assert.match(step('start').sees, /a list of tools that has no end/)
})

test(
  'what a program leaves behind that dies before it answers is ended too',
  async (t) => {
    const place = home(t)
    // It is alive as long as its connection is.
    let alive = 0
    const server = createServer((socket) => {
      alive += 1
      socket
        .on('error', () => {})
        .on('close', () => {
          alive -= 1
          server.emit('gone')
        })
      socket.resume().write('seen')
    }).listen(0, '127.0.0.1')
    t.after(() => server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const child = `require('node:net').connect(${port}, '127.0.0.1').once('data', () => console.error('there')).on('close', () => process.exit())`
    const script = `const { spawn } = require('node:child_process')
spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: ['ignore', 'ignore', 'pipe'] })
  .stderr.once('data', () => process.exit(3))`
    const entry = { command: process.execPath, args: ['-e', script] }
    place.file('.cursor/mcp.json', { mcpServers: { one: entry } })
    const { code, step } = await place.doctor(['--editor', 'cursor'])
    assert.equal(code, 2)
    assert.match(step('end').sees, /leaves processes behind/)
    while (alive > 0) await once(server, 'gone')
  },
  PLATFORM_HAS_SIGNALS ? false : 'there are no groups of processes',
)

test('half a secret is a secret: what is cut is cut when it is out', async (t) => {
  const place = home(t)
  const noisy = `${HELLO}console.log('x '.repeat(95) + process.env.TOKEN)
const reply = ({ method }) => ({ result: method === 'initialize' ? hello : { tools: [] } })`
  // The last 4096 characters of it begin in the middle of the secret.
  const dying = `process.stderr.write('x '.repeat(2500) + process.env.TOKEN + ' y'.repeat(2040), () => process.exit(3))`
  const env = { TOKEN: SECRET }
  const mcpServers = {
    noisy: scripted(noisy),
    dying: { command: process.execPath, args: ['-e', dying], env },
  }
  place.file('.cursor/mcp.json', { mcpServers })
  const { text } = await place.doctor(['--editor', 'cursor'])
  assert.doesNotMatch(text, new RegExp(SECRET.slice(0, 9)))
  assert.doesNotMatch(text, new RegExp(SECRET.slice(-9)))
})
