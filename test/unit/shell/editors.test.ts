// Where each editor keeps its config on each system, by what names it is found, and how an entry looks in it. arguments.md 6.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isBridgeError } from '../../../src/errors.ts'
import { EDITOR_NAMES } from '../../../src/options/tool-flags.ts'
import type { Place, System } from '../../../src/shell/editors/editor.ts'
import { EDITORS, findEditor } from '../../../src/shell/editors/editors.ts'
import type { Entry, Secret, Value } from '../../../src/shell/editors/entry.ts'
import { npxLaunch, type Rendered, renderEntry, textOf } from '../../../src/shell/editors/rendering.ts'

function placeOn(system: System, more: Partial<Place> = {}): Place {
  const isWindows = system === 'windows'
  return {
    system,
    home: isWindows ? 'C:\\Users\\Jörg Ä' : '/home/jörg ä',
    env: {},
    cwd: isWindows ? 'C:\\proj' : '/proj',
    list: () => [],
    ...more,
  }
}

const HOME = '/home/jörg ä'
const WIN = 'C:\\Users\\Jörg Ä'
/** Of each editor: macOS, Linux, Windows, the project's. */
const FILES: Readonly<Record<string, readonly [string, string, string, string]>> = {
  cursor: [
    `${HOME}/.cursor/mcp.json`,
    `${HOME}/.cursor/mcp.json`,
    `${WIN}\\.cursor\\mcp.json`,
    '/proj/.cursor/mcp.json',
  ],
  'claude-desktop': [
    `${HOME}/Library/Application Support/Claude/claude_desktop_config.json`,
    `${HOME}/.config/Claude/claude_desktop_config.json`,
    `${WIN}\\AppData\\Roaming\\Claude\\claude_desktop_config.json`,
    '',
  ],
  vscode: [
    `${HOME}/Library/Application Support/Code/User/mcp.json`,
    `${HOME}/.config/Code/User/mcp.json`,
    `${WIN}\\AppData\\Roaming\\Code\\User\\mcp.json`,
    '/proj/.vscode/mcp.json',
  ],
  'claude-code': [`${HOME}/.claude.json`, `${HOME}/.claude.json`, `${WIN}\\.claude.json`, '/proj/.mcp.json'],
  windsurf: [
    `${HOME}/.codeium/windsurf/mcp_config.json`,
    `${HOME}/.codeium/windsurf/mcp_config.json`,
    `${WIN}\\.codeium\\windsurf\\mcp_config.json`,
    '',
  ],
  codex: [
    `${HOME}/.codex/config.toml`,
    `${HOME}/.codex/config.toml`,
    `${WIN}\\.codex\\config.toml`,
    '/proj/.codex/config.toml',
  ],
  zed: [
    `${HOME}/.config/zed/settings.json`,
    `${HOME}/.config/zed/settings.json`,
    `${WIN}\\AppData\\Roaming\\Zed\\settings.json`,
    '/proj/.zed/settings.json',
  ],
  gemini: [
    `${HOME}/.gemini/settings.json`,
    `${HOME}/.gemini/settings.json`,
    `${WIN}\\.gemini\\settings.json`,
    '/proj/.gemini/settings.json',
  ],
  generic: ['', '', '', ''],
}

test('each editor has its files on each system', () => {
  assert.deepEqual(EDITORS.map(({ name }) => name).sort(), [...EDITOR_NAMES].sort())
  for (const editor of EDITORS) {
    const found = (['macos', 'linux', 'windows'] as const).map((system) =>
      editor.files(placeOn(system)).join(),
    )
    assert.deepEqual(
      [...found, editor.projectFile?.(placeOn('linux')) ?? ''],
      FILES[editor.name],
      editor.name,
    )
  }
})

test('variables move the files', () => {
  const moved = (name: string, system: System, env: Place['env']) =>
    findEditor(name).files(placeOn(system, { env }))
  assert.deepEqual(moved('codex', 'linux', { CODEX_HOME: '/c' }), ['/c/config.toml'])
  assert.deepEqual(moved('claude-code', 'linux', { CLAUDE_CONFIG_DIR: '/c' }), ['/c/.claude.json'])
  assert.deepEqual(moved('gemini', 'linux', { GEMINI_CLI_HOME: '/g' }), ['/g/.gemini/settings.json'])
  assert.deepEqual(moved('vscode', 'linux', { XDG_CONFIG_HOME: '/x' }), ['/x/Code/User/mcp.json'])
  // It must be absolute, by its own rules.
  assert.deepEqual(moved('zed', 'linux', { XDG_CONFIG_HOME: 'x' }), [`${HOME}/.config/zed/settings.json`])
  assert.deepEqual(moved('vscode', 'windows', { AppData: 'D:\\A' }), ['D:\\A\\Code\\User\\mcp.json'])
  assert.deepEqual(moved('vscode', 'macos', { APPDATA: 'D:\\A', XDG_CONFIG_HOME: '/x' }), [FILES.vscode![0]])
})

