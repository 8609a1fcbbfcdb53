// Each trap is found in an entry that has it, under the editor and system where it is one, and not where it is none; no
// sentence holds a secret. arguments.md 2, users.md 1 and 3.
import assert from 'node:assert/strict'
import test from 'node:test'
import { passedEnvironment } from '../../../src/shell/doctor/entry-environment.ts'
import { readEntry } from '../../../src/shell/doctor/entry-fields.ts'
import { fillEntry } from '../../../src/shell/doctor/entry-references.ts'
import { type Trap, trapsOf } from '../../../src/shell/doctor/traps.ts'
import type { Editor, EditorName, Launcher, System } from '../../../src/shell/editors/editor.ts'

const NPX = 'C:\\Program Files\\nodejs\\npx.cmd'
const CMD = 'C:\\Windows\\System32\\cmd.exe'
const NODE = 'C:\\Program Files\\nodejs\\node.exe'
const URL_ = 'https://mcp.example.com/mcp'
const OURS = 'mcp-ferry@0.1.0'
const SECRET = 'sk-live-51H8xSECRETabcdef0123456789'

const LAUNCHERS: Readonly<Record<EditorName, Launcher>> = {
  cursor: 'cross-spawn',
  'claude-desktop': 'claude-desktop',
  vscode: 'vscode',
  'claude-code': 'cross-spawn',
  windsurf: 'go',
  codex: 'codex',
  zed: 'powershell',
  gemini: 'cross-spawn',
  generic: 'cross-spawn',
}
const BEHIND_CMD: readonly EditorName[] = ['claude-desktop', 'claude-code', 'zed']

/** What of an editor the traps look at. */
function editorOf(name: EditorName): Editor {
  return {
    name,
    title: name,
    format: name === 'codex' ? 'toml' : 'json',
    path: ['mcpServers'],
    files: () => [],
    fields: {},
    secrets: name === 'codex' ? { kind: 'forward', field: 'env_vars' } : undefined,
    expands: undefined,
    npxOnWindows: BEHIND_CMD.includes(name) ? 'cmd' : 'npx',
    launcher: LAUNCHERS[name],
    afterwards: '',
  }
}

interface Case {
  readonly editor?: EditorName
  readonly system?: System
  readonly name?: string
  readonly command?: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly more?: Readonly<Record<string, unknown>>
  /** Of the editor. */
  readonly own?: Readonly<Record<string, string>>
  /** Undefined: not found. */
  readonly resolved?: string | undefined
  readonly files?: readonly string[]
  readonly inputs?: readonly string[]
  readonly file?: string
}

function trapsIn(one: Case): readonly Trap[] {
  const { editor = 'generic', system = 'linux', name = 'my-server', own = { PATH: '/usr/bin' } } = one
  const { command = 'npx', args = [], env = {}, more = {} } = one
  const entry = readEntry({ command, args, env, ...more })
  if (entry.kind !== 'stdio') throw new TypeError('an entry that starts something was meant')
  const environment = { values: own, windows: system === 'windows' }
  const filled = fillEntry(entry, { editor, environment, home: '/home/me', folder: '/project' })
  const { forwarded } = entry
  const standard = system === 'windows' ? NPX : '/usr/bin/npx'
  return trapsOf(entry, filled, {
    name,
    file: one.file ?? '/home/me/file.json',
    editor: editorOf(editor),
    system,
    passed: passedEnvironment({ editor, system, own, forwarded, added: filled.env }),
    resolved: 'resolved' in one ? one.resolved : standard,
    isFile: (path) => (one.files ?? []).includes(path),
    inputs: one.inputs ?? [],
  })
}

const ferry = (...args: string[]): readonly string[] => ['-y', OURS, URL_, ...args]
const remote = (...args: string[]): readonly string[] => ['-y', 'mcp-remote@0.15.1', URL_, ...args]
const windows = { system: 'windows', own: { PATH: 'C:\\x', TOKEN: 'abc', OS: 'Windows_NT' } } as const
const onDesktop = { ...windows, editor: 'claude-desktop' } as const

