// The scripts of `mcp-ferry completion`, in the shells that they are for: what a person gets who presses Tab.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { missing } from '../../scripts/needs.mjs'
import { BIN } from '../fixtures/hosts/raw-host.ts'
import { runToEnd } from '../fixtures/hosts/run-to-end.ts'
import { test } from './harness.ts'

const TERMINAL = fileURLToPath(new URL('../fixtures/programs/terminal.py', import.meta.url))

async function scriptFor(t: TestContext, shell: string): Promise<string> {
  const { code, stdout, stderr } = await runToEnd([BIN, 'completion', shell], { env: process.env })
  assert.deepEqual([code, stderr], [0, ''], shell)
  const folder = mkdtempSync(join(tmpdir(), 'ferry-completion-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'script')
  writeFileSync(file, stdout)
  return file
}

/** A line up to the cursor, and what is offered there; of options some, and some that are not. */
const CASES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['mcp-ferry ca', ['call'], []],
  ['mcp-ferry co', ['config', 'complete', 'completion'], []],
  ['mcp-ferry https://example.com/mcp co', [], ['config']],
  ['mcp-ferry config cu', ['cursor'], []],
  ['mcp-ferry config --for w', ['windows'], []],
  ['mcp-ferry trace re', ['replay'], []],
  ['mcp-ferry trace show package-l', ['package-lock.json'], []],
  ['mcp-ferry call https://example.com/mcp package-l', [], ['package-lock.json']],
  ['mcp-ferry --transport h', ['http', 'http+sse'], []],
  ['mcp-ferry --allow-h', ['--allow-http'], []],
  ['mcp-ferry call https://example.com/mcp --schema-compat g', ['gemini'], []],
  ['mcp-ferry demo --', ['--log-level', '--help'], ['--header', '--write']],
  ['mcp-ferry logout --', ['--all', '--json'], ['--write', '--read-only']],
]

test('what is said of an option does not end within a URL', async () => {
  const { stdout } = await runToEnd([BIN, 'completion', 'fish'], { env: process.env })
  assert.match(
    stdout,
    /-l allow-http .*'allow a plain http:\/\/ URL outside this machine and private networks'/,
  )
})

test('bash completes commands, options and their values', async (t) => {
  const file = await scriptFor(t, 'bash')
  for (const [line, wanted, unwanted] of CASES) {
    const ask = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mcp_ferry; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout } = spawnSync('bash', ['-c', ask, file, ...line.split(' ')], { encoding: 'utf8' })
    compare(line, stdout.split('\n').filter(Boolean), wanted, unwanted)
  }
  const split = ['mcp-ferry', '--transport', '=', 'http+']
  const ask = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=3; _mcp_ferry; echo "\${COMPREPLY[@]}"`
  assert.equal(spawnSync('bash', ['-c', ask, file, ...split], { encoding: 'utf8' }).stdout, 'http+sse\n')
})

test('bash completes a path with a blank in it', async (t) => {
  const PROMPT = /bash-\S+[$#] $/
  const file = await scriptFor(t, 'bash')
  for (const line of ['mcp-ferry --trace my', 'mcp-ferry --trace=my', 'mcp-ferry trace show my\\ t']) {
    const { shell, until } = atTerminal(t, ['bash', '--norc', '-i'], { SCRIPT: file })
    await until(PROMPT)
    shell.stdin.write(
      `cd "\${SCRIPT%/*}"; source ./script; touch 'my trace'; mcp-ferry() { printf '<%s>' "$@"; }\n`,
    )
    await until(PROMPT)
    shell.stdin.write(`${line}\t\n`)
    assert.match(await until(PROMPT), /<(?:--trace=)?my trace>/, line)
    shell.kill()
  }
})

test(
  'fish completes commands, options and their values',
  async (t) => {
    const file = await scriptFor(t, 'fish')
    for (const [line, wanted, unwanted] of CASES) {
      const ask = 'source $argv[1]; complete -C $argv[2]'
      const { stdout } = spawnSync('fish', ['--no-config', '-c', ask, file, line], { encoding: 'utf8' })
      const offered = stdout.split('\n').map((text) => text.split('\t')[0]!)
      compare(line, offered.filter(Boolean), wanted, unwanted)
    }
  },
  missing('fish'),
)

test(
  'zsh completes commands, options and their values',
  async (t) => {
    const file = await scriptFor(t, 'zsh')
    for (const [line, wanted] of CASES.filter(
      ([line, offered]) => offered.length === 1 && !line.includes('package-l'),
    )) {
      const start = 'autoload -Uz compinit; compinit -u -D; source $SCRIPT; PS1=; print REA""DY'
      const { shell, until } = atTerminal(t, ['zsh', '-f', '-i'], { SCRIPT: file })
      shell.stdin.write(`${start}\n`)
      // The editor of lines says that it listens by turning on what it calls bracketed paste.
      await until(/READY\r[\s\S]*\x1b\[\?2004h/)
      shell.stdin.write(`${line}\t`)
      await until(new RegExp(`${wanted[0]}`))
      shell.kill()
    }
  },
  missing('zsh'),
)

test('the script for PowerShell has all of it', async (t) => {
  const file = await scriptFor(t, 'powershell')
  const text = readFileSync(file, 'utf8')
  for (const word of ['Register-ArgumentCompleter', "'--schema-compat'", "'prefer-modern'", "'cursor'"])
    assert.ok(text.includes(word), `${word} is not in it`)
})

test('a shell that nobody knows is told which there are', async () => {
  const { code, stdout, stderr } = await runToEnd([BIN, 'completion', 'tcsh'], { env: process.env })
  assert.deepEqual([code, stdout], [2, ''])
  assert.match(stderr, /bash, zsh, fish, powershell/)
})

/** A shell at a terminal. `until`: what it has shown since the last time, up to the match. */
function atTerminal(t: TestContext, command: readonly string[], env: Readonly<Record<string, string>>) {
  const shell = spawn('python3', [TERMINAL, ...command], {
    env: { ...process.env, ...env, TERM: 'dumb' },
    stdio: 'pipe',
  })
  t.after(() => shell.kill('SIGKILL'))
  let shown = ''
  let look = (): void => {}
  shell.stdout.setEncoding('utf8').on('data', (more: string) => {
    shown += more
    look()
  })
  const until = (pattern: RegExp): Promise<string> =>
    new Promise((resolve) => {
      look = () => {
        if (!pattern.test(shown)) return
        resolve(shown)
        shown = ''
      }
      look()
    })
  return { shell, until }
}

function compare(
  line: string,
  offered: readonly string[],
  wanted: readonly string[],
  unwanted: readonly string[],
): void {
  if (line.endsWith('--'))
    for (const word of wanted) assert.ok(offered.includes(word), `${line}: no ${word} in ${offered}`)
  else assert.deepEqual([...offered].sort(), [...wanted].sort(), line)
  for (const word of unwanted) assert.ok(!offered.includes(word), `${line}: ${word} is offered`)
}
