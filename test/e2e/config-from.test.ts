// `mcp-ferry config --from`: entries of mcp-remote as people have them, and what they become. users.md 3b.
import assert from 'node:assert/strict'
import { serve, test } from './harness.ts'
import { callThrough, entriesIn, filledIn, household } from './household.ts'

const TOKEN = 'tok-4711-4711-4711'
const URL = 'https://mcp.example.com/mcp'

interface Shown {
  readonly converted: readonly {
    readonly name: string
    readonly editor: string
    readonly path: readonly string[]
    readonly server: { readonly args: readonly string[]; readonly env?: Readonly<Record<string, string>> }
    readonly inputs: readonly unknown[]
    readonly missing: readonly string[]
    readonly fromEnvironment: readonly string[]
  }[]
  readonly refused: readonly { readonly name: string; readonly why: string }[]
}

const REMOTE = ['-y', 'mcp-remote', URL]
const HEADER = ['--header', 'Authorization:${AUTH_HEADER}']

/** Each: what is there, and what is behind the program's name afterwards, with `env`. */
const CASES: readonly (readonly [
  what: string,
  file: string,
  key: string,
  before: Readonly<Record<string, unknown>>,
  args: readonly string[],
  env: Readonly<Record<string, string>> | undefined,
])[] = [
  ['the README form', '.cursor/mcp.json', 'mcpServers', { command: 'npx', args: REMOTE }, [URL], undefined],
  [
    'a header from env',
    '.cursor/mcp.json',
    'mcpServers',
    { command: 'npx', args: [...REMOTE, ...HEADER], env: { AUTH_HEADER: `Bearer ${TOKEN}` } },
    [URL, '--header-env', 'Authorization=AUTH_HEADER'],
    { AUTH_HEADER: `Bearer ${TOKEN}` },
  ],
  [
    'a secret among the arguments, behind cmd, with a port and flags',
    'AppData/Claude/claude_desktop_config.json',
    'mcpServers',
    {
      command: 'cmd',
      args: [
        '/c',
        'npx',
        'mcp-remote@latest',
        URL,
        '3334',
        '--header',
        `Authorization: Bearer ${TOKEN}`,
        '--debug',
      ],
    },
    [URL, '--bearer-env', 'MCP_TOKEN', '--log-level', 'debug', '--callback-port', '3334'],
    { MCP_TOKEN: TOKEN },
  ],
  [
    'a script that Node starts',
    'x/claude_desktop_config.json',
    'mcpServers',
    {
      command: 'C:\\Program Files\\nodejs\\node.exe',
      args: [
        'C:\\Users\\ann\\node_modules\\mcp-remote\\dist\\proxy.js',
        'http://localhost:3000/mcp',
        '--allow-http',
      ],
      env: { NODE_EXTRA_CA_CERTS: 'C:\\ca.pem' },
    },
    ['http://localhost:3000/mcp', '--allow-http'],
    { NODE_EXTRA_CA_CERTS: 'C:\\ca.pem' },
  ],
  [
    'an input of VS Code in a header',
    '.vscode/mcp.json',
    'servers',
    { type: 'stdio', command: 'npx', args: [...REMOTE, '--header', 'Authorization: Bearer ${input:my-key}'] },
    [URL, '--bearer-env', 'MY_KEY'],
    { MY_KEY: '${input:my-key}' },
  ],
  [
    'a variable that Cursor fills in',
    'x/.cursor/mcp.json',
    'mcpServers',
    { command: 'npx', args: [...REMOTE, ...HEADER], env: { AUTH_HEADER: 'Bearer ${env:MINE}' } },
    [URL, '--header-env', 'Authorization=AUTH_HEADER'],
    { AUTH_HEADER: 'Bearer ${env:MINE}' },
  ],
  [
    'a variable that Gemini CLI fills in among the arguments',
    '.gemini/settings.json',
    'mcpServers',
    { command: 'npx', args: [...REMOTE, '--header', 'Authorization: Bearer $MINE'] },
    [URL, '--bearer-env', 'MINE'],
    { MINE: '$MINE' },
  ],
  [
    'Zed, with a key of its own',
    'zed/settings.json',
    'context_servers',
    { source: 'custom', command: 'npx', args: REMOTE },
    [URL],
    undefined,
  ],
]

for (const [what, file, key, before, args, env] of CASES)
  test(`${what} becomes ours in its place`, async (t) => {
    const user = household(t)
    const path = user.write(
      JSON.stringify({ [key]: { a: before, b: { command: 'npx', args: ['x'] } } }),
      file,
    )
    const shown = await user.json<Shown>(['--from', path])
    assert.deepEqual(
      shown.converted.map(({ name, server }) => [name, server.args.slice(2)]),
      [['a', args]],
    )
    assert.ok(!JSON.stringify(shown).includes(TOKEN), 'a secret is shown')
    const { stderr } = await user.config(['--from', path, '--write', '--npx'])
    assert.match(stderr, /^replaced the entry a, which started (?:npx )?mcp-remote/m)
    assert.ok(!stderr.includes(TOKEN), 'a secret is told')
    const { a, b } = entriesIn(user.read(file), file, key)
    assert.deepEqual([a?.args.slice(2), a?.env, b?.args], [args, env, ['x']])
  })

