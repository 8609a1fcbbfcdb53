// doctor and proxies: which one leads to this URL and who says so, whether it lets us through, and what stands behind it; the
// password is nowhere. users.md 1 row 11, 2.
import assert from 'node:assert/strict'
import { openSslMissing } from './certificate.ts'
import { doctor, examine, failedFirst } from './doctoring.ts'
import { freePort, serve, test } from './harness.ts'
import { identity, REMOTE, serveProxy } from './proxying.ts'
import { person } from './signing-in.ts'

const USER = 'al:s3cret-of-proxy@'
const withUser = (url: string) => url.replace('//', `//${USER}`)

test(
  'https by a proxy: it is named with who has set it, lets us through, and TLS is looked at behind it',
  async (t) => {
    const own = identity(t)
    const server = await serve(t, { tls: own })
    const proxy = await serveProxy(t)
    const env = { NODE_EXTRA_CA_CERTS: own.caFile, HTTPS_PROXY: withUser(proxy.url) }
    const { stdout, code } = await doctor([`https://${REMOTE}:${server.port}/mcp`], {
      ...person(t).env,
      ...env,
    })
    assert.equal(code, 0, stdout)
    const target = `${REMOTE}:${server.port}`
    assert.match(
      stdout,
      new RegExp(
        `^✔ proxy +by the proxy 127\\.0\\.0\\.1:${proxy.port} \\(HTTPS_PROXY\\), which lets us through to ${target}`,
        'm',
      ),
    )
    assert.match(stdout, /^- name +the proxy looks the name up/m)
    assert.match(stdout, /^- connection +the proxy connects/m)
    assert.match(stdout, /^✔ tls +TLSv1\.3, certificate of remote by Test Root CA/m)
    assert.match(stdout, /^✔ http +HTTP 200/m)
    assert.match(stdout, /^✔ handshake /m)
    assert.ok(!stdout.includes('s3cret'), stdout)
    assert.equal(
      proxy.connects[0]?.message.headers['proxy-authorization'],
      `Basic ${btoa('al:s3cret-of-proxy')}`,
    )
  },
  openSslMissing(),
)

test('http by a proxy; the facts hold no password', async (t) => {
  const server = await serve(t)
  const proxy = await serveProxy(t)
  const args = [`http://${REMOTE}:${server.port}/mcp`, '--allow-http']
  const { steps, code, text, step } = await examine(t, args, { http_proxy: withUser(proxy.url) })
  assert.equal(code, 0, text)
  assert.equal(step('proxy').sees, `by the proxy 127.0.0.1:${proxy.port} (http_proxy), which is there`)
  assert.deepEqual(step('proxy').facts, {
    set: ['http_proxy'],
    proxy: 'http_proxy',
    address: `http://127.0.0.1:${proxy.port}`,
    hasCredential: true,
  })
  assert.doesNotMatch(JSON.stringify(steps), /s3cret/)
})

test('a proxy that is not there, and one that refuses: said at its own step, with the exit code of connections', async (t) => {
  const port = await freePort()
  const url = `https://${REMOTE}/mcp`
  const gone = await examine(t, [url, '--proxy', `http://${USER}127.0.0.1:${port}`])
  assert.equal(gone.code, 3)
  assert.doesNotMatch(gone.text + JSON.stringify(gone.json), /s3cret/)
  const step = failedFirst(gone.steps, 'proxy')
  assert.equal(step.sees, `the proxy 127.0.0.1:${port} (--proxy) refused the connection (ECONNREFUSED)`)
  assert.equal(step.advice, 'is it running? check --proxy')
  assert.deepEqual(
    [gone.step('http').state, gone.step('http').sees],
    ['skipped', 'because the proxy does not let us through'],
  )
  const proxy = await serveProxy(t, {
    onConnect: (asked) => asked.refuse(407, 'Proxy-Authenticate: Basic realm="x"'),
  })
  const refused = await examine(t, [url, '--proxy', proxy.url])
  assert.equal(refused.code, 3)
  const { sees, advice, facts } = failedFirst(refused.steps, 'proxy')
  assert.equal(sees, `the proxy 127.0.0.1:${proxy.port} (--proxy) wants a user and a password (HTTP 407)`)
  assert.match(advice ?? '', /^write them into --proxy in front of its host: /)
  assert.equal(facts?.status, 407)
})

test('a proxy that is not used: why, and what that may mean where there is no other way', async (t) => {
  const user = person(t)
  const set = { ...user.env, HTTPS_PROXY: `http://${USER}proxy.example:3128` }
  const excepted = await doctor(['https://x.invalid/mcp'], { ...set, NO_PROXY: 'a.example, .invalid' })
  assert.match(
    excepted.stdout,
    /^✔ proxy +HTTPS_PROXY names one, which NO_PROXY excepts x\.invalid from, by \.invalid/m,
  )
  assert.match(
    excepted.stdout,
    /^→ if programs get out of here by the proxy of HTTPS_PROXY alone, remove \.invalid from NO_PROXY/m,
  )
  const off = await doctor(['https://x.invalid/mcp', '--no-proxy'], set)
  assert.match(off.stdout, /^✔ proxy +HTTPS_PROXY names one, which --no-proxy turns off/m)
  assert.match(
    off.stdout,
    /^→ if programs get out of here by the proxy of HTTPS_PROXY alone, remove --no-proxy/m,
  )
  for (const { stdout } of [excepted, off]) assert.ok(!stdout.includes('s3cret'), stdout)
  const server = await serve(t)
  const local = await doctor([server.url], { ...user.env, HTTP_PROXY: set.HTTPS_PROXY })
  assert.match(local.stdout, /^✔ proxy +HTTP_PROXY names one, which is not for this machine itself/m)
  assert.equal(local.code, 0, local.stdout)
})
