// A secret that `config --write` asks for, at a real terminal: it is not shown, and it is in the file. arguments.md 6.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import { createWaiting } from '../fixtures/servers/waiting.ts'
import { test } from './harness.ts'
import { entriesIn, type Household, household, ONLY_LINUX } from './household.ts'

const REMOTE = 'https://mcp.example.com/mcp'
const TOKEN = 'tok-4711-4711-4711'
const FILE = '.config/Claude/claude_desktop_config.json'
const TERMINAL = fileURLToPath(new URL('../fixtures/programs/terminal.py', import.meta.url))
const hasPython = spawnSync('python3', ['-c', 'import pty, os; os.waitstatus_to_exitcode']).status === 0
const NO_TERMINAL = ONLY_LINUX || (!hasPython && 'there is no Python 3.9 to make a terminal with')

interface AtTerminal {
  shows(pattern: RegExp): Promise<void>
  type(keys: string): void
  readonly ended: Promise<{ readonly code: number | null; readonly screen: string }>
}

function atTerminal(t: TestContext, user: Household, args: readonly string[]): AtTerminal {
  mkdirSync(user.path('work'), { recursive: true })
  const child = spawn('python3', [TERMINAL, process.execPath, BIN, 'config', ...args], {
    env: { ...bareEnv(), ...user.env, TERM: 'xterm' },
    cwd: user.path('work'),
    stdio: 'pipe',
  })
  t.after(() => child.kill('SIGKILL'))
  let screen = ''
  const waiting = createWaiting(() => [screen])
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      screen += text
      waiting.wake()
    })
  child.stdin.on('error', () => {})
  return {
    shows: (pattern) => waiting.until(() => pattern.test(screen), `${pattern} was not shown`, 40_000),
    type: (keys) => void child.stdin.write(keys),
    ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, screen }))),
  }
}

const WRITE = [
  'claude-desktop',
  'x',
  REMOTE,
  '--bearer-env',
  'MY_TOKEN',
  '--header-env',
  'X-Key=MY_KEY',
  '--write',
]

test(
  'what is typed is in the file and was never on the screen',
  async (t) => {
    const user = household(t)
    const terminal = atTerminal(t, user, WRITE)
    await terminal.shows(/the bearer token for mcp\.example\.com \(MY_TOKEN\)/)
    terminal.type(`wrong\x15${TOKEN}xy\x7f\x7f\r`)
    await terminal.shows(/\(MY_KEY\)/)
    terminal.type('key-0815-0815\r')
    const { code, screen } = await terminal.ended
    assert.equal(code, 0, screen)
    for (const secret of [TOKEN, 'wrong', 'key-0815']) assert.ok(!screen.includes(secret), screen)
    const { x } = entriesIn(user.read(FILE), FILE, 'mcpServers')
    assert.deepEqual(x?.env, { MY_TOKEN: TOKEN, MY_KEY: 'key-0815-0815' })
  },
  NO_TERMINAL,
)

test(
  'Ctrl-C leaves everything as it was',
  async (t) => {
    const user = household(t)
    const terminal = atTerminal(t, user, WRITE)
    await terminal.shows(/\(MY_TOKEN\)/)
    terminal.type('tok\x03')
    const { code, screen } = await terminal.ended
    assert.equal(code, 1, screen)
    assert.match(screen, /cancelled; nothing was changed/)
    assert.equal(existsSync(user.path(...FILE.split('/'))), false)
    assert.deepEqual(user.copies(), [])
  },
  NO_TERMINAL,
)

test(
  'an editor that could take it from its environment gets what is typed, for it is in no variable; or else is left to take it',
  async (t) => {
    const user = household(t)
    const terminal = atTerminal(t, user, ['cursor', ...WRITE.slice(1)])
    await terminal.shows(/\(MY_TOKEN\).*if it is empty, Cursor takes it from its own environment/)
    terminal.type(`${TOKEN}\r`)
    await terminal.shows(/\(MY_KEY\)/)
    terminal.type('\r')
    const { code, screen } = await terminal.ended
    assert.equal(code, 0, screen)
    assert.match(screen, /set MY_KEY in the environment/)
    const { x } = entriesIn(user.read('.cursor/mcp.json'), '.cursor/mcp.json', 'mcpServers')
    assert.deepEqual(x?.env, { MY_TOKEN: TOKEN, MY_KEY: '$'.concat('{env:MY_KEY}') })
  },
  NO_TERMINAL,
)
