// `mcp-ferry doctor --editor NAME [server]`: entries of an editor's file are started as that editor would, and what comes of it
// is told: good ones, and programs that print noise, never answer, die, or stay. users.md 1 rows 4, 15, 17, 46 and 55.
import assert from 'node:assert/strict'
import { BIN } from '../fixtures/hosts/raw-host.ts'
import { home, ODD_SERVER, SECRET } from './doctor-editor.ts'
import { freePort, PLATFORM_HAS_SIGNALS, serve, test } from './harness.ts'

const odd = (oddity: string, more: Readonly<Record<string, unknown>> = {}) => ({
  command: process.execPath,
  args: [ODD_SERVER, oddity],
  ...more,
})

test('an entry of ours that names Node and the script works: the header arrives, exit 0', async (t) => {
  const server = await serve(t)
  const place = home(t)
  place.file('.cursor/mcp.json', {
    mcpServers: {
      'my-server': {
        command: process.execPath,
        args: [BIN, server.url, '--bearer-env', 'TOKEN'],
        env: { TOKEN: SECRET },
      },
    },
  })
  const { code, step, text, codes } = await place.doctor(['--editor', 'cursor'])
  assert.equal(code, 0, text)
  assert.deepEqual(codes(), [])
  assert.equal(step('file').state, 'ok')
  assert.equal(step('entry', 'my-server').state, 'ok')
  const start = step('start', 'my-server')
  assert.equal(start.state, 'ok')
  assert.match(start.sees, /^my-server, started directly, answers: raw-server 1\.0\.0, 1 tool$/)
  assert.deepEqual(
    [start.facts?.serverInfo, start.facts?.tools, start.facts?.outcome],
    ['raw-server 1.0.0', 1, 'answered'],
  )
  assert.ok(start.tookMs !== undefined, 'it is told how long it took')
  const first = await server.request(({ message }) => message.method === 'initialize')
  assert.equal(first.header('authorization'), `Bearer ${SECRET}`)
})

test('servers of others are started too, and only the one that is named if one is', async (t) => {
  const place = home(t)
  place.file('.cursor/mcp.json', { mcpServers: { one: odd('none'), two: odd('toolless') } })
  const both = await place.doctor(['--editor', 'cursor'])
  assert.equal(both.code, 0, both.text)
  assert.match(both.step('start', 'one').sees, /answers: odd-server 1\.0\.0, 2 tools$/)
  assert.match(both.step('start', 'two').sees, /answers: odd-server 1\.0\.0, it offers no tools$/)
  const { code, steps } = await place.doctor(['--editor', 'cursor', 'two'])
  assert.equal(code, 0)
  const servers = steps.map(({ facts }) => facts?.server).filter((server) => server !== undefined)
  assert.deepEqual([...new Set(servers)], ['two'])
})

test('a server that is not there is told, with those that are', async (t) => {
  const place = home(t)
  place.file('.cursor/mcp.json', { mcpServers: { one: odd('none') } })
  const { code, step } = await place.doctor(['--editor', 'cursor', 'other'])
  assert.equal(code, 2)
  assert.equal(step('entry').state, 'fail')
  assert.match(step('entry').advice ?? '', /one/)
})

test('noise on stdout is shown without secrets', async (t) => {
  const place = home(t)
  place.file('.cursor/mcp.json', { mcpServers: { one: odd('noise', { env: { TOKEN: SECRET } }) } })
  const { code, step } = await place.doctor(['--editor', 'cursor'])
  assert.equal(code, 2)
  assert.equal(step('start').state, 'ok')
  const noise = step('stdout')
  assert.deepEqual([noise.state, noise.facts?.lines], ['fail', 2])
  assert.deepEqual(noise.details, ['starting up with [redacted]'])
})

test('a program that never answers: as long as the editor waits', async (t) => {
  const place = home(t)
  const args = JSON.stringify([ODD_SERVER, 'silent'])
  const command = JSON.stringify(process.execPath)
  place.file(
    '.codex/config.toml',
    `[mcp_servers.one]\ncommand = ${command}\nargs = ${args}\nstartup_timeout_sec = 2\n`,
  )
  const { code, step, steps } = await place.doctor(['--editor', 'codex'])
  assert.equal(code, 2)
  assert.match(step('start').sees, /has not answered within 2 s$/)
  assert.equal(step('start').facts?.outcome, 'silent')
  assert.ok(!steps.some(({ name }) => name === 'end'), 'it ends when its input does')
})

