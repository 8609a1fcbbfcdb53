// What is written into a home folder with an odd name, whatever umask the editor has handed on: log, sign-in and handshake
// are found there again, and are for their owner alone. protocol.md G.1 row 33.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { TestContext } from 'node:test'
import { bareEnv, type Host } from '../fixtures/hosts/raw-host.ts'
import { makeBrowser } from '../fixtures/programs/browser.ts'
import { bridge, request, resultOf, serve, test } from './harness.ts'
import { filesUnder, makeOddHome, NOT_LINUX } from './odd-home.ts'
import { assertNoSecret, FOR_EVER, PATIENCE_MS, serveProtected } from './signing-in.ts'

const { home, bin } = NOT_LINUX ? { home: '', bin: '' } : makeOddHome()
const LOG = '~/Protokoll & Co/ferry.log'
const TALKS = ['--log-level', 'debug', '--log-file', LOG] as const

interface Somebody {
  readonly home: string
  start(url: string, args: readonly string[]): Host
  /** A command to its end; resolves with the exit code. */
  run(args: readonly string[]): Promise<number | null>
  /** How many tabs the browser has opened. */
  opened(): number
}

/** A home of its own in the odd one; all that is started there has this umask. */
function somebody(t: TestContext, umask: string): Somebody {
  const own = mkdtempSync(join(home, 'Größe '))
  mkdirSync(join(own, 'Protokoll & Co'))
  const browser = makeBrowser()
  t.after(browser.close)
  const command = ['/bin/sh', '-c', `umask ${umask}; exec "$@"`, 'sh', process.execPath, bin]
  const onlyEnv = { ...browser.env, HOME: own, LANG: bareEnv().LANG ?? 'C' }
  return {
    home: own,
    start: (url, args) => bridge(t, { command, onlyEnv, args, url, cwd: own }),
    run: (args) => {
      const [shell = '', ...first] = command
      const child = spawn(shell, [...first, ...args], { env: onlyEnv, cwd: own, stdio: 'ignore' })
      return new Promise((resolve) => child.on('close', resolve))
    },
    opened: () => browser.opened().length,
  }
}

/** The files and the folders that were made for them, with who else may do something with them. */
function openToOthers(folder: string): string[] {
  const made = filesUnder(folder).flatMap((file) =>
    file.includes('mcp-ferry') ? [file, dirname(file)] : [file],
  )
  return made.filter((path) => (statSync(path).mode & 0o077) !== 0)
}

for (const umask of ['000', '022', '077'])
  test(
    `umask ${umask}: a sign-in, a handshake and a log are found again, and are for their owner alone`,
    async (t) => {
      const { issuer, server } = await serveProtected(t)
      const user = somebody(t, umask)
      const first = user.start(server.url, [...FOR_EVER, ...TALKS])
      first.send(request('i', 'initialize', { protocolVersion: '2025-06-18', capabilities: {} }))
      resultOf(await first.answer('i', PATIENCE_MS))
      await first.finish({ stderr: 'any' })
      const made = filesUnder(user.home).map((file) => relative(user.home, file))
      for (const place of [
        '.local/share/mcp-ferry/accounts/',
        '.cache/mcp-ferry/',
        'Protokoll & Co/ferry.log',
      ])
        assert.ok(
          made.some((file) => file.startsWith(place)),
          `nothing in ${place}: ${made.join(', ')}`,
        )
      assert.deepEqual(openToOthers(user.home), [])

      const second = user.start(server.url, [...FOR_EVER, ...TALKS])
      await second.initialize()
      await second.finish()
      assert.equal(user.opened(), 1, 'the sign-in is found again')
      const log = readFileSync(join(user.home, LOG.slice(2)), 'utf8')
      assert.ok(log.length > 0, 'nothing is logged')
      assertNoSecret(log, issuer)
    },
    NOT_LINUX,
  )

test(
  'a file of headers in that home, by its ~ and by its whole path',
  async (t) => {
    const user = somebody(t, '022')
    const file = join(user.home, 'Köpfe für 山田.txt')
    writeFileSync(file, '# Schlüssel\nX-Odd-Key: from the file\n')
    for (const written of ['~/Köpfe für 山田.txt', file, '${HOME}/Köpfe für 山田.txt']) {
      const server = await serve(t)
      const host = user.start(server.url, ['--header-file', written])
      await host.initialize()
      await host.finish()
      const asked = server.sent('initialize')[0]
      assert.equal(asked?.header('x-odd-key'), 'from the file', written)
    }
  },
  NOT_LINUX,
)

test(
  'sign-ins of this home are told and forgotten',
  async (t) => {
    const { server } = await serveProtected(t)
    const user = somebody(t, '022')
    const command = (name: string) => user.run([name, server.url])
    assert.equal(await command('login'), 0)
    assert.equal(await command('status'), 0)
    assert.deepEqual(openToOthers(user.home), [])
    assert.equal(await command('logout'), 0)
    assert.equal(await command('status'), 1)
  },
  NOT_LINUX,
)