test('Claude Desktop of the Microsoft Store reads a file of its own', () => {
  const names: Record<string, string[]> = {
    'D:\\L\\Packages': ['Claude_pzs8sxrjxfjjc', 'Microsoft.ClaudeX', 'NotClaude_1'],
  }
  const list = (folder: string) => names[folder] ?? []
  const env = { APPDATA: 'D:\\A', LOCALAPPDATA: 'D:\\L' }
  assert.deepEqual(findEditor('claude-desktop').files(placeOn('windows', { env, list })), [
    'D:\\A\\Claude\\claude_desktop_config.json',
    'D:\\L\\Packages\\Claude_pzs8sxrjxfjjc\\LocalCache\\Roaming\\Claude\\claude_desktop_config.json',
  ])
})

test('the second file of Windsurf counts only if it is there', () => {
  const list = (folder: string) => (folder === `${HOME}/.codeium` ? ['windsurf', 'mcp_config.json'] : [])
  assert.deepEqual(findEditor('windsurf').files(placeOn('linux', { list })), [
    `${HOME}/.codeium/windsurf/mcp_config.json`,
    `${HOME}/.codeium/mcp_config.json`,
  ])
})

test('editors are found by what people call them', () => {
  const names = {
    Cursor: 'cursor',
    claude_desktop: 'claude-desktop',
    'Claude Desktop': 'claude-desktop',
    'vs-code': 'vscode',
    code: 'vscode',
    'VS Code': 'vscode',
    'gemini-cli': 'gemini',
    claudecode: 'claude-code',
    'codex-cli': 'codex',
    ZED: 'zed',
  }
  for (const [name, found] of Object.entries(names)) assert.equal(findEditor(name).name, found, name)
})

test('what is no editor is told with the list, and shown only if it looks like a name', () => {
  const said = (name: string): string => {
    try {
      findEditor(name)
    } catch (thrown) {
      if (isBridgeError(thrown) && thrown.facts.code === 'unknown-editor') return thrown.message
      throw thrown
    }
    throw new Error(`${name} was found`)
  }
  assert.match(said('claude'), /claude-desktop for the app, or claude-code/)
  assert.match(said('cursr'), /^cursr is no editor .*write cursor, or another one of cursor, claude-desktop,/)
  assert.match(
    said('emacs'),
    /^emacs is no editor .*; write one of cursor, .*, gemini, or generic for any other$/,
  )
  assert.match(said('https://h.example/?key=abc'), /^that is no editor/)
  assert.match(said('constructor'), /no editor/)
})

const known: Secret = {
  variable: 'TOKEN',
  what: 'the bearer token for h',
  text: 't-1 &',
  isInEnvironment: false,
}
const there: Secret = { ...known, isInEnvironment: true }
const { text: _, ...unknown } = known

function entryOf(...env: Value[]): Entry {
  return { name: 'my srv', command: '/n', args: ['/s', 'https://h/'], env }
}

function rendered(
  editor: string,
  secret: Secret,
  how: 'shown' | 'written',
): Partial<Rendered> & { value: unknown } {
  const entry = entryOf({ variable: 'TOKEN', parts: [secret] })
  const { server, inputs, fromEnvironment, missing, literals } = renderEntry(findEditor(editor), entry, how)
  const { env, env_vars } = server as { env?: Record<string, string>; env_vars?: string[] }
  const all = { fromEnvironment, missing, literals, inputs }
  return {
    value: env?.TOKEN ?? env_vars,
    ...Object.fromEntries(Object.entries(all).filter(([, list]) => list.length > 0)),
  }
}

const asked = {
  value: '${input:my-srv-token}',
  inputs: [{ type: 'promptString', id: 'my-srv-token', description: known.what, password: true }],
}
const literal = { value: 't-1 &', literals: ['TOKEN'] }
const left = { value: '<TOKEN>', missing: ['TOKEN'] }
const by = (value: unknown) => ({ value, fromEnvironment: ['TOKEN'] })
/** Of each editor: in the environment; known; unknown. First as shown, then as written. */
const SECRETS: Readonly<Record<string, readonly (readonly [unknown, unknown])[]>> = {
  vscode: [
    [asked, asked],
    [asked, asked],
    [asked, asked],
  ],
  cursor: [
    [by('${env:TOKEN}'), by('${env:TOKEN}')],
    [left, literal],
    [by('${env:TOKEN}'), undefined],
  ],
  'claude-code': [
    [by('${TOKEN}'), by('${TOKEN}')],
    [left, literal],
    [by('${TOKEN}'), undefined],
  ],
  gemini: [
    [by('$TOKEN'), by('$TOKEN')],
    [left, literal],
    [by('$TOKEN'), undefined],
  ],
  codex: [
    [by(['TOKEN']), by(['TOKEN'])],
    [left, literal],
    [by(['TOKEN']), undefined],
  ],
  'claude-desktop': [
    [left, literal],
    [left, literal],
    [left, undefined],
  ],
}