/** The codes that are found, in order; a state behind a colon where it is not `fail`. */
const CASES: readonly (readonly [what: string, one: Case, codes: string])[] = [
  ['an entry as config writes it', { args: ferry('--bearer-env', 'T'), env: { T: 'abc' } }, ''],
  ['the same on Windows', { ...windows, args: ferry('--bearer-env', 'T'), env: { T: 'abc' } }, ''],
  [
    'a copy of ours',
    {
      command: '/n/node',
      resolved: '/n/node',
      args: ['/d/mcp-ferry/x.cjs', URL_],
      files: ['/d/mcp-ferry/x.cjs'],
    },
    '',
  ],

  ['the whole line in one argument', { args: [`-y mcp-ferry ${URL_} --header X-A:1`] }, 'line-in-argument'],
  ['the same behind -y', { args: ['-y', `${OURS} ${URL_}`] }, 'unpinned:warn line-in-argument'],
  ['and for bunx', { command: 'bunx', args: [`mcp-remote ${URL_}`] }, 'unpinned:warn line-in-argument'],
  ['a command that npx is to give to a shell', { args: ['-c', 'mcp-tool --stdio'] }, ''],
  ['the same with a =', { args: ['--call=mcp-tool --stdio'] }, ''],
  [
    'a folder with a blank for npx',
    { args: ['--prefix', '/my dir', '--cache=/my other dir', ...ferry()] },
    '',
  ],
  ['a package in such a folder', { args: ['-y', '/home/me/my dir/server'] }, ''],
  ['a blank behind the package', { args: ferry('--describe', 'echo=says it again') }, ''],
  [
    'a blank: Claude Desktop on Windows never starts it',
    { ...onDesktop, args: ferry('--header', 'X-A: 1 2') },
    'npx-on-windows:warn blank-in-argument',
  ],
  ['a blank elsewhere', { editor: 'claude-desktop', args: ferry('--header', 'X-A: 1 2') }, ''],
  [
    'a blank where the path of npx has none',
    { ...onDesktop, resolved: 'C:\\nvm4w\\nodejs\\npx.cmd', args: ferry('--header', 'X-A: 1 2') },
    'npx-on-windows:warn',
  ],
  [
    'a blank for an .exe',
    {
      ...onDesktop,
      command: NODE,
      resolved: NODE,
      args: ['C:\\my dir\\a.cjs'],
      files: ['C:\\my dir\\a.cjs'],
    },
    '',
  ],
  [
    'a blank behind cmd /c',
    {
      ...onDesktop,
      command: 'cmd',
      resolved: CMD,
      args: ['/d', '/c', 'npx', ...ferry('--header', 'X-A: 1 2')],
    },
    '',
  ],
  ['a quote', { ...onDesktop, args: ferry('--header', '"X-A:1"') }, 'npx-on-windows:warn blank-in-argument'],
  [
    'a bracket in the path of npx',
    { ...onDesktop, resolved: 'C:\\Program Files (x86)\\nodejs\\npx.cmd', args: ferry() },
    'npx-on-windows:warn special-path',
  ],
  [
    'the same path for another editor',
    { ...windows, editor: 'cursor', resolved: 'C:\\Program Files (x86)\\nodejs\\npx.cmd', args: ferry() },
    '',
  ],

  [
    '& under VS Code',
    { ...windows, editor: 'vscode', args: ['-y', OURS, `${URL_}?a=1&b=2`] },
    'shell-character',
  ],
  ['& under VS Code with a blank', { ...windows, editor: 'vscode', args: ferry('--header', 'X-A: a&b') }, ''],
  [
    '& under Windsurf',
    { ...windows, editor: 'windsurf', args: ['-y', OURS, `${URL_}?a=1&b=2`] },
    'shell-character',
  ],
  [
    '& behind cmd /c',
    {
      ...windows,
      editor: 'cursor',
      command: 'cmd',
      resolved: CMD,
      args: ['/c', 'npx', '-y', OURS, `${URL_}?a=1&b=2`],
    },
    'shell-character',
  ],
  [
    '& where cross-spawn escapes it',
    { ...windows, editor: 'cursor', args: ['-y', OURS, `${URL_}?a=1&b=2`] },
    '',
  ],
  ['& where Codex escapes it', { ...windows, editor: 'codex', args: ['-y', OURS, `${URL_}?a=1&b=2`] }, ''],
  ['& elsewhere', { editor: 'vscode', args: ['-y', OURS, `${URL_}?a=1&b=2`] }, ''],
  ['a caret', { ...windows, editor: 'vscode', args: ferry('--header', 'X-A:a^b') }, 'shell-character'],
  [
    '%OS%, which is set',
    { ...windows, editor: 'vscode', args: ferry('--header', 'X-A:a%OS%b') },
    'percent-variable',
  ],
  ['%E4%BD, which is none', { ...windows, editor: 'vscode', args: ferry('--header', 'X-A:%E4%BD') }, ''],
  ['a line break', { ...windows, editor: 'vscode', args: ferry('--header', 'X-A:a\nb') }, 'line-break'],
  ['an empty argument', { ...windows, editor: 'vscode', args: ferry('--scope', '') }, 'empty-argument:warn'],
  [
    'a line too long for cmd.exe',
    { ...windows, editor: 'cursor', args: ferry('--scope', 'a/'.repeat(4100)) },
    'long-line',
  ],
  [
    'a header with a blank, as older Cursors split it',
    { editor: 'cursor', args: remote('--header', 'X-A: 1 2') },
    'mcp-remote:ok split-header:warn',
  ],

  ['npx alone where only cmd can start it', { ...onDesktop, args: ferry() }, 'npx-on-windows:warn'],
  ['npx that is not there', { resolved: undefined, args: ferry() }, 'command-not-found'],
  [
    'an entry for Windows',
    { command: 'cmd', resolved: undefined, args: ['/d', '/c', 'npx', ...ferry()] },
    'for-windows',
  ],
  [
    'a command with its arguments',
    { command: `npx -y ${OURS} ${URL_}`, resolved: undefined },
    'command-with-arguments',
  ],
  ['~ in the command', { command: '~/bin/server', resolved: undefined }, 'command-not-found'],
  ['a relative command', { command: './server', resolved: '/home/me/server' }, 'relative-path:warn'],
  [
    'a relative script',
    { command: 'node', resolved: '/usr/bin/node', args: ['build/index.js'] },
    'relative-path:warn',
  ],
  [
    'a script that is gone',
    { command: 'node', resolved: '/usr/bin/node', args: ['/gone/index.js'] },
    'file-gone',
  ],
  [
    'a copy of ours that is gone',
    { command: '/n/node', resolved: '/n/node', args: ['/d/mcp-ferry/x.cjs', URL_] },
    'copy-gone',
  ],
  [
    'a Node that is gone',
    { command: '/n/bin/node', resolved: undefined, args: ['/d/mcp-ferry/x.cjs', URL_] },
    'node-gone',
  ],

  [
    '${VAR} in args, which the bridge fills in',
    { args: ferry('--header', 'X-A:${T}'), env: { T: 'abc' } },
    '',
  ],
  [
    'the same, and nobody passes it on',
    { args: ferry('--header', 'X-A:${T}'), own: { T: 'abc' } },
    'variable-missing',
  ],
  ['the same with a default', { args: ferry('--header', 'X-A:${T:-x}') }, ''],
  [
    '${VAR} in args, which mcp-remote fills in',
    { args: remote('--header', 'X-A:${T}'), env: { T: 'abc' } },
    'mcp-remote:ok',
  ],
  [
    '${env:VAR}, which mcp-remote does not know',
    { args: remote('--header', 'X-A:${env:T}'), env: { T: 'abc' } },
    'mcp-remote:ok not-filled-in:warn',
  ],
  [
    '${VAR} for a program that may not know it',
    { args: ['-y', 'other@1.2.3', '${T}'] },
    'not-filled-in:warn',
  ],
  ['--bearer-env without its variable', { args: ferry('--bearer-env', 'T') }, 'variable-missing'],
  ['--header-env without its variable', { args: ferry('--header-env=X-A=T') }, 'variable-missing'],
  [
    '--url-env whose variable VS Code passes on',
    { editor: 'vscode', args: ['-y', OURS, '--url-env', 'U'], own: { U: URL_ } },
    '',
  ],
  [
    '--url-env whose variable Codex does not pass on',
    { editor: 'codex', args: ['-y', OURS, '--url-env', 'U'], own: { U: URL_ } },
    'variable-missing',
  ],
  [
    'and does if it is told to',
    { editor: 'codex', args: ['-y', OURS, '--url-env', 'U'], own: { U: URL_ }, more: { env_vars: ['U'] } },
    '',
  ],
  [
    'a reference to itself',
    { editor: 'claude-desktop', env: { T: '${T}' }, args: ferry('--bearer-env', 'T') },
    'self-reference',
  ],
  [
    'a reference to itself that is filled in',
    { editor: 'claude-code', env: { T: '${T}' }, own: { T: 'abc' }, args: ferry('--bearer-env', 'T') },
    '',
  ],
  [
    'the same, and it is not set',
    { editor: 'claude-code', env: { T: '${T}' }, args: ferry('--bearer-env', 'T') },
    'variable-unset',
  ],
  [
    '${VAR} in Cursor, which writes it otherwise',
    { editor: 'cursor', env: { T: '${X}' }, args: ferry('--bearer-env', 'T') },
    'not-filled-in',
  ],
  [
    '${env:VAR} in Cursor',
    { editor: 'cursor', env: { T: 'Bearer ${env:X}' }, own: { X: 'abc' }, args: ferry('--bearer-env', 'T') },
    '',
  ],
  [
    '$VAR in Gemini',
    { editor: 'gemini', env: { T: '$X' }, own: { X: 'abc' }, args: ferry('--bearer-env', 'T') },
    '',
  ],
  [
    '$VAR elsewhere',
    { editor: 'cursor', env: { T: '$X' }, args: ferry('--bearer-env', 'T') },
    'not-filled-in:warn',
  ],
  [
    '%VAR%',
    { editor: 'cursor', env: { T: 'Bearer %X%' }, args: ferry('--bearer-env', 'T') },
    'not-filled-in:warn',
  ],
  ['{env:VAR}', { env: { T: '{env:X}' }, args: ferry('--bearer-env', 'T') }, 'not-filled-in'],
  [
    'a secret of GitHub',
    { env: { T: '${{ secrets.X }}' }, args: ferry('--bearer-env', 'T') },
    'not-filled-in',
  ],
  [
    '${input:…} outside VS Code',
    { editor: 'cursor', env: { T: '${input:t}' }, args: ferry('--bearer-env', 'T') },
    'input',
  ],
  [
    '${input:…} in VS Code',
    { editor: 'vscode', env: { T: '${input:t}' }, inputs: ['t'], args: ferry('--bearer-env', 'T') },
    '',
  ],
  [
    'an input that VS Code does not have',
    { editor: 'vscode', env: { T: '${input:t}' }, inputs: ['u'], args: ferry('--bearer-env', 'T') },
    'input',
  ],
  [
    'what came out of a variable is not looked into',
    { editor: 'claude-code', env: { T: '${X}' }, own: { X: 'a${Y}' }, args: ferry('--bearer-env', 'T') },
    '',
  ],

  ['a placeholder', { args: ferry('--header', 'Authorization: Bearer <token>') }, 'placeholder'],
  ['a placeholder in env', { args: ferry('--bearer-env', 'T'), env: { T: 'YOUR_API_KEY' } }, 'placeholder'],
  [
    'a secret in a header',
    { args: ferry('--header', `Authorization: Bearer ${SECRET}`) },
    'secret-in-argument:warn',
  ],
  ['a secret in a header with =', { args: ferry(`--header=X-Api-Key:${SECRET}`) }, 'secret-in-argument:warn'],
  [
    'a secret of another program',
    { args: ['-y', 'other@1.2.3', '--api-key', SECRET] },
    'secret-in-argument:warn',
  ],
  ['a secret in a URL', { args: ['-y', OURS, `${URL_}?token=${SECRET}`] }, 'secret-in-argument:warn'],
  ['a secret by its looks', { args: ['-y', 'other@1.2.3', SECRET] }, 'secret-in-argument:warn'],
  [
    'the names of a header and of a variable',
    {
      args: ferry('--header-env', 'Authorization=MCP_AUTHORIZATION'),
      env: { MCP_AUTHORIZATION: 'Api-Key abc' },
    },
    '',
  ],
  [
    'a secret where a variable is to be named',
    { args: ferry('--header-env', `Authorization=${SECRET}`) },
    'secret-in-argument:warn',
  ],
  [
    'what is no secret',
    { args: ['-y', 'other@1.2.3', '--name', 'production', '/home/me/some-folder-2026'] },
    '',
  ],

  ['no version', { args: ['-y', 'mcp-ferry', URL_] }, 'unpinned:warn'],
  ['the newest', { args: ['-y', '@scope/server@latest'] }, 'unpinned:warn'],
  ['a version of a scope', { args: ['-y', '@scope/server@1.2.3'] }, ''],
  ['a package by --package', { args: ['-y', '--package=other', 'bin'] }, 'unpinned:warn'],
  ['mcp-remote', { args: remote() }, 'mcp-remote:ok'],
  ['-y behind mcp-remote', { args: ['mcp-remote@0.15.1', '-y', URL_] }, 'mcp-remote:ok yes-behind-package'],
  ['-y behind ours', { args: [OURS, '-y', URL_] }, 'yes-behind-package:warn'],
  ['-y behind another', { args: ['other@1.2.3', '-y'] }, ''],

  ['a name with a blank', { name: 'my server', args: ferry() }, 'name:warn'],
  ['a long name', { name: 'a'.repeat(40), args: ferry() }, 'long-name:warn'],
]

