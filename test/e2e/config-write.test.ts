// `mcp-ferry config --write`, `--remove` and `--list`: what is in the editors' files works when an editor starts it, and
// everything else in them stays. users.md 2, arguments.md 6.
import assert from 'node:assert/strict'
import { chmodSync, existsSync, readFileSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { parse } from 'jsonc-parser'
import { serve, test } from './harness.ts'
import { callThrough, entriesIn, filledIn, household, ONLY_LINUX, PLACES } from './household.ts'

const URL = 'https://mcp.example.com/mcp'
const IS_WINDOWS = process.platform === 'win32'
const TOKEN = 'tok-4711-4711-4711'

interface Listed {
  readonly entries: readonly {
    readonly editor: string
    readonly name: string
    readonly file: string
    readonly form: string
    readonly starts: string
    readonly version?: string
    readonly url?: string
    readonly problems: readonly string[]
  }[]
}

interface Written {
  readonly written: readonly { readonly file: string; readonly changed: boolean; readonly backup?: string }[]
}

for (const [editor, file, key] of PLACES)
  test(
    `${editor}: written, listed, started as the editor does, and removed`,
    async (t) => {
      const user = household(t)
      const server = await serve(t)
      const env = { MY_TOKEN: TOKEN, MY_AUTH: `Api-Key ${TOKEN}` }
      const args = ['--bearer-env', 'MY_TOKEN', '--header', 'X-Auth: ${MY_AUTH}', '--header', 'X-Plain: a b']
      const url = `${server.url}?a=1&b=2`
      const { stderr, stdout } = await user.config([editor, 'my-server', url, ...args, '--write'], { env })
      assert.equal(stdout, '')
      assert.ok(stderr.includes(`wrote the entry my-server into ${user.path(...file.split('/'))}`), stderr)
      assert.match(stderr, new RegExp(`doctor --editor ${editor}$`, 'm'))
      assert.ok(!stderr.includes(TOKEN), 'a secret is told')
      const { 'my-server': entry } = entriesIn(user.read(file), file, key)
      assert.ok(entry, `no entry is in ${user.read(file)}`)
      assert.ok(!entry.args.join(' ').includes(TOKEN), 'a secret is among the arguments')
      const typed = Object.fromEntries(
        Object.entries({ 'my-token': TOKEN, 'my-auth': env.MY_AUTH, 'mcp-x-plain': 'a b' }).map(
          ([name, value]) => [`my-server-${name}`, value],
        ),
      )
      assert.deepEqual(await callThrough(filledIn(entry, { ...env, ...typed }), user), { text: 'through' })
      const call = await server.request(({ message }) => message.method === 'tools/call')
      assert.equal(call.header('authorization'), `Bearer ${TOKEN}`)
      assert.equal(call.header('x-auth'), `Api-Key ${TOKEN}`)
      assert.equal(call.header('x-plain'), 'a b')
      assert.match(call.url, /\?a=1&b=2$/)
      const { entries } = await user.json<Listed>(['--list', editor])
      const { version, ...listed } = entries[0]!
      assert.match(version ?? '', /^\d+\.\d+\.\d+/)
      const where = { editor, file: user.path(...file.split('/')), name: 'my-server' }
      const what = { starts: 'mcp-ferry', form: 'installed', url: server.url, problems: [] }
      assert.deepEqual([listed, entries.length], [{ ...where, ...what }, 1])
      const again = await user.json<Written>([editor, 'my-server', url, ...args, '--write'], { env })
      assert.deepEqual(
        again.written.map(({ changed }) => changed),
        [false],
      )
      assert.match(
        (await user.config([editor, 'my-server', '--remove'])).stderr,
        /^removed the entry my-server/,
      )
      assert.deepEqual(entriesIn(user.read(file), file, key), {})
      assert.match((await user.config([editor, 'my-server', '--remove'])).stderr, /nothing to remove/)
    },
    ONLY_LINUX,
  )

const COMMENTED = `// servers of Ann
{
\t"mcpServers": {
\t\t// the old one
\t\t"files": { "command": "npx", "args": ["-y", "files-server"] }, /* stays */
\t\t"mine": {
\t\t\t"command": "npx",
\t\t\t"args": ["mcp-remote", "https://old.example.com/mcp?key=${TOKEN}"],
\t\t\t"disabled": true,
\t\t},
\t},
\t"other": [1, 2,],
}
`

test('comments, other servers and their order stay; what is replaced is told and kept', async (t) => {
  const user = household(t)
  const file = user.write(COMMENTED, 'mcp.json')
  const args = ['cursor', 'mine', URL, '--write', '--file', file]
  const { stderr } = await user.config(args)
  assert.match(stderr, /replaced the entry mine, which started npx mcp-remote,/)
  assert.ok(!stderr.includes(TOKEN), 'a secret is told')
  const text = user.read('mcp.json')
  for (const part of [
    '// servers of Ann\n',
    '// the old one\n',
    '/* stays */',
    '"other": [1, 2,],',
    '"files": { "command"',
  ])
    assert.ok(text.includes(part), `${part} is gone: ${text}`)
  const { mine } = entriesIn(text, file, 'mcpServers')
  assert.equal((mine as unknown as Record<string, unknown>).disabled, true)
  const backup = /it is in (.+)$/m.exec(stderr)?.[1] ?? ''
  assert.equal(readFileSync(backup, 'utf8'), COMMENTED)
  assert.match(
    (await user.config([...args, '--npx'])).stderr,
    /renewed the entry mine, which started mcp-ferry \d/,
  )
})

test('eight at once: each entry is there', async (t) => {
  const user = household(t)
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  user.write(COMMENTED, 'mcp.json')
  const file = user.path('mcp.json')
  await Promise.all(
    names.map((name) => user.config(['cursor', name, `${URL}/${name}`, '--write', '--file', file])),
  )
  const entries = entriesIn(user.read('mcp.json'), file, 'mcpServers')
  assert.deepEqual(Object.keys(entries).sort(), [...names, 'files', 'mine'].sort())
  for (const name of names) assert.ok(entries[name]?.args.includes(`${URL}/${name}`), name)
  assert.equal(user.copies().length, 1)
})

test('a file that is broken is left as it is, and told of before anything is asked', async (t) => {
  const user = household(t)
  const file = user.write('{ "mcpServers": { oops }', 'mcp.json')
  const args = ['claude-desktop', 'x', URL, '--bearer-env', 'NOT_SET', '--write', '--file', file]
  const { code, stderr } = await user.run(['config', ...args])
  assert.equal(code, 2)
  assert.match(stderr, /mcp\.json/)
  assert.equal(user.read('mcp.json'), '{ "mcpServers": { oops }')
  assert.deepEqual(user.copies(), [])
})

test('a project file gets no secret and no path of this machine', async (t) => {
  const user = household(t)
  const env = { MY_TOKEN: TOKEN }
  const args = ['x', URL, '--bearer-env', 'MY_TOKEN', '--write', '--project']
  const { stderr } = await user.config(['cursor', ...args, '--header', `X-Key: ${TOKEN}`], { env })
  assert.match(stderr, /set MY_TOKEN and MCP_X_KEY in the environment/)
  const text = user.read('work', '.cursor', 'mcp.json')
  assert.ok(!text.includes(TOKEN), text)
  assert.ok(!text.includes(user.home), text)
  const { x } = entriesIn(text, 'mcp.json', 'mcpServers')
  assert.equal(x?.command, 'npx')
  const zed = await user.run(['config', 'zed', ...args], { env })
  assert.equal(zed.code, 2)
  assert.match(zed.stderr, /file that goes with the project.*leave out --project/)
  assert.equal(existsSync(user.path('work', '.zed')), false)
  const direct = ['config', 'zed', 'x', URL, '--bearer-env', 'MY_TOKEN', '--write']
  const named = await user.run([...direct, '--file', user.path('work', '.zed', 'settings.json')], { env })
  assert.equal(named.code, 2, 'the same file, named')
  assert.match(
    (await user.config(['--list', 'cursor', '--project'])).stdout,
    /^ {2}x +mcp-ferry \S+, by npx/m,
  )
})

test('a project in the home folder: the file of the person is theirs', async (t) => {
  const user = household(t)
  const args = ['cursor', 'x', URL, '--header', `X-Key: ${TOKEN}`, '--write']
  await user.config(args, { cwd: '.' })
  assert.ok(user.read('.cursor', 'mcp.json').includes(TOKEN), 'it is not there')
})

test('a secret that nobody knows is asked for, and without a terminal the variable is named', async (t) => {
  const user = household(t)
  const args = ['config', 'claude-desktop', 'x', URL, '--bearer-env', 'MY_TOKEN', '--write']
  const { code, stderr } = await user.run(args)
  assert.equal(code, 2)
  assert.match(stderr, /the bearer token for mcp\.example\.com is needed.*set the variable MY_TOKEN/)
  assert.deepEqual(user.copies(), [])
})

test(
  'the list tells what is gone and what names no version',
  async (t) => {
    const user = household(t)
    const gone = user.path('gone', 'versions', '0.0.1-0123456789ab', 'bin', 'mcp-ferry.cjs')
    const servers = {
      gone: { command: user.path('no', 'node'), args: [gone, `${URL}?key=${TOKEN}`] },
      loose: { command: 'npx', args: ['-y', 'mcp-ferry', '--url-env', 'U'], env: { U: URL } },
      theirs: { command: 'cmd', args: ['/c', 'npx', 'mcp-remote@0.1.0', URL] },
      other: { command: 'npx', args: ['-y', 'something'] },
    }
    user.write(JSON.stringify({ mcpServers: servers }), '.cursor', 'mcp.json')
    user.write('{', '.gemini', 'settings.json')
    const { code, stdout, stderr } = await user.run(['config', '--list', '--json'])
    assert.equal(code, 2, 'one file could not be read')
    assert.match(stderr, /settings\.json/)
    const { entries } = JSON.parse(stdout) as Listed
    assert.deepEqual(
      entries.map(({ name, starts, form, version, url, problems }) => [
        name,
        starts,
        form,
        version,
        url,
        problems,
      ]),
      [
        ['gone', 'mcp-ferry', 'installed', '0.0.1', URL, ['copy-gone', 'node-gone']],
        ['loose', 'mcp-ferry', 'npx', undefined, URL, ['unpinned']],
        ['theirs', 'mcp-remote', 'npx', '0.1.0', URL, []],
      ],
    )
    const text = await user.run(['config', '--list'])
    assert.match(text.stdout, /0123456789ab.* is gone; run npx mcp-ferry config --update/)
    assert.match(text.stdout, /config --from .*mcp\.json/)
    assert.ok(!`${text.stdout}${stdout}`.includes(TOKEN), 'a secret is shown')
  },
  ONLY_LINUX,
)

test('an entry starts its copy from any folder, also where the variable for ours is relative', async (t) => {
  const user = household(t)
  await user.config(['cursor', 'my-server', URL, '--write'], { env: { MCP_FERRY_CONFIG_DIR: 'ours' } })
  const [script] = entriesIn(user.read('.cursor', 'mcp.json'), 'mcp.json', 'mcpServers')['my-server']!.args
  assert.ok(isAbsolute(script!), `${script} is relative`)
  assert.ok(existsSync(script!), `${script} is not there`)
})

for (const home of ['', 'a', '${HOME}'])
  test(
    `a home folder that is none, "${home}", is not looked for in the folder that the person is in`,
    async (t) => {
      const user = household(t)
      const { files } = await user.json<{ files: readonly string[] }>(['cursor', 'my-server', URL], {
        env: { HOME: home, USERPROFILE: home },
      })
      assert.ok(files.every(isAbsolute), `${files} is relative`)
    },
    ONLY_LINUX,
  )

test('what is no file is named once', async (t) => {
  const user = household(t)
  user.write('', '.cursor', 'mcp.json', 'inside')
  const { code, stderr } = await user.run(['config', 'cursor', 'my-server', URL, '--write'])
  assert.equal(code, 2)
  assert.equal(stderr, `mcp-ferry: ${user.path('.cursor', 'mcp.json')} is a folder; name the file in it\n`)
})

test('VS Code is not asked any more for what only the removed entry used', async (t) => {
  const user = household(t)
  const own = '{ "id": "mine", "type": "promptString" }, // my own'
  const file = user.write(`{\n  "inputs": [\n    ${own}\n  ],\n}\n`, '.config', 'Code', 'User', 'mcp.json')
  const text = () => readFileSync(file, 'utf8')
  const where = ['--file', file]
  await user.config([
    'vscode',
    'a',
    URL,
    '--header-env',
    'X-A=KEY',
    '--bearer-env',
    'TOKEN',
    '--write',
    ...where,
  ])
  await user.config(['vscode', 'b', URL, '--bearer-env', 'TOKEN', '--write', ...where])
  user.write(
    text().replace('${input:b-token}', '${input:a-token}${input:mine}'),
    '.config',
    'Code',
    'User',
    'mcp.json',
  )
  await user.config(['vscode', 'a', '--remove', ...where])
  assert.deepEqual(inputsIn(text()), ['mine', 'a-token', 'b-token'])
  assert.ok(text().includes(own), text())
  await user.config(['vscode', 'b', '--remove', ...where])
  assert.deepEqual(inputsIn(text()), ['mine', 'a-token', 'b-token'], 'what was made for others goes')
})

function inputsIn(text: string): readonly string[] {
  const { inputs } = parse(text) as { readonly inputs: readonly { readonly id: string }[] }
  return inputs.map(({ id }) => id)
}

test(
  'a file with a secret in it that others may read is told of',
  async (t) => {
    const user = household(t)
    const file = user.write('{}', 'x.json')
    const write = async (...more: string[]) =>
      (await user.config(['zed', 'a', URL, '--file', file, '--write', ...more], { env: { TOKEN } })).stderr
    chmodSync(file, 0o644)
    assert.doesNotMatch(await write(), /others/)
    assert.match(await write('--bearer-env', 'TOKEN'), /may be read by others on this machine; .* chmod 600/)
    chmodSync(file, 0o600)
    assert.doesNotMatch(await write('--bearer-env', 'TOKEN'), /others/)
  },
  IS_WINDOWS && 'there are no such rights',
)