test('a time that no timer can count, or that is none, is not over at once', async (t) => {
  const place = home(t)
  const args = JSON.stringify([ODD_SERVER])
  const command = JSON.stringify(process.execPath)
  const times = ['9999999', 'inf', '0', '-1']
  const entries = times.map(
    (time, at) =>
      `[mcp_servers.n${at}]\ncommand = ${command}\nargs = ${args}\nstartup_timeout_sec = ${time}\n`,
  )
  place.file('.codex/config.toml', entries.join(''))
  const { steps } = await place.doctor(['--editor', 'codex'])
  const outcomes = steps.filter(({ name }) => name === 'start').map(({ facts }) => facts?.outcome)
  assert.deepEqual(
    outcomes,
    times.map(() => 'answered'),
  )
})

test('a program that dies: its exit code and its last words, without secrets', async (t) => {
  const place = home(t)
  const args = [ODD_SERVER, 'dies', '--header', `Authorization: Bearer ${SECRET}`]
  place.file('.cursor/mcp.json', { mcpServers: { one: odd('dies', { args, env: { TOKEN: SECRET } }) } })
  const { code, step } = await place.doctor(['--editor', 'cursor'])
  assert.equal(code, 2)
  assert.match(step('start').sees, /answers nothing: it ended with exit code 7$/)
  assert.match(step('start').details?.join(' ') ?? '', /^cannot go on with \[redacted\], nor with --header /)
})

test('a program that refuses the handshake: what it says', async (t) => {
  const place = home(t)
  place.file('.cursor/mcp.json', { mcpServers: { one: odd('refuses', { env: { TOKEN: SECRET } }) } })
  const { code, step } = await place.doctor(['--editor', 'cursor'])
  assert.equal(code, 2)
  assert.match(step('start').sees, /refuses the handshake: not with \[redacted\]$/)
})

test('what the bridge says of itself is told with its advice', async (t) => {
  const place = home(t)
  const args = [BIN, 'https://mcp.example.com/mcp', '--bearer-env', 'TOKEN']
  place.file('.cursor/mcp.json', { mcpServers: { one: { command: process.execPath, args } } })
  const { code, step, codes } = await place.doctor(['--editor', 'cursor'], { TOKEN: SECRET })
  assert.equal(code, 2)
  assert.deepEqual(codes('one'), ['variable-missing'])
  assert.match(step('start').sees, /TOKEN/)
  assert.notEqual(step('start').advice, undefined)
})

test('a variable of --header-env that is lacking is named, and not taken for a secret', async (t) => {
  const place = home(t)
  const args = [BIN, 'https://mcp.example.com/mcp', '--header-env', 'Authorization=MCP_AUTH']
  place.file('.cursor/mcp.json', { mcpServers: { one: { command: process.execPath, args } } })
  const { step } = await place.doctor(['--editor', 'cursor'])
  assert.match(step('start').sees, /uses the variable MCP_AUTH, which is not set$/)
})

test('what to do about a 401 and about a web page is told whole, without what was tried', async (t) => {
  const place = home(t)
  const asking = await serve(t, { on: { initialize: (x) => x.reply(401, '{}') } })
  const page = await serve(t, {
    on: { initialize: (x) => x.reply(404, '<p>', { 'Content-Type': 'text/html' }) },
  })
  const entry = (url: string) => ({ command: process.execPath, args: [BIN, url] })
  place.file('.cursor/mcp.json', { mcpServers: { one: entry(asking.url), two: entry(page.url) } })
  const { steps } = await place.doctor(['--editor', 'cursor'])
  const [first, second] = steps.filter(({ name }) => name === 'start')
  assert.equal(
    first?.advice,
    `give it a credential, e.g. --header-env Authorization=MY_VAR with MY_VAR in "env", or try: npx mcp-ferry login ${asking.url}`,
  )
  assert.match(second?.sees ?? '', /HTTP 404 from \S+: is this the MCP endpoint\?/)
  assert.doesNotMatch(second?.advice ?? '', /was tried/)
})

test('a remote that is not there is told, although the bridge would answer the editor in its place', async (t) => {
  const place = home(t)
  const args = JSON.stringify([BIN, `http://127.0.0.1:${await freePort()}/mcp`])
  const command = JSON.stringify(process.execPath)
  place.file(
    '.codex/config.toml',
    `[mcp_servers.one]\ncommand = ${command}\nargs = ${args}\nstartup_timeout_sec = 10\n`,
  )
  const { code, step } = await place.doctor(['--editor', 'codex', 'one'])
  assert.equal(code, 2)
  assert.match(step('start').sees, /has not answered within 10 s: .*ECONNREFUSED/)
  assert.match(step('start').advice ?? '', /^is the server running\?/)
})