for (const [what, one, codes] of CASES)
  test(what, () => {
    const traps = trapsIn(one)
    const found = traps.map(({ code, state }) => (state === 'fail' ? code : `${code}:${state}`)).join(' ')
    assert.equal(found, codes, JSON.stringify(traps, null, 1))
    for (const { sees, advice } of traps) {
      assert.ok(!`${sees}${advice}`.includes(SECRET), `a secret is told: ${sees}`)
      assert.ok(advice !== '' && !sees.endsWith('.') && !`${sees}${advice}`.includes('\n'), sees)
    }
  })

test('an entry that cannot be used says why', () => {
  const unusable: readonly Readonly<Record<string, unknown>>[] = [
    {},
    { command: 1 },
    { command: '' },
    { command: 'npx', args: '-y mcp-ferry' },
    { command: 'npx', args: [1] },
    { command: 'npx', env: { PORT: 1 } },
    { command: 'npx', env: [] },
  ]
  for (const fields of unusable) assert.equal(readEntry(fields).kind, 'unusable', JSON.stringify(fields))
})

test('an entry with a url is a remote, one that is switched off is told as such', () => {
  assert.equal(readEntry({ url: URL_ }).kind, 'remote')
  assert.equal(readEntry({ type: 'http', serverUrl: URL_ }).kind, 'remote')
  for (const fields of [{ disabled: true }, { enabled: false }]) {
    const entry = readEntry({ command: 'npx', ...fields })
    assert.equal(entry.kind !== 'unusable' && entry.isDisabled, true)
  }
})

