// Opening the browser with real processes: programs of the test on a PATH of the test, which write down how they were called.
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openBrowser } from '../../../src/auth/person/browser.ts'

const NASTY = `https://as.example/authorize?a="&calc&b=$(touch%20x)&c=\`id\`;d='%20'&e=%s&f=$1&g=$&|h>i`
const onPosix = { skip: process.platform === 'win32' ? 'the programs are shell scripts' : false }

interface Programs {
  readonly env: Readonly<Record<string, string>>
  readonly folder: string
  /** Each call: the program's name and its arguments. */
  calls(): string[][]
  /** Resolves when there are so many calls. */
  called(count: number): Promise<void>
}

/** Programs by name, each with what it does after it has written down its call. */
function programs(t: TestContext, bodies: Readonly<Record<string, string>>): Programs {
  const folder = mkdtempSync(join(tmpdir(), 'browser-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'calls')
  writeFileSync(file, '')
  for (const [name, body] of Object.entries(bodies)) {
    const script = `#!/bin/sh
{ printf '%s\\037' ${JSON.stringify(name)} "$@"; printf '\\036'; } >>'${file}'
${body}
`
    writeFileSync(join(folder, name), script)
    chmodSync(join(folder, name), 0o755)
  }
  const calls = (): string[][] =>
    readFileSync(file, 'utf8')
      .split('\x1e')
      .slice(0, -1)
      .map((call) => call.split('\x1f').slice(0, -1))
  return {
    env: { PATH: folder },
    folder,
    calls,
    called: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (calls().length < count) return
          watcher.close()
          resolve()
        }
        const watcher = watch(file, look)
        look()
      }),
  }
}

/** On a busy machine a program may take long to start, so there is no limit to failing, unless it is to stay. */
function open(url: string, env: Readonly<Record<string, string>>, failureMs = 600_000): Promise<boolean> {
  return openBrowser(url, {
    platform: 'linux',
    env,
    machine: { has: () => false, read: () => '' },
    failureMs,
  })
}

test('the URL is one argument, whatever is in it', onPosix, async (t) => {
  const { env, folder, calls } = programs(t, { 'xdg-open': 'exit 0' })
  assert.equal(await open(NASTY, env), true)
  assert.deepEqual(calls(), [['xdg-open', NASTY]])
  assert.equal(existsSync(join(folder, 'x')), false)
})

test('$BROWSER comes first, with the URL where it says', onPosix, async (t) => {
  const { env, calls } = programs(t, { 'xdg-open': 'exit 0', mine: 'exit 0' })
  assert.equal(await open(NASTY, { ...env, BROWSER: 'absent:mine --tab=%s -n:xdg-open' }), true)
  assert.deepEqual(calls(), [['mine', `--tab=${NASTY}`, '-n']])
})

test('$BROWSER with blanks in its path needs no quotes', onPosix, async (t) => {
  const { folder, calls } = programs(t, { 'my browser': 'exit 0' })
  assert.equal(await open(NASTY, { PATH: '', BROWSER: join(folder, 'my browser') }), true)
  assert.deepEqual(calls(), [['my browser', NASTY]])
})

test('what fails, or is not there, is followed by the next', onPosix, async (t) => {
  const { env, calls } = programs(t, {
    'xdg-open': 'exit 3',
    'sensible-browser': 'exit 0',
    gio: 'kill -9 $$',
  })
  assert.equal(await open(NASTY, env), true)
  assert.deepEqual(calls(), [
    ['xdg-open', NASTY],
    ['gio', 'open', NASTY],
    ['sensible-browser', NASTY],
  ])
})

test('when nothing is left it says so', onPosix, async (t) => {
  const { env, calls } = programs(t, { 'xdg-open': 'exit 4' })
  assert.equal(await open(NASTY, env), false)
  assert.deepEqual(calls(), [['xdg-open', NASTY]])
  assert.equal(await open(NASTY, { PATH: '' }), false)
})

test('a browser that stays is an open one, and lives on', onPosix, async (t) => {
  const { env, calls, called } = programs(t, {
    'xdg-open': `printf 'pid\\037%s\\037\\036' $$ >>"\${0%/*}/calls"; exec "$TAIL" -f /dev/null`,
    gio: 'exit 0',
  })
  const [tail] = ['/usr/bin/tail', '/bin/tail'].filter(existsSync)
  assert.equal(await open(NASTY, { ...env, TAIL: tail! }, 1), true)
  await called(2)
  const [call, [, pid] = []] = calls()
  assert.deepEqual(call, ['xdg-open', NASTY])
  // A process group of its own, which no signal to ours reaches; this throws if it is gone.
  process.kill(-Number(pid), 'SIGKILL')
})

test('nothing is run for what is no web address, or where no browser is wanted', onPosix, async (t) => {
  const { env, calls } = programs(t, { 'xdg-open': 'exit 0' })
  for (const url of ['file:///etc/passwd', 'javascript:alert(1)', '--help', 'calc', ''])
    assert.equal(await open(url, env), false, url)
  assert.equal(await open('https://as.example/', { ...env, BROWSER: 'none' }), false)
  assert.equal(await open('https://as.example/\0', env), false)
  assert.deepEqual(calls(), [])
})

test('what cmd.exe would interpret is not run', async (t) => {
  const { folder, calls } = programs(t, { 'open.cmd': 'exit 0', 'open.BAT': 'exit 0' })
  for (const name of ['open.cmd', 'open.BAT'])
    assert.equal(await open('https://as.example/', { PATH: '', BROWSER: `${join(folder, name)} %s` }), false)
  assert.deepEqual(calls(), [])
})
