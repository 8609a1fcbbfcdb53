// `mcp-ferry config` as a person types it: the entry for each editor and system on stdout, what else is to be done on
// stderr, and no secret anywhere. arguments.md 6.
import assert from 'node:assert/strict'
import { test } from './harness.ts'
import { entriesIn, household, ONLY_LINUX, PLACES } from './household.ts'

const URL = 'https://mcp.example.com/mcp'
const SECRET = 'sk-live-4711-4711'
const SAFE = /^[A-Za-z0-9_@%+=:,./~#?-]+$/

interface Printed {
  readonly files: readonly string[]
  readonly server: { readonly command: string; readonly args: readonly string[] }
  readonly missing: readonly string[]
  readonly fromEnvironment: readonly string[]
  readonly text: string
}

test(
  'the entry of each editor: pinned, nothing that a launcher changes, and no secret',
  async (t) => {
    const user = household(t)
    const args = ['--header', `Authorization: Bearer \${TOKEN}`, '--header', `X-Key: ${SECRET}`]
    for (const [editor, file, key] of PLACES) {
      const ran = await user.config([editor, 'my-server', `${URL}?a=1&b=2`, ...args], {
        env: { TOKEN: SECRET },
      })
      const { 'my-server': entry } = entriesIn(ran.stdout, file, key)
      assert.ok(entry, `${editor} has no entry: ${ran.stdout}`)
      assert.equal(entry.command, 'npx', editor)
      assert.match(entry.args.slice(0, 2).join(' '), /^-y mcp-ferry@\d+\.\d+\.\d+/, editor)
      for (const arg of entry.args) assert.match(arg, SAFE, editor)
      assert.ok(!`${ran.stdout}${ran.stderr}`.includes(SECRET), `${editor} shows a secret`)
      assert.ok(ran.stderr.includes(user.path(...file.split('/'))), `${editor}: ${ran.stderr}`)
    }
    assert.deepEqual(user.copies(), [], 'printing copies nothing')
  },
  ONLY_LINUX,
)

test('an editor that nobody knows gets the usual shape, and no file', async (t) => {
  const user = household(t)
  const { stdout, stderr } = await user.config(['generic', 'x', URL])
  assert.equal(Object.keys(entriesIn(stdout, 'x.json', 'mcpServers')).join(), 'x')
  assert.match(stderr, /^put it into your editor's config$/m)
  const written = await user.run(['config', 'generic', 'x', URL, '--write'])
  assert.equal(written.code, 2)
  assert.match(written.stderr, /--file <path>/)
  const file = user.path('other.json')
  await user.config(['generic', 'x', URL, '--write', '--file', file])
  assert.equal(Object.keys(entriesIn(user.read('other.json'), file, 'mcpServers')).join(), 'x')
})

test('for another system: its files, its way to npx, and nothing that is only true here', async (t) => {
  const user = household(t)
  const windows = await user.json<Printed>(['claude-desktop', 'x', URL, '--for', 'windows'])
  assert.deepEqual(windows.files, ['%APPDATA%\\Claude\\claude_desktop_config.json'])
  assert.deepEqual([windows.server.command, ...windows.server.args.slice(0, 3)], ['cmd', '/d', '/c', 'npx'])
  const mac = await user.json<Printed>(['claude-desktop', 'x', URL, '--for', 'macos'])
  assert.deepEqual(mac.files, ['~/Library/Application Support/Claude/claude_desktop_config.json'])
  assert.equal(mac.server.command, 'npx')
  const code = await user.json<Printed>(['claude-code', 'x', URL, '--for', 'windows'])
  assert.equal(code.server.command, 'cmd')
  const shared = await user.json<Printed>(['claude-code', 'x', URL, '--for', 'windows', '--project'])
  assert.equal(shared.server.command, 'npx', 'a project is opened on other systems too')
  const other = process.platform === 'win32' ? 'macos' : 'windows'
  for (const flag of ['--write', '--installed']) {
    const { code, stderr } = await user.run(['config', 'cursor', 'x', URL, '--for', other, flag])
    assert.equal(code, 2, flag)
    assert.match(stderr, /^mcp-ferry: .*--for|on this machine/, flag)
  }
  for (const [flag, variable, value] of [
    ['--ca', 'MCP_FERRY_CA', 'a.pem'],
    ['--private-key-file', 'MCP_FERRY_PRIVATE_KEY_FILE', 'a.pem'],
    ['--static-oauth-client-info', 'MCP_FERRY_STATIC_OAUTH_CLIENT_INFO', '@a.json'],
  ] as const)
    for (const words of [[flag, value], [`${flag}=${value}`]]) {
      const { code, stderr } = await user.run(['config', 'cursor', 'x', URL, '--for', other, ...words])
      assert.equal(code, 2, flag)
      assert.match(stderr, new RegExp(`^mcp-ferry: ${flag} names a file .* "env" as ${variable}\n$`), flag)
      if (value.startsWith('@')) assert.match(stderr, /put @ and the path there into/)
    }
})

test('what is missing is told by its name, and what the editor has to have', async (t) => {
  const user = household(t)
  const args = ['x', URL, '--header-env', 'X-Key=MY_KEY']
  const desktop = await user.json<Printed>(['claude-desktop', ...args])
  assert.deepEqual([desktop.missing, desktop.fromEnvironment], [['MY_KEY'], []])
  const desktopText = await user.config(['claude-desktop', ...args])
  assert.match(desktopText.stderr, /in the place of <MY_KEY>$/m)
  const cursor = await user.json<Printed>(['cursor', ...args])
  assert.deepEqual([cursor.missing, cursor.fromEnvironment], [[], ['MY_KEY']])
  assert.match((await user.config(['cursor', ...args])).stderr, /^set MY_KEY in the environment that Cursor/m)
})

test('the installed form is printed with a copy that is there', async (t) => {
  const user = household(t)
  const { stdout } = await user.config(['cursor', 'x', URL, '--installed'])
  const { x } = entriesIn(stdout, 'x.json', 'mcpServers')
  assert.deepEqual(x?.args[0], user.path('ours', 'versions', user.copies()[0] ?? '', 'bin', 'mcp-ferry.cjs'))
})

const REFUSED: readonly (readonly [what: string, args: readonly string[], sentence: RegExp])[] = [
  ['no editor', [], /needs an editor: cursor, .*; write mcp-ferry config <editor> <name> <url>/],
  ['an editor that is none', ['emacs', 'x', URL], /emacs is no editor that mcp-ferry knows; write .*cursor/],
  ['no name', ['cursor', URL], /the name of the entry is missing/],
  ['a name that is none', ['cursor', 'a\nb', URL], /no name for an entry/],
  ['no URL', ['cursor', 'x'], /URL/],
  ['an option first', ['--bearer-env', 'X', 'cursor', 'x', URL], /editor and name first/],
  ['an unknown option', ['cursor', 'x', URL, '--bogus'], /--bogus/],
  ['two modes', ['cursor', 'x', '--remove', '--list'], /--remove and --list do not go together/],
  ['both forms', ['cursor', 'x', URL, '--npx', '--installed'], /do not go together/],
  ['an unknown system', ['cursor', 'x', URL, '--for', 'beos'], /windows, macos, linux/],
  ['a URL for --remove', ['cursor', 'x', URL, '--remove'], /--remove takes an editor and a name/],
  ['a project of an editor that has none', ['windsurf', 'x', URL, '--project'], /has no file for a project/],
  ['a placeholder', ['cursor', 'x', URL, '--header', 'Authorization: Bearer <token>'], /placeholder/],
  ['a file of nobody', ['--list', '--file', 'x.json'], /write the editor as well/],
]

for (const [what, args, sentence] of REFUSED)
  test(`refused: ${what}`, async (t) => {
    const { code, stdout, stderr } = await household(t).run(['config', ...args])
    assert.equal(code, 2, stderr)
    assert.match(stderr, sentence)
    assert.match(stderr, /^mcp-ferry: .+\n$/)
    assert.equal(stdout, '')
  })

test('a program is told of a refusal as well', async (t) => {
  const { code, stdout } = await household(t).run(['config', 'emacs', 'x', URL, '--json'])
  assert.equal(code, 2)
  assert.equal(JSON.parse(stdout).error.code, 'unknown-editor')
})

test('a name that some editors change is told of, and so is a long one', async (t) => {
  const user = household(t)
  assert.match((await user.config(['cursor', 'my server', URL])).stderr, /letters, digits, - and _/)
  assert.match((await user.config(['cursor', 'x'.repeat(41), URL])).stderr, /longer than 60 characters/)
  assert.doesNotMatch((await user.config(['cursor', 'my-server', URL])).stderr, /letters|longer/)
})

const MISTAKEN: readonly (readonly [args: readonly string[], told: string])[] = [
  [['cursor', 'my'], 'there is no URL; write mcp-ferry config <editor> <name> <url> [options]'],
  [
    ['cursor', 'my', URL, '--header', 'X: a\nb'],
    'the value of the header X from --header contains U+000A (a line end), a control character; write the value on one line without it',
  ],
  [['cursor', 'my', URL, '--wrte'], 'the option --wrte does not exist; did you mean --write?'],
  [
    ['cursor', 'my', URL, '--beaerer-env', 'X'],
    'the option --beaerer-env does not exist; did you mean --bearer-env?',
  ],
  [
    ['cursor', 'my', URL, '--qwertz'],
    'the option --qwertz does not exist; mcp-ferry config --help lists the options',
  ],
  [
    ['cursor', 'my', URL, '--qwertz', '--zwertq', '--qw3rtz'],
    'the option --qwertz does not exist; mcp-ferry config --help lists the options; the option --zwertq does not exist; mcp-ferry config --help lists the options; the option that is argument 4 behind the name does not exist; mcp-ferry config --help lists the options',
  ],
  [
    ['cursor', 'my', 'mcp.example.com/mcp'],
    'argument 1 behind the name is neither an option nor a URL; if it is the server, write https:// in front of it',
  ],
]

for (const [args, told] of MISTAKEN)
  test(`a mistake is told for this command line, to people and programs: ${JSON.stringify(args.slice(2))}`, async (t) => {
    const user = household(t)
    const { stdout, stderr, code } = await user.run(['config', ...args, '--json'])
    assert.deepEqual([code, stderr], [2, `mcp-ferry: ${told}\n`])
    assert.equal((JSON.parse(stdout) as { error: { message: string } }).error.message, told)
  })

test('what is printed for another system is not written from here', async (t) => {
  const user = household(t)
  const { stderr } = await user.config(['cursor', 'my', URL, '--for', 'windows'])
  assert.match(stderr, /^put it into .*, or run this there, with --write and without --for$/m)
})
