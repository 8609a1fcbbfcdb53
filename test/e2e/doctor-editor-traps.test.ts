// `mcp-ferry doctor --editor` and `--config`: which files are looked at, what is wrong with a file, and the traps in its
// entries as a person sees them. The traps of Windows are in test/unit/shell/traps.test.ts. users.md 1, 3b.
import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { BIN } from '../fixtures/hosts/raw-host.ts'
import { home, ODD_SERVER, SECRET } from './doctor-editor.ts'
import { PLATFORM_HAS_SIGNALS, test } from './harness.ts'

const good = { command: process.execPath, args: [ODD_SERVER, 'none'] }

test('an editor without a file: exit 2, and how to make one', async (t) => {
  const { code, step, steps } = await home(t).doctor(['--editor', 'cursor'])
  assert.equal(code, 2)
  assert.equal(step('file').state, 'skipped')
  assert.equal(steps.filter(({ state }) => state === 'fail').length, 1)
  assert.match(steps.at(-1)?.advice ?? '', /^mcp-ferry config cursor NAME URL --write/)
})

test('a file that is named and not there', async (t) => {
  const { code, step } = await home(t).doctor(['--config', 'no/such.json'])
  assert.equal(code, 2)
  assert.deepEqual([step('file').state, step('file').sees.includes('no/such.json')], ['fail', true])
})

test('a whole line in one argument is not started: npx would read our messages as commands', async (t) => {
  const place = home(t)
  const one = { command: 'npx', args: ['-y mcp-ferry https://h.example/mcp'] }
  place.file('.cursor/mcp.json', { mcpServers: { one } })
  const { code, step, codes } = await place.doctor(['--editor', 'cursor'])
  assert.equal(code, 2)
  assert.ok(codes('one').includes('line-in-argument'), JSON.stringify(codes('one')))
  assert.match(
    step('entry', 'one').sees,
    /one: argument 1 has several words in it, and npx takes all of them for one/,
  )
  assert.equal(step('start', 'one').sees, 'one is not started: as it stands it cannot be')
})

test('the servers of opencode are told to be there, and how one is looked at', async (t) => {
  const place = home(t)
  const one = { type: 'local', command: ['npx', '-y', 'mcp-ferry', 'https://h.example/mcp'] }
  const { code, steps, step } = await place.doctor([
    '--config',
    place.file('opencode.json', { mcp: { one } }),
  ])
  assert.equal(code, 2)
  assert.equal(steps.length, 1)
  assert.match(
    step('file').sees,
    /opencode\.json has its servers in mcp, as opencode does, which are not started here$/,
  )
  assert.equal(
    step('file').advice,
    'write mcp-ferry doctor and what stands behind the name of the program there',
  )
})

test('a file that is broken is one step, and the other file is looked at all the same', async (t) => {
  const place = home(t)
  place.file('.cursor/mcp.json', { mcpServers: { one: good } })
  const folder = dirname(
    dirname(place.file('.codeium/windsurf/mcp_config.json', '{ "mcpServers": { "one": }')),
  )
  place.file(join('.codeium', 'mcp_config.json'), { mcpServers: { two: good } })
  assert.ok(folder.endsWith('.codeium'), folder)
  const { code, steps, step } = await place.doctor(['--editor', 'windsurf'])
  assert.equal(code, 2)
  const files = steps.filter(({ name }) => name === 'file').map(({ state }) => state)
  assert.deepEqual(files, ['fail', 'ok'])
  assert.match(step('file').sees, /windsurf.mcp_config\.json.*\bline 1/)
  assert.equal(step('start', 'two').state, 'ok')
})

test('two files of one editor that differ are told; what is in both is looked at once', async (t) => {
  const place = home(t)
  place.file('.codeium/windsurf/mcp_config.json', { mcpServers: { one: good, two: good } })
  place.file('.codeium/mcp_config.json', { mcpServers: { one: good } })
  const { code, steps } = await place.doctor(['--editor', 'windsurf'])
  assert.equal(code, 0)
  const different = steps.find(({ facts }) => facts?.code === 'differing-files')
  assert.equal(different?.state, 'warn')
  assert.equal(steps.filter(({ name, facts }) => name === 'start' && facts?.server === 'one').length, 1)
})

test('more than one server behind it, or a flag of the bridge, is a usage error', async (t) => {
  const place = home(t)
  for (const rest of [
    ['one', 'two'],
    ['--header', 'X-A:1'],
  ])
    await assert.rejects(place.doctor(['--editor', 'cursor', ...rest]), /the name of a server/)
})

test('an editor that nobody knows is a usage error', async (t) => {
  const place = home(t)
  await assert.rejects(place.doctor(['--editor', 'emacs']), /emacs is no editor/)
})

for (const [file, content, editor] of [
  ['claude_desktop_config.json', { mcpServers: { one: good } }, 'claude-desktop'],
  ['.mcp.json', { mcpServers: { one: good } }, 'claude-code'],
  ['x/.cursor/mcp.json', { mcpServers: { one: good } }, 'cursor'],
  ['x/.gemini/settings.json', { mcpServers: { one: good } }, 'gemini'],
  ['some.json', { servers: { one: good } }, 'vscode'],
  ['other.json', { context_servers: { one: good } }, 'zed'],
  ['third.json', { mcpServers: { one: good } }, 'generic'],
] as const)
  test(`${file} is read as a file of ${editor}, and its entry works`, async (t) => {
    const place = home(t)
    const { code, step, text } = await place.doctor(['--config', place.file(file, content)])
    assert.equal(code, 0, text)
    assert.equal(step('file').facts?.editor, editor)
    assert.equal(step('start', 'one').state, 'ok')
  })