for (const [editor, rows] of Object.entries(SECRETS))
  test(`where ${editor} has a secret from`, () => {
    for (const [index, secret] of [there, known, unknown].entries()) {
      const [shown, written] = rows[index]!
      assert.deepEqual(rendered(editor, secret, 'shown'), shown)
      if (written === undefined) assert.throws(() => rendered(editor, secret, 'written'), TypeError)
      else assert.deepEqual(rendered(editor, secret, 'written'), written)
    }
  })

test('texts and secrets make one value, encoded where it is a URL', () => {
  const parts = ['https://h/?a=1&k=', { ...known, isInUrl: true as const }]
  const at = (name: string, how: 'shown' | 'written') =>
    renderEntry(findEditor(name), entryOf({ variable: 'MCP_URL', parts }), how).server
  assert.deepEqual(at('zed', 'written').env, { MCP_URL: 'https://h/?a=1&k=t-1%20%26' })
  assert.deepEqual(at('zed', 'shown').env, { MCP_URL: 'https://h/?a=1&k=<TOKEN>' })
  // What is not the whole of a variable cannot be forwarded.
  assert.deepEqual(at('codex', 'written').env, { MCP_URL: 'https://h/?a=1&k=t-1%20%26' })
  assert.equal(at('codex', 'written').env_vars, undefined)
})

test('what the editor would fill in is refused, and left where it would not', () => {
  const render = (name: string, text: string, how: 'shown' | 'written' = 'written') =>
    renderEntry(findEditor(name), entryOf({ variable: 'TOKEN', parts: ['a', { ...known, text }] }), how)
  const refused = (thrown: unknown): boolean => {
    assert.equal(isBridgeError(thrown) && thrown.facts.code, 'unsafe-value')
    assert.equal(String(thrown).includes('s3cr3t'), false, 'the value is shown')
    return true
  }
  for (const how of ['written', 'shown'] as const) {
    assert.throws(() => render('gemini', 's3cr3t$A', how), refused)
    assert.throws(() => render('cursor', 's3cr3t${A}', how), refused)
    assert.throws(() => render('claude-code', 's3cr3t${A}', how), refused)
  }
  assert.throws(
    () => renderEntry(findEditor('cursor'), { ...entryOf(), command: '/a/${b}/node' }, 'shown'),
    refused,
  )
  assert.deepEqual(render('cursor', 's$A').server.env, { TOKEN: 'as$A' })
  assert.deepEqual(render('claude-desktop', 's${A}').server.env, { TOKEN: 'as${A}' })
  // Halves of it in two neighbours are one.
  const halves: Value = { variable: 'X', parts: ['a$', { ...known, text: '{b}' }] }
  assert.throws(() => renderEntry(findEditor('cursor'), entryOf(halves), 'written'), refused)
})

test('npx is started as the editor has to', () => {
  const rest = ['-y', 'mcp-ferry@1.2.3', 'https://h/']
  for (const [name, system, command, args] of [
    ['claude-desktop', 'windows', 'cmd', ['/d', '/c', 'npx', ...rest]],
    ['claude-desktop', 'macos', 'npx', rest],
    ['vscode', 'windows', 'npx', rest],
  ] as const)
    assert.deepEqual(npxLaunch(findEditor(name), system, '1.2.3', ['https://h/']), { command, args })
})

test('Codex waits longer only for npx', () => {
  const codex = findEditor('codex')
  const launched = { ...entryOf(), ...npxLaunch(codex, 'linux', '1.2.3', []) }
  assert.equal(renderEntry(codex, launched, 'written').server.startup_timeout_sec, 60)
  assert.equal('startup_timeout_sec' in renderEntry(codex, entryOf(), 'written').server, false)
})

test('a file to paste', () => {
  const vscode = findEditor('vscode')
  const text = textOf(
    vscode,
    'my srv',
    renderEntry(vscode, entryOf({ variable: 'TOKEN', parts: [known] }), 'shown'),
  )
  assert.deepEqual(JSON.parse(text), {
    inputs: asked.inputs,
    servers: {
      'my srv': { type: 'stdio', command: '/n', args: ['/s', 'https://h/'], env: { TOKEN: asked.value } },
    },
  })
  assert.equal(text.endsWith('}\n'), true, text)
})
