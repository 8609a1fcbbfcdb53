// What `mcp-ferry config … --write` puts into each editor's file on Windows, started by that editor's launcher: the
// copy with its absolute paths, and npx. All of it is a user's whose name has a space and a letter that is no ASCII.
// arguments.md 1.1 and 6.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { before, describe, it } from 'node:test'
import { parse } from 'jsonc-parser'
import { getStaticTOMLValue, parseTOML } from 'toml-eslint-parser'
import type { McpServer } from '../fixtures/servers/mcp-server.ts'
import { INSTALL, theirs } from './launching.ts'
import { type Case, type Launcher, type Machine, type Seen, SKIP, windows } from './machine.ts'
import { PACKED } from './registry.ts'
import { checkHeader, checkSession, SESSION, serving } from './sessions.ts'

/** Each with its launcher, and the key of its file under which entries stand. */
const EDITORS: Readonly<Record<string, readonly [Launcher, string]>> = {
  'claude-desktop': ['claude-desktop', 'mcpServers'],
  cursor: ['cross-spawn', 'mcpServers'],
  vscode: ['vscode', 'servers'],
  'claude-code': ['cross-spawn', 'mcpServers'],
  windsurf: ['windsurf', 'mcpServers'],
  codex: ['codex', 'mcp_servers'],
  zed: ['plain', 'context_servers'],
  gemini: ['cross-spawn', 'mcpServers'],
}
/** Of those that start npx alike, one is enough. */
const BY_NPX = ['claude-desktop', 'cursor', 'vscode', 'windsurf', 'codex']
/** What is asked of npx comes first: its cache is filled by one of them. */
const STARTS = [
  ...BY_NPX.map((editor) => ({ editor, form: 'npx' })),
  ...Object.keys(EDITORS).map((editor) => ({ editor, form: 'installed' })),
]
const QUERY = '?a=1&b=%OS%'
const SECRET = 'Api-Key k&y "1"  %OS%'

const { home: HOME, env: THEIRS } = theirs('Jürgen Müller')
const MSIX = `${HOME}\\AppData\\Local\\Packages\\Claude_p1\\LocalCache\\Roaming\\Claude`

interface Entry {
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Variables that Codex hands on by their names. */
  readonly env_vars?: readonly string[]
}

function writing(editor: string, form: string, url: string): Case {
  const flags = [
    `--${form}`,
    '--write',
    '--json',
    '--header-env',
    'X-Api-Key=MCP_AUTH',
    '--url-env',
    'MCP_URL',
  ]
  return {
    name: `${editor}, ${form}`,
    launcher: 'cross-spawn',
    command: PACKED.name,
    args: ['config', editor, form, ...flags],
    env: { ...THEIRS, MCP_AUTH: SECRET, MCP_URL: url + QUERY },
  }
}

/** The entries of that name in the files that config says it has written. */
function written(machine: Machine, editor: string, form: string, seen: Seen | undefined): readonly Entry[] {
  assert.equal(seen?.code, 0, JSON.stringify(seen))
  const told = JSON.parse(seen.lines.join('\n')) as { readonly written: readonly { readonly file: string }[] }
  return told.written.map(({ file }) => {
    const text = readFileSync(machine.outside(file), 'utf8')
    const whole = file.endsWith('.toml') ? getStaticTOMLValue(parseTOML(text)) : parse(text)
    const entries = (whole as Readonly<Record<string, Readonly<Record<string, Entry>>>>)[EDITORS[editor]![1]]
    const entry = entries?.[form]
    assert.ok(entry !== undefined, `no ${form} in ${text}`)
    return entry
  })
}

/** Started as the editor does it, with its own references to variables and inputs put in. */
function starting(editor: string, form: string, entry: Entry, url: string): Case {
  assert.ok(!JSON.stringify(entry.args).includes('k&y'), 'a secret is among the arguments')
  const own: Readonly<Record<string, string>> = { MCP_AUTH: SECRET, MCP_URL: url + QUERY }
  const expand = (text: string) =>
    text
      .replace(/\$\{input:[\w-]+\}/g, () => SECRET)
      .replace(/\$\{?(?:env:)?(MCP_\w+)\}?/g, (_, name) => own[name]!)
  const env = Object.entries(entry.env ?? {}).map(([name, text]) => [name, expand(text)])
  const handedOn = (entry.env_vars ?? []).map((name) => [name, own[name]])
  return {
    name: `${editor}, ${form}`,
    launcher: EDITORS[editor]![0],
    command: entry.command,
    args: entry.args,
    env: { ...THEIRS, ...Object.fromEntries([...handedOn, ...env]) },
    folder: HOME,
    say: SESSION,
  }
}

const MADE_UP = process.platform === 'win32' && 'another user than this one can be had in the test bed only'

describe('an entry that config has written', { skip: SKIP || MADE_UP }, () => {
  let server: McpServer
  let files: ReadonlyMap<string, readonly Entry[]>
  let seen: ReadonlyMap<string, Seen>

  before(async () => {
    const machine = await windows()
    server = await serving()
    machine.addHome(HOME)
    mkdirSync(machine.outside(MSIX), { recursive: true })
    const stage = (form: string) =>
      STARTS.filter((one) => one.form === form).map(({ editor }) => writing(editor, form, server.url))
    const told = await machine.play([INSTALL], stage('installed'), stage('npx'))
    const found = STARTS.map(({ editor, form }) => {
      const name = `${editor}, ${form}`
      return { editor, form, name, entries: written(machine, editor, form, told.get(name)) }
    })
    files = new Map(found.map(({ name, entries }) => [name, entries]))
    const cases = found.map(({ editor, form, entries }) => starting(editor, form, entries[0]!, server.url))
    seen = await machine.play(cases.slice(0, 1), cases.slice(1))
  })

  for (const { editor, form } of STARTS)
    it(`for ${editor}, by ${form}`, () => {
      checkSession(seen.get(`${editor}, ${form}`))
      checkHeader(server, 'X-Api-Key', SECRET)
      assert.deepEqual([...new Set(server.requests.map(({ url }) => url))], [`/mcp${QUERY}`])
    })

  it('stands in both places that Claude Desktop may read', () => {
    const [first, second, ...rest] = files.get('claude-desktop, installed')!
    assert.deepEqual([second, rest], [first, []])
  })
})