test('a file of Codex by its ending, with comments', async (t) => {
  const place = home(t)
  const entry = `[mcp_servers.one] # mine\ncommand = ${JSON.stringify(good.command)}\nargs = ${JSON.stringify(good.args)}\n`
  const { code, step } = await place.doctor(['--config', place.file('some.toml', entry)])
  assert.equal(code, 0)
  assert.equal(step('file').facts?.editor, 'codex')
})

test('servers where this editor does not look', async (t) => {
  const place = home(t)
  const file = place.file('.vscode/mcp.json', { mcpServers: { one: good } })
  const vscode = await place.doctor(['--config', file])
  assert.equal(vscode.code, 2)
  assert.match(vscode.step('file').sees, /mcpServers, and VS Code looks in servers$/)
  place.file('.cursor/mcp.json', { servers: { one: good } })
  const cursor = await place.doctor(['--editor', 'cursor'])
  assert.match(cursor.step('file').sees, /servers, and Cursor looks in mcpServers$/)
})

test("servers of this project in Claude Code's own file are looked at", async (t) => {
  const place = home(t)
  place.file('.claude.json', { projects: { [place.folder]: { mcpServers: { local: good } } } })
  const { step } = await place.doctor(['--editor', 'claude-code'])
  assert.equal(step('start', 'local').state, 'ok')
})

test('remotes and what is switched off are skipped', async (t) => {
  const place = home(t)
  const url = `https://mcp.example.com/mcp?token=${SECRET}`
  place.file('.cursor/mcp.json', {
    mcpServers: { far: { url, headers: { 'X-Key': SECRET } }, off: { ...good, disabled: true } },
  })
  const { code, step } = await place.doctor(['--editor', 'cursor'])
  assert.equal(code, 0)
  assert.deepEqual([step('entry', 'far').state, step('entry', 'off').state], ['skipped', 'skipped'])
})

const BROKEN: readonly (readonly [
  what: string,
  entry: Readonly<Record<string, unknown>>,
  codes: readonly string[],
  start: 'ok' | 'fail' | 'skipped',
])[] = [
  ['a command that is not there', { command: 'no-such-program' }, ['command-not-found'], 'skipped'],
  [
    'a Node that is gone',
    { command: '/no/such/node', args: ['/data/mcp-ferry/bin/mcp-ferry.cjs'] },
    ['node-gone'],
    'skipped',
  ],
  [
    'a copy of ours that is gone',
    { command: process.execPath, args: ['/no/mcp-ferry/bin/mcp-ferry.cjs'] },
    ['copy-gone'],
    'skipped',
  ],
  ['a folder that is none', { ...good, cwd: '/no/such/folder' }, ['no-folder'], 'skipped'],
  [
    'an entry for Windows',
    { command: 'cmd', args: ['/d', '/c', 'npx', '-y', 'mcp-ferry@0.1.0'] },
    ['for-windows'],
    'skipped',
  ],
  ['all in one text', { command: `node ${ODD_SERVER} none` }, ['command-with-arguments'], 'skipped'],
  ['a placeholder', { ...good, env: { TOKEN: '<your token>' } }, ['placeholder'], 'ok'],
  ['a reference to itself', { ...good, env: { TOKEN: '${TOKEN}' } }, ['self-reference'], 'ok'],
  ['an input of VS Code', { ...good, env: { TOKEN: '${input:x}' } }, ['input'], 'ok'],
  [
    'a secret in an argument',
    { command: process.execPath, args: [ODD_SERVER, 'dies', '--api-key', SECRET] },
    ['secret-in-argument'],
    'fail',
  ],
]

for (const [what, entry, codes, start] of BROKEN)
  test(`${what}: told with what to do`, async (t) => {
    const place = home(t)
    const isFatal = !['secret-in-argument'].includes(codes[0]!)
    const file = place.file('claude_desktop_config.json', { mcpServers: { one: entry } })
    const seen = await place.doctor(['--config', file])
    assert.deepEqual(seen.codes('one'), codes, seen.text)
    assert.equal(seen.code, isFatal || start === 'fail' ? 2 : 0)
    assert.equal(seen.step('start', 'one').state, start, seen.text)
    const trap = seen.step('entry', 'one')
    assert.ok((trap.advice ?? '') !== '', trap.sees)
    assert.ok(seen.text.includes(trap.advice!), 'people see what to do')
  })

test('args that are no list are no entry', async (t) => {
  const place = home(t)
  const file = place.file('some.json', { mcpServers: { one: { command: 'npx', args: '-y x' } } })
  const { code, step } = await place.doctor(['--config', file])
  assert.equal(code, 2)
  assert.deepEqual([step('entry', 'one').state, step('entry', 'one').facts?.code], ['fail', 'unusable'])
})

test(
  'an old Node first on PATH',
  async (t) => {
    const place = home(t)
    place.oldNode('v18.20.8')
    const file = place.file('some.json', {
      mcpServers: { one: { command: 'node', args: [BIN, 'http://127.0.0.1:9/mcp'] } },
    })
    const { step } = await place.doctor(['--config', file])
    assert.equal(step('entry', 'one').facts?.code, 'old-node')
    assert.match(step('entry', 'one').sees, /v18\.20\.8/)
  },
  PLATFORM_HAS_SIGNALS ? false : 'there are no scripts of sh',
)

test('an entry through mcp-remote is told what it could be', async (t) => {
  const place = home(t)
  const script = place.file('node_modules/mcp-remote/dist/proxy.js', 'process.exit(1)\n')
  const file = place.file('some.json', {
    mcpServers: { one: { command: process.execPath, args: [script, 'https://mcp.example.com/mcp'] } },
  })
  const { step } = await place.doctor(['--config', file])
  const hint = step('entry', 'one')
  assert.deepEqual([hint.state, hint.advice?.includes('mcp-ferry config --from')], ['ok', true])
})