test('Codex and its TOML, with what it forwards', async (t) => {
  const user = household(t)
  const text = `model = "x" # stays\n\n[mcp_servers.a]\ncommand = "npx"\nargs = ["-y", "mcp-remote", "${URL}", "--header", "Authorization: Bearer \${MINE}"]\nenv_vars = ["MINE"]\nstartup_timeout_sec = 60\n`
  const path = user.write(text, '.codex', 'config.toml')
  await user.config(['--from', path, '--write', '--npx'])
  const now = user.read('.codex', 'config.toml')
  const { a } = entriesIn(now, path, 'mcp_servers')
  assert.deepEqual(
    [a?.args.slice(2), a?.env_vars, a?.env],
    [[URL, '--bearer-env', 'MINE'], ['MINE'], undefined],
  )
  assert.match(now, /^model = "x" # stays\n/)
})

test('what cannot be taken over stays, with the reason, and the others are', async (t) => {
  const user = household(t)
  const servers = {
    shell: { command: 'sh', args: ['-c', `npx mcp-remote ${URL}`] },
    placeholder: { command: 'npx', args: [...REMOTE, '--header', 'Authorization: Bearer <token>'] },
    unset: { command: 'npx', args: [...REMOTE, ...HEADER] },
    good: { command: 'npx', args: REMOTE },
  }
  const path = user.write(JSON.stringify({ mcpServers: servers }), 'claude_desktop_config.json')
  const { code, stderr } = await user.run(['config', '--from', path, '--write'])
  assert.equal(code, 2)
  assert.match(stderr, /^shell stays as it is: .*shell/m)
  assert.match(stderr, /^placeholder stays as it is: .*placeholder/m)
  assert.match(stderr, /^unset stays as it is: .*AUTH_HEADER/m)
  assert.match(stderr, /^replaced the entry good/m)
  assert.match(stderr, /login --import-mcp-remote <url>$/m)
  const now = entriesIn(user.read('claude_desktop_config.json'), path, 'mcpServers')
  for (const name of ['shell', 'placeholder', 'unset'] as const)
    assert.deepEqual(now[name], servers[name], name)
})

test('the servers of a project that Claude Code keeps among the own ones', async (t) => {
  const user = household(t)
  const entry = { type: 'stdio', command: 'npx', args: REMOTE, env: {} }
  const before = { numStartups: 7, projects: { '/home/ann/x': { history: [], mcpServers: { a: entry } } } }
  const path = user.write(JSON.stringify(before, undefined, 2), '.claude.json')
  const { converted } = await user.json<Shown>(['--from', path])
  assert.deepEqual(
    converted.map(({ editor, path: where }) => [editor, where]),
    [['claude-code', ['projects', '/home/ann/x', 'mcpServers']]],
  )
  await user.config(['--from', path, '--write'])
  const now = JSON.parse(user.read('.claude.json'))
  assert.equal(now.projects['/home/ann/x'].mcpServers.a.args[1], URL)
  assert.deepEqual([now.numStartups, now.projects['/home/ann/x'].history], [7, []])
})

test('servers in a place where editors had them before', async (t) => {
  const user = household(t)
  const servers = { a: { command: 'npx', args: REMOTE } }
  const path = user.write(JSON.stringify({ 'editor.x': 1, mcp: { servers } }), '.vscode', 'settings.json')
  await user.config(['--from', path, '--write', '--npx'])
  const now = JSON.parse(user.read('.vscode', 'settings.json'))
  assert.deepEqual([now['editor.x'], now.mcp.servers.a.args[2]], [1, URL])
})

test('a file that goes with a project gets no path of this machine, and its secrets are told of', async (t) => {
  const user = household(t)
  const args = [...REMOTE, '--header', `X-Key: ${TOKEN}`]
  const path = user.write(
    JSON.stringify({ mcpServers: { a: { command: 'npx', args } } }),
    'p',
    '.cursor',
    'mcp.json',
  )
  const { stderr } = await user.config(['--from', path, '--write'])
  assert.match(stderr, /^MCP_X_KEY of a stands in a file that goes with the project/m)
  const text = user.read('p', '.cursor', 'mcp.json')
  assert.ok(!text.includes(user.home), text)
})

test('a real one is started afterwards, and the header is the same', async (t) => {
  const user = household(t)
  const server = await serve(t)
  const args = ['-y', 'mcp-remote', server.url, '--allow-http', ...HEADER, '--transport', 'http-only']
  const servers = { a: { command: 'npx', args, env: { AUTH_HEADER: `Bearer ${TOKEN}` } } }
  const path = user.write(JSON.stringify({ mcpServers: servers }), '.cursor', 'mcp.json')
  await user.config(['--from', path, '--write'])
  const { a } = entriesIn(user.read('.cursor', 'mcp.json'), path, 'mcpServers')
  assert.ok(a, 'it is gone')
  assert.deepEqual(await callThrough(filledIn(a, {}), user), { text: 'through' })
  const call = await server.request(({ message }) => message.method === 'tools/call')
  assert.equal(call.header('authorization'), `Bearer ${TOKEN}`)
})

test('a file that is neither JSON nor TOML is told as that, and not as broken', async (t) => {
  const user = household(t)
  const text = 'extensions:\n  a:\n    cmd: npx\n'
  const path = user.write(text, 'config.yaml')
  const says =
    /config\.yaml(: | )?this is YAML, and JSON and TOML are read(; |\n *→ )write mcp-ferry there by hand$/m
  for (const args of [
    ['config', '--from', path],
    ['config', 'generic', 'a', URL, '--write', '--file', path],
    ['doctor', '--config', path],
  ]) {
    const { code, stdout, stderr } = await user.run(args)
    assert.equal(code, 2)
    assert.match(stdout + stderr, says)
  }
  assert.equal(user.read('config.yaml'), text)
})

test('a file without one, and no file', async (t) => {
  const user = household(t)
  const path = user.write('{ "mcpServers": {} }', 'mcp.json')
  assert.match((await user.config(['--from', path])).stderr, /^no entry in .*mcp\.json starts mcp-remote$/m)
  const none = await user.run(['config', '--from', user.path('none.json')])
  assert.equal(none.code, 2)
  assert.match(none.stderr, /there is no file .*none\.json/)
})

test('an entry of a shape that is not written here stays byte for byte, and it is told what to do', async (t) => {
  const user = household(t)
  const list = ['npx', ...REMOTE, ...HEADER]
  const text = JSON.stringify({
    mcp: { a: { type: 'local', command: list, environment: { AUTH_HEADER: `Bearer ${TOKEN}` } } },
  })
  const path = user.write(text, 'opencode.json')
  const { code, stderr } = await user.run(['config', '--from', path, '--write', '--npx'])
  assert.equal(code, 2)
  assert.match(stderr, /^a stays as it is: .* list, .*write mcp-ferry there in the place of mcp-remote$/m)
  assert.equal(user.read('opencode.json'), text)
})

test('one argument that holds the whole line is told as that', async (t) => {
  const user = household(t)
  const servers = {
    a: { command: 'npx', args: [`-y mcp-remote ${URL}`] },
    b: { command: 'npx', args: ['-y', '@them/mcp-remote', URL] },
  }
  const path = user.write(JSON.stringify({ mcpServers: servers }), 'mcp.json')
  const { code, stderr } = await user.run(['config', '--from', path])
  assert.equal(code, 2)
  assert.match(stderr, /^a stays as it is: .* several words in one argument; write each /m)
  assert.match(stderr, /^b stays as it is: it is not mcp-remote itself that is started there; write /m)
})

test('a kind that Copilot CLI has for programs stays', async (t) => {
  const user = household(t)
  const servers = { a: { type: 'local', tools: ['*'], command: 'npx', args: REMOTE } }
  const path = user.write(JSON.stringify({ mcpServers: servers }), '.copilot', 'mcp-config.json')
  await user.config(['--from', path, '--write', '--npx'])
  const { a } = JSON.parse(user.read('.copilot', 'mcp-config.json')).mcpServers
  assert.deepEqual([a.type, a.tools, a.args[2]], ['local', ['*'], URL])
})

test('why an entry stays is told in words, and the file of before once', async (t) => {
  const user = household(t)
  const entry = (...args: string[]) => ({ command: 'npx', args: ['mcp-remote', ...args] })
  const servers = { a: entry(URL), b: entry(URL), c: entry(URL, '--no-such'), d: entry() }
  const more = { e: entry(URL, '--mode=duplex'), f: entry('-y', URL) }
  const file = user.write(JSON.stringify({ mcpServers: { ...servers, ...more } }), '.cursor', 'mcp.json')
  const { stderr, code } = await user.run(['config', '--from', file, '--write'])
  assert.equal(code, 2)
  assert.match(
    stderr,
    /^c stays as it is: mcp-remote does not know the option --no-such either and passes over it; remove it$/m,
  )
  assert.match(stderr, /^e stays as it is: mcp-remote does not know the option --mode either /m)
  assert.match(stderr, /^f stays as it is: -y is for npx; /m)
  assert.match(stderr, /^d stays as it is: there is no URL; write the entry anew with config$/m)
  assert.equal(stderr.match(/as it was before/g)?.length, 1, stderr)
  assert.match(stderr, /^turn the server on in Cursor/m)
  assert.ok(stderr.includes(`to check it: npx mcp-ferry doctor --config "${file}"`), stderr)
})