test('a remote that the editor speaks to itself is not looked at, and so is not told to be in order', async (t) => {
  const place = home(t)
  place.file('.cursor/mcp.json', { mcpServers: { one: { url: 'https://h.example/mcp' } } })
  const { code, step, text } = await place.doctor(['--editor', 'cursor'])
  assert.equal(code, 0)
  assert.equal(step('entry').state, 'skipped')
  assert.match(text, /\nwhat was looked at is in order\n→ .*: mcp-ferry doctor URL\n$/)
})

test('a program that ignores the end of its input is ended, and that is told', async (t) => {
  const place = home(t)
  place.file('.cursor/mcp.json', { mcpServers: { one: odd('stays') } })
  const { code, step } = await place.doctor(['--editor', 'cursor'])
  assert.equal(code, 0, 'editors use force too')
  assert.equal(step('start').state, 'ok')
  assert.deepEqual([step('end').state, step('end').name], ['warn', 'end'])
  assert.match(step('end').sees, /does not end when its input does/)
})

test(
  'a program that leaves another one behind: that is told',
  async (t) => {
    const place = home(t)
    place.file('.cursor/mcp.json', { mcpServers: { one: odd('children') } })
    const { code, step } = await place.doctor(['--editor', 'cursor'])
    assert.equal(code, 0)
    assert.match(step('end').sees, /leaves processes behind/)
  },
  PLATFORM_HAS_SIGNALS ? false : 'there are no groups of processes',
)

test('the program gets what the editor hands on: of the SDK a dozen variables, of VS Code all', async (t) => {
  const place = home(t)
  const entry = odd('environment', { env: { OWN: 'value' } })
  place.file('.cursor/mcp.json', { mcpServers: { one: entry } })
  const vscode = place.file('.vscode/mcp.json', { servers: { one: entry } })
  const env = { EXPORTED: 'exported' }
  const narrow = (await place.doctor(['--editor', 'cursor'], env)).step('start').details?.join(' ') ?? ''
  assert.match(narrow, /\bHOME\b.*\bOWN\b.*\bPATH\b/)
  assert.doesNotMatch(narrow, /EXPORTED/)
  const wide = (await place.doctor(['--config', vscode], env)).step('start').details?.join(' ') ?? ''
  assert.match(wide, /EXPORTED.*\bOWN\b/)
})

test('variables are filled in as the editor does', async (t) => {
  const server = await serve(t)
  const place = home(t)
  const entry = (reference: string) => ({
    command: process.execPath,
    args: [BIN, server.url, '--bearer-env', 'TOKEN'],
    env: { TOKEN: reference },
  })
  const files = {
    'cursor/.cursor/mcp.json': { mcpServers: { one: entry('${env:MINE}') } },
    'code/.mcp.json': { mcpServers: { one: entry('${MINE}') } },
    'gemini/.gemini/settings.json': { mcpServers: { one: entry('$MINE') } },
    'vscode/.vscode/mcp.json': {
      servers: { one: entry('${input:token}') },
      inputs: [{ type: 'promptString', id: 'token', description: 'token', password: true }],
    },
  }
  for (const [path, content] of Object.entries(files)) {
    const { code, text } = await place.doctor(['--config', place.file(path, content)], {
      MINE: SECRET,
      TOKEN: SECRET,
    })
    assert.equal(code, 0, `${path}\n${text}`)
  }
  const authorizations = server.requests.map((exchange) => exchange.header('authorization'))
  assert.deepEqual([...new Set(authorizations)], [`Bearer ${SECRET}`])
})

test('what VS Code asks for is not known: the entry is not started, and how it can be is told', async (t) => {
  const place = home(t)
  const file = place.file('.vscode/mcp.json', {
    servers: { one: odd('none', { env: { TOKEN: '${input:token}' } }) },
    inputs: [{ type: 'promptString', id: 'token', description: 'token', password: true }],
  })
  const { code, step } = await place.doctor(['--config', file])
  assert.equal(code, 0)
  assert.equal(step('start').state, 'skipped')
  assert.match(step('start').advice ?? '', /TOKEN/)
})
