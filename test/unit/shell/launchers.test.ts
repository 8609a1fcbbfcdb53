// The ways in which editors start programs: what is handed to spawn, made into the command line that Windows would see, is
// what the simulator of the editors makes, and arrives at the program as it does there. arguments.md 1.1.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import test from 'node:test'
import { planStart, type Start } from '../../../src/shell/doctor/launchers.ts'
import type { Launcher } from '../../../src/shell/editors/editor.ts'

interface Arrival {
  readonly argv: readonly string[] | null
  readonly error: string | null
  readonly trace: readonly string[]
}

interface Winpipe {
  readonly NPX: string
  readonly NODE: string
  nodeSpawn(file: string, args: readonly string[]): string
  nodeVerbatim(file: string, args: readonly string[]): string
  nodeShellTrue(file: string, args: readonly string[]): string
  crossSpawn(file: string, args: readonly string[]): string
  ucrtArgv(line: string): string[]
  makeMachine(options?: { readonly npx?: string }): unknown
  runCommandLine(line: string, machine: unknown): Arrival
  simulate(launcher: string, args: readonly string[], options?: { readonly npx?: string }): Arrival
}

const winpipe = createRequire(import.meta.url)('../../fixtures/windows/winpipe.cjs') as Winpipe

/** As the simulator calls them; Zed's is none of its. */
const SIMULATED: readonly (readonly [Launcher, string])[] = [
  ['claude-desktop', 'claude-desktop-win'],
  ['cross-spawn', 'cursor-win'],
  ['vscode', 'vscode'],
  ['codex', 'codex'],
  ['go', 'go-exec'],
]
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  'what is safe': ['https://mcp.example.com/mcp', '--bearer-env', 'MCP_TOKEN'],
  'a blank': ['https://mcp.example.com/mcp', '--header', 'Authorization: Bearer abc'],
  'a tab': ['a\tb'],
  'a quote': ['say "hello"', 'a"b'],
  'backslashes before a quote, and at the end': ['a\\\\"b', 'C:\\my dir\\', 'C:\\dir\\'],
  'an ampersand': ['https://mcp.example.com/mcp?a=1&b=2', 'last'],
  'a bar, a caret and angles': ['a|b', 'a^b', '<token>', 'a>b'],
  'percent signs': ['%OS%', '100%', '%E4%BD'],
  brackets: ['(a)', 'b!c', ';d,e='],
  'letters of elsewhere': ['Jürgen', '山田', '😀 x'],
  nothing: ['', 'b'],
}

/** The command line that Windows gets. */
function lineOf(start: Start): string {
  if (start.by === 'nothing') throw new TypeError(start.why)
  const { file, args } = start
  if (start.by === 'cross-spawn') return winpipe.crossSpawn(file, args)
  if (start.shell) return winpipe.nodeShellTrue(file, args)
  return start.verbatim ? winpipe.nodeVerbatim(file, args) : winpipe.nodeSpawn(file, args)
}

for (const [launcher, simulated] of SIMULATED)
  for (const npx of [winpipe.NPX, 'C:\\nvm4w\\nodejs\\npx.cmd'])
    for (const [name, args] of Object.entries(ARGUMENTS))
      test(`${launcher} starts ${npx} with ${name} as the editor does`, () => {
        const start = planStart({
          launcher,
          system: 'windows',
          command: 'npx',
          args: ['-y', 'bridge', ...args],
          resolved: npx,
        })
        const expected = winpipe.simulate(simulated, args, { npx })
        const arrival = winpipe.runCommandLine(lineOf(start), winpipe.makeMachine({ npx }))
        assert.deepEqual(arrival.argv, expected.argv)
        assert.equal(arrival.error ?? (arrival.argv ? null : 'no-launch'), expected.error)
      })

for (const launcher of ['claude-desktop', 'vscode', 'codex', 'go'] as const)
  test(`${launcher} starts an .exe without anything between, and every argument arrives`, () => {
    const args = Object.values(ARGUMENTS).flat()
    const start = planStart({ launcher, system: 'windows', command: 'node', args, resolved: winpipe.NODE })
    assert.equal(start.by === 'spawn' && !start.shell && start.file === winpipe.NODE, true)
    assert.deepEqual(winpipe.ucrtArgv(lineOf(start)).slice(1), args)
  })

test('claude-desktop starts cmd /d /c npx as it is written', () => {
  const args = ['/d', '/c', 'npx', '-y', 'bridge', 'Authorization: Bearer abc']
  const start = planStart({
    launcher: 'claude-desktop',
    system: 'windows',
    command: 'cmd',
    args,
    resolved: 'C:\\Windows\\System32\\cmd.exe',
  })
  const { argv } = winpipe.runCommandLine(lineOf(start), winpipe.makeMachine())
  assert.deepEqual(argv, ['Authorization: Bearer abc'])
})

test('codex refuses a line break for a batch file, and takes it for a program', () => {
  const launch = { launcher: 'codex', system: 'windows', command: 'npx', args: ['a\nb'] } as const
  assert.equal(planStart({ ...launch, resolved: winpipe.NPX }).by, 'nothing')
  assert.equal(planStart({ ...launch, resolved: winpipe.NODE }).by, 'spawn')
})

test('zed is not started by PowerShell, and that is told', () => {
  const start = planStart({
    launcher: 'powershell',
    system: 'windows',
    command: 'npx',
    args: [],
    resolved: winpipe.NPX,
  })
  assert.equal(start.by, 'cross-spawn')
  assert.match(start.by === 'cross-spawn' ? start.how : '', /PowerShell/)
})

for (const system of ['linux', 'macos'] as const)
  for (const launcher of ['claude-desktop', 'cross-spawn', 'vscode', 'codex', 'go', 'powershell'] as const)
    test(`on ${system} ${launcher} starts the program itself`, () => {
      const start = planStart({ launcher, system, command: 'npx', args: ['a b'], resolved: '/usr/bin/npx' })
      assert.deepEqual(start, {
        by: 'spawn',
        file: 'npx',
        args: ['a b'],
        verbatim: false,
        shell: false,
        how: 'directly',
      })
    })
