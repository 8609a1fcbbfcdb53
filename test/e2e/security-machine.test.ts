// Others on the same machine, and what lies on it: the callback port, the files of a sign-in, what a variable brings into a
// request, what runs when the package is installed. protocol.md G.1 rows 20, 24 and 33, G.5.
import assert from 'node:assert/strict'
import { chmodSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { dirname } from 'node:path'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { bridge, ownError, resultOf, serve, test } from './harness.ts'
import { FOR_EVER, NO_FAKE_BROWSER, PATIENCE_MS, person, serveHostile, signedIn } from './signing-in.ts'

const IS_WINDOWS = process.platform === 'win32'

/** Whether somebody listens there. */
function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host)
    const settle = (open: boolean): void => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}

test(
  'while a person is waited for, the callback port is open on this machine alone, and no guess ends the sign-in',
  async (t) => {
    const server = await serveHostile(t)
    const user = person(t, 'stay')
    const host = user.bridge(server.url, FOR_EVER)
    host.send(initializeLine('i'))
    const address = await user.browser.url()
    const callback = new URL(address.searchParams.get('redirect_uri') ?? '')
    assert.equal(await isOpen('127.0.0.1', Number(callback.port)), true, 'nobody listens for the browser')
    const others = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
    for (const { address: other } of others)
      assert.equal(await isOpen(other, Number(callback.port)), false, `it listens on ${other}`)
    for (const query of ['code=x', 'code=x&state=', `code=x&state=${'A'.repeat(43)}`]) {
      const { status, headers } = await fetch(`${callback.href}?${query}`)
      assert.equal(status, 400, query)
      assert.equal(headers.get('access-control-allow-origin'), null)
    }
    assert.equal(server.to('token').length, 0, 'a guess was redeemed')
    await user.browser.visit(address)
    resultOf(await host.answer('i', PATIENCE_MS))
    await host.finish({ stderr: 'any' })
  },
  NO_FAKE_BROWSER,
)

for (const what of ['file', 'folder'])
  test(
    `a sign-in whose ${what} others have access to is not used, and that is told`,
    async (t) => {
      const server = await serveHostile(t)
      const user = await signedIn(t, server.url)
      const [file = ''] = user.kept()
      chmodSync(what === 'file' ? file : dirname(file), what === 'file' ? 0o640 : 0o750)
      const before = server.mcp.requests.length
      const host = user.bridge(server.url, [...FOR_EVER, '--non-interactive'])
      host.send(initializeLine('i'))
      ownError(await host.answer('i', PATIENCE_MS), 'auth-failed')
      await host.finish({ stderr: 'some' })
      assert.match(host.stderr, new RegExp(`others have access to its ${what}: run chmod`))
      for (const x of server.mcp.requests.slice(before))
        assert.equal(x.header('authorization'), undefined, 'the token was sent')
    },
    (IS_WINDOWS && 'rights are others there') || NO_FAKE_BROWSER,
  )

for (const [what, value] of [
  ['a line end', 'key\r\nX-Evil: 1'],
  ['a line feed', 'key\nX-Evil: 1'],
  ['a control character', 'key\u0001x'],
] as const)
  test(`a variable with ${what} in it brings no header of its own into a request`, async (t) => {
    const server = await serve(t)
    const host = bridge(t, { url: server.url, args: ['--header-env', 'X-Key=KEY'], env: { KEY: value } })
    host.send(initializeLine('i'))
    ownError(await host.answer('i'), 'usage')
    await host.finish({ code: 2, stderr: 'some' })
    assert.equal(server.connections, 0, 'something was sent')
    assert.ok(!host.stderr.includes('key'), `the value is told: ${host.stderr}`)
  })

test('nothing runs when the package is installed', async () => {
  const file = new URL('../../.cache/installed/node_modules/mcp-ferry/package.json', import.meta.url)
  const { scripts = {} } = JSON.parse(readFileSync(file, 'utf8')) as { scripts?: Record<string, string> }
  const hooks = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare']
  assert.deepEqual(
    hooks.filter((name) => name in scripts),
    [],
  )
})