test("Zed's older shape is read", () => {
  const entry = readEntry({ command: { path: 'npx', args: ['-y'], env: { A: 'b' } } })
  assert.deepEqual(entry.kind === 'stdio' && [entry.command, entry.args, entry.env], [
    'npx',
    ['-y'],
    { A: 'b' },
  ])
})

test('hosts of the SDK pass on a dozen variables and what the entry says, others all', () => {
  const own = { PATH: '/usr/bin', HOME: '/home/me', TOKEN: 'abc', LANG: 'C', F: '() { :; }' }
  const passed = (editor: EditorName, forwarded: readonly string[] = []) =>
    Object.keys(passedEnvironment({ editor, system: 'linux', own, forwarded, added: { A: 'b' } })).sort()
  assert.deepEqual(passed('cursor'), ['A', 'HOME', 'PATH'])
  assert.deepEqual(passed('codex', ['TOKEN']), ['A', 'HOME', 'LANG', 'PATH', 'TOKEN'])
  assert.deepEqual(passed('vscode'), ['A', 'HOME', 'LANG', 'PATH', 'TOKEN'])
})

test('on Windows a variable of the entry takes the place of the one of any case', () => {
  const own = { Path: 'C:\\a', SystemRoot: 'C:\\Windows' }
  const passed = passedEnvironment({
    editor: 'cursor',
    system: 'windows',
    own,
    forwarded: [],
    added: { Path: 'C:\\b' },
  })
  assert.deepEqual(passed, { SYSTEMROOT: 'C:\\Windows', Path: 'C:\\b' })
})

test('a command that is advised names nothing that a shell would obey, and keeps a path with a blank together', () => {
  const advised = (name: string) =>
    trapsIn({ ...onDesktop, name, args: ferry('--header', 'X-A: 1 2') }).flatMap(
      ({ advice }) => /mcp-ferry config .*? --write/.exec(advice) ?? [],
    )
  assert.deepEqual(advised('mine'), ['mcp-ferry config claude-desktop mine URL --write'])
  for (const name of ['a; id', '$(id)', 'two words', '-x'])
    assert.deepEqual(advised(name), ['mcp-ferry config claude-desktop NAME URL --write'], name)
  const moved = trapsIn({ args: remote(), file: '/home/me/Application Support/file.json' })
  assert.match(moved[0]?.advice ?? '', /config --from "\/home\/me\/Application Support\/file\.json"$/)
  for (const file of [
    '/p/$(id)/f',
    '/p/`id`/f',
    '/p/a"; id; "/f',
    '/p/%PATH%/f',
    '/p/\u201d; id/f',
    '/p/!/f',
  ])
    assert.match(trapsIn({ args: remote(), file })[0]?.advice ?? '', /config --from FILE$/, file)
})
