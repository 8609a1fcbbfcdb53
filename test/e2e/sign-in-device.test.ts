// Signing in with a code on another device, while the host waits. RFC 8628; protocol.md 0.12, `--device-code`.
import assert from 'node:assert/strict'
import { type Host, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { GRANT } from '../fixtures/servers/auth-record.ts'
import type { AuthServer } from '../fixtures/servers/auth-server.ts'
import { type Document, type HostileOptions, PATHS } from '../fixtures/servers/hostile-auth-server.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import { call, modern, resultOf, test } from './harness.ts'
import {
  assertNoSecret,
  FOR_EVER,
  onStderr,
  PATIENCE_MS,
  person,
  refusedStart,
  serveHostile,
  serveProtected,
  start,
} from './signing-in.ts'

const DEVICE = ['--device-code'] as const
const CODE = 'WDJB-MJHT'

/** The code that the bridge shows, as soon as it does. */
async function shownCode(host: Host, issuer: AuthServer): Promise<string> {
  const [, code = ''] = await onStderr(host, /and enter the code (\S+)\n/)
  // The person is slower than its first question.
  await issuer.nth(1, 'token', GRANT.device)
  return code
}

test('the code and the address are shown while the host waits, and the next bridge is signed in', async (t) => {
  const { issuer, server } = await serveProtected(t, { scope: 'mcp:read' })
  const user = person(t)
  const host = user.bridge(server.url, ['--start-budget', '1ms', ...DEVICE])
  host.send(initializeLine('i'))
  await issuer.nth(1, 'device')
  const { instructions } = resultOf(await host.answer('i')) as { instructions?: string }
  host.send({ jsonrpc: '2.0', method: 'notifications/initialized' })
  const code = await shownCode(host, issuer)
  host.send(call(1, { n: 1 }))
  await issuer.approveDevice(code)
  assert.deepEqual(resultOf(await host.answer(1, PATIENCE_MS)).structuredContent, { n: 1 })
  await host.finish({ stderr: 'some' })
  assert.match(instructions ?? '', /not connected yet/)
  const [asked] = issuer.to('device')
  assert.equal(asked?.params.scope, 'mcp:read')
  assert.equal(asked?.params.resource, server.url)
  assert.deepEqual(issuer.to('register')[0]?.params.grant_types, [GRANT.device, 'refresh_token'])
  assert.equal(issuer.to('token').at(-1)?.status, 200)
  assertNoSecret(user.everythingWritten(), issuer)

  const before = issuer.requests.length
  const next = await start(user, server.url, DEVICE)
  issuer.expireAll()
  next.send(call(2))
  resultOf(await next.answer(2, PATIENCE_MS))
  await next.finish({ stderr: 'any' })
  const since = issuer.requests.slice(before).filter(({ endpoint }) => endpoint !== 'discovery')
  assert.deepEqual(
    since.map(({ params }) => params.grant_type),
    [GRANT.refresh],
  )
  assert.equal(user.browser.opened().length, 0)
})

test('a host that comes while the code is waited for reads it in the provisional instructions', async (t) => {
  const server = await serveHostile(t, device({}))
  let told = ''
  // Where the machine is too slow to come to the code within the first budget, there is more.
  for (const budget of ['2s', '10s', '30s']) {
    const host = person(t).bridge(server.url, ['--start-budget', budget, ...DEVICE])
    host.send(initializeLine('i'))
    told = String(resultOf(await host.answer('i', PATIENCE_MS)).instructions)
    await host.finish({ stderr: 'some' })
    if (/has not answered yet/.test(told)) continue
    assert.ok(host.stderr.includes(CODE), 'the code is on stderr')
    break
  }
  assert.match(told, new RegExp(`open ${server.issuer}/activate and enter the code ${CODE}`))
})

test('a modern host waits for the device too', async (t) => {
  const { issuer, server } = await serveProtected(t, { era: 'modern' })
  const host = person(t).bridge(server.url, [...FOR_EVER, ...DEVICE])
  host.send(modern('d', 'server/discover'))
  await issuer.approveDevice(await shownCode(host, issuer))
  resultOf(await host.answer('d', PATIENCE_MS))
  await host.finish({ stderr: 'some' })
  assert.equal(issuer.to('device').length, 1)
})

test('the end of the host ends the wait', async (t) => {
  const server = await serveHostile(t, device({}))
  const host = person(t).bridge(server.url, [...FOR_EVER, ...DEVICE])
  host.send(initializeLine('i'))
  await server.auth.request(({ path }) => path === PATHS.token)
  await host.finish({ stderr: 'some' })
})

test('a person who says no is not asked again until login', async (t) => {
  const { issuer, server } = await serveProtected(t)
  const user = person(t)
  const host = user.bridge(server.url, [...FOR_EVER, ...DEVICE])
  host.send(initializeLine('i'))
  await issuer.denyDevice(await shownCode(host, issuer))
  const line = await host.answer('i', PATIENCE_MS)
  assert.equal(line.value.error?.data?.kind, 'auth-required', line.raw)
  assert.match(line.value.error?.message ?? '', /access_denied.*mcp-ferry login /)
  await host.finish({ stderr: 'some' })
  const next = user.bridge(server.url, [...FOR_EVER, ...DEVICE])
  await refusedStart(next, 'auth-required')
  await next.finish({ stderr: 'some' })
  assert.equal(issuer.to('device').length, 1)
})

/** A scripted server whose token endpoint says this, one after the other, and in the end that one has to wait. */
function device({ says = [] as readonly string[], asked = (_x: Exchange) => {} }): HostileOptions {
  let count = 0
  return {
    metadata: (d: Document, p) => ({ ...d, device_authorization_endpoint: `${p.issuer}/device` }),
    on: {
      '/device': (x) =>
        x.reply(200, {
          device_code: 'the-device-code-of-the-test',
          user_code: CODE,
          verification_uri: `${new URL(`http://${x.header('host')}`).origin}/activate`,
          expires_in: 600,
          interval: 1,
        }),
      [PATHS.token](x) {
        asked(x)
        const error = says[count++] ?? 'authorization_pending'
        if (error === '503') return x.reply(503)
        if (error === 'gone') return void x.response.destroy()
        if (error !== '') return x.reply(400, { error })
        x.reply(200, { access_token: 'given-1', token_type: 'bearer', expires_in: 3600 })
      },
    },
  }
}

test('slow_down makes the questions slower by five seconds', async (t) => {
  const at: number[] = []
  const asked = () => void at.push(Date.now())
  const server = await serveHostile(t, device({ says: ['slow_down', 'access_denied'], asked }))
  const host = person(t).bridge(server.url, [...FOR_EVER, ...DEVICE])
  await refusedStart(host, 'auth-required')
  await host.finish({ stderr: 'some' })
  assert.ok(
    (at[1] ?? 0) - (at[0] ?? 0) >= 5900,
    `the second question came after ${(at[1] ?? 0) - (at[0] ?? 0)} ms`,
  )
})

for (const failure of ['503', 'gone'])
  test(`a server that fails once (${failure}) is asked again: the person has the code already`, async (t) => {
    const server = await serveHostile(t, device({ says: [failure, ''] }))
    const host = person(t).bridge(server.url, [...FOR_EVER, ...DEVICE])
    const line = await refusedStart(host, 'auth-failed')
    // The script knows no such token, so the sign-in has come to its end.
    assert.match(line.value.error?.message ?? '', /HTTP 401/)
    await host.finish({ stderr: 'some' })
    assert.equal(server.to('token').length, 2)
  })

test('a code that is over is said to be', async (t) => {
  const server = await serveHostile(t, device({ says: ['authorization_pending', 'expired_token'] }))
  const host = person(t).bridge(server.url, [...FOR_EVER, ...DEVICE])
  const line = await refusedStart(host, 'auth-required')
  assert.match(line.value.error?.message ?? '', /expired_token/)
  await host.finish({ stderr: 'some' })
})

test('a server without device codes is an error that says so', async (t) => {
  const server = await serveHostile(t)
  const host = person(t).bridge(server.url, [...FOR_EVER, ...DEVICE])
  const line = await refusedStart(host, 'auth-failed')
  assert.match(line.value.error?.message ?? '', /offers no sign-in by device code.*without --device-code/)
  await host.finish({ stderr: 'some' })
  assert.equal(server.to('register').length, 0)
})

for (const address of ['file:///etc/passwd', 'javascript:alert(1)', 'http://10.0.0.1/activate'])
  test(`an address that is ${address} is not shown`, async (t) => {
    const options = device({})
    const server = await serveHostile(t, {
      ...options,
      on: {
        '/device': (x) =>
          x.reply(200, {
            device_code: 'the-device-code-of-the-test',
            user_code: CODE,
            verification_uri: address,
            expires_in: 600,
          }),
      },
    })
    const user = person(t)
    const host = user.bridge(server.url, [...FOR_EVER, ...DEVICE])
    await refusedStart(host, 'auth-failed')
    await host.finish({ stderr: 'some' })
    assert.equal(server.to('token').length, 0)
    assert.ok(!user.everythingWritten().includes(`open ${address}`), 'the address was shown')
  })

test('a client that was registered for the browser is not taken for the device', async (t) => {
  const { issuer, server } = await serveProtected(t)
  const user = person(t)
  const first = await start(user, server.url)
  await first.finish({ stderr: 'any' })
  await issuer.revokeAll()
  const host = user.bridge(server.url, [...FOR_EVER, ...DEVICE])
  host.send(initializeLine('i'))
  const code = await shownCode(host, issuer)
  await issuer.approveDevice(code)
  resultOf(await host.answer('i', PATIENCE_MS))
  await host.finish({ stderr: 'some' })
  assert.equal(issuer.to('register').length, 2)
})
