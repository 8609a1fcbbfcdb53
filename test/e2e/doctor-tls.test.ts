// doctor and TLS: what the server shows of itself is told also where the bridge refuses it, with the remedy that fits.
// protocol.md 0.8, users.md 1 row 7.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { certificate, openSslMissing } from './certificate.ts'
import { doctor, examine, failedFirst } from './doctoring.ts'
import { serve, serveTcp, test } from './harness.ts'
import { type Issued, type Issuing, privateCa } from './private-ca.ts'
import { person } from './signing-in.ts'

const skip = openSslMissing()

function signed(t: TestContext, issuing?: Issuing): Issued {
  return privateCa(t, 'Example Root CA').issue('the server', {
    names: 'IP:127.0.0.1,DNS:localhost',
    ...issuing,
  })
}

test(
  'a server that has signed for itself: who, and how to trust it; nothing is sent',
  async (t) => {
    const tls = certificate(t)
    const server = await serve(t, { tls })
    const { code, steps, step } = await examine(t, [server.url])
    assert.equal(code, 4)
    const { sees, advice, facts, details } = failedFirst(steps, 'tls')
    assert.doesNotMatch(details?.join('\n') ?? '', /this system trusts/)
    assert.match(
      sees,
      /127\.0\.0\.1:\d+ has signed its certificate itself, as "localhost" \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/,
    )
    assert.match(advice ?? '', /if that is meant, .*--ca <file>$/)
    assert.deepEqual([facts?.issuer, facts?.code], ['localhost', 'DEPTH_ZERO_SELF_SIGNED_CERT'])
    assert.equal(step('http').sees, 'because there is no TLS')
    assert.equal(server.requests.length, 0)
    const trusting = await examine(t, [server.url], { NODE_EXTRA_CA_CERTS: tls.certFile })
    assert.equal(trusting.code, 0, trusting.text)
    assert.match(
      trusting.step('tls').sees,
      /^TLSv1\.\d, certificate of localhost by localhost, \d days left$/,
    )
    assert.equal(trusting.step('tls').state, 'warn', 'it ends in two days')
  },
  skip,
)

test(
  'a certificate by somebody whom Node does not know, who is named',
  async (t) => {
    const tls = signed(t)
    const server = await serve(t, { tls })
    const { code, steps } = await examine(t, [server.url])
    assert.equal(code, 4)
    const { sees, advice, facts, details } = failedFirst(steps, 'tls')
    assert.match(sees, /is issued by "Example Root CA", which neither Node nor this system knows/)
    assert.match(advice ?? '', /^if that is your company's, pass its file with --ca <file>$/)
    assert.deepEqual([facts?.issuer, facts?.subject], ['Example Root CA', 'the server'])
    assert.match(details?.join('\n') ?? '', /the certificate is for 127\.0\.0\.1, localhost/)
    const trusting = await examine(t, [server.url], { NODE_EXTRA_CA_CERTS: tls.caFile })
    assert.equal(trusting.code, 0, trusting.text)
    const byFlag = await examine(t, [server.url, '--ca', tls.caFile])
    assert.equal(byFlag.code, 0, byFlag.text)
    assert.equal(byFlag.step('tls').state, 'ok')
    assert.equal(trusting.step('tls').state, 'ok')
    const other = await examine(t, [server.url], { NODE_EXTRA_CA_CERTS: certificate(t).certFile })
    assert.equal(other.code, 4)
    assert.match(
      other.step('tls').details?.join('\n') ?? '',
      /NODE_EXTRA_CA_CERTS is set, but that one is not among/,
    )
  },
  skip,
)

test(
  'a certificate that has ended',
  async (t) => {
    const tls = signed(t, { days: -3 })
    const server = await serve(t, { tls })
    const { code, steps } = await examine(t, [server.url], { NODE_EXTRA_CA_CERTS: tls.caFile })
    assert.equal(code, 4)
    const { sees, advice, facts } = failedFirst(steps, 'tls')
    assert.match(sees, /CERT_HAS_EXPIRED/)
    assert.match(sees, /ended on /)
    assert.match(advice ?? '', /^whoever runs 127\.0\.0\.1 has to renew it/)
    assert.ok(Number(facts?.daysLeft) < 0, `days left: ${facts?.daysLeft}`)
  },
  skip,
)

test(
  'a certificate for another name',
  async (t) => {
    const tls = signed(t, { names: 'DNS:other.example' })
    const server = await serve(t, { tls })
    const { code, steps } = await examine(t, [server.url], { NODE_EXTRA_CA_CERTS: tls.caFile })
    assert.equal(code, 4)
    const { sees, advice } = failedFirst(steps, 'tls')
    assert.match(sees, /the certificate of 127\.0\.0\.1:\d+ is for other\.example, not for that name/)
    assert.match(advice ?? '', /^use one of these names/)
  },
  skip,
)

test('https to a port that speaks plain HTTP', async (t) => {
  const server = await serve(t)
  const { code, steps } = await examine(t, [server.url.replace('http:', 'https:')])
  assert.equal(code, 4)
  assert.match(failedFirst(steps, 'tls').advice ?? '', /does that port speak https\? If not, write http:\/\//)
})

test('what is not checked, and what cannot be read, is warned of', async (t) => {
  const server = await serve(t)
  const user = person(t)
  const file = join(user.env.HOME ?? '', 'no-certificate.pem')
  writeFileSync(file, 'nothing')
  const { code, step } = await examine(t, [server.url], { NODE_EXTRA_CA_CERTS: file }, user)
  assert.equal(code, 0)
  assert.match(
    step('variables').details?.join('\n') ?? '',
    /NODE_EXTRA_CA_CERTS has no certificate in PEM form/,
  )
})

test(
  'a certificate that is not checked is told to be not checked',
  async (t) => {
    const server = await serve(t, { tls: certificate(t) })
    const env = { ...person(t).env, NODE_TLS_REJECT_UNAUTHORIZED: '0' }
    const { code, stdout } = await doctor([server.url], env)
    assert.equal(code, 0, stdout)
    assert.match(stdout, /^! tls .*, not checked/m)
  },
  skip,
)

test('a server that accepts and never shakes hands is given up after --connect-timeout', async (t) => {
  const server = await serveTcp(t, () => {})
  const { code, steps } = await examine(t, [
    `https://127.0.0.1:${server.port}/mcp`,
    '--connect-timeout',
    '3s',
  ])
  assert.equal(code, 4)
  assert.match(failedFirst(steps, 'tls').sees, /connecting to .* timed out/)
})

test(
  'a server that speaks https, asked by http',
  async (t) => {
    const server = await serve(t, { tls: certificate(t) })
    const { code, steps } = await examine(t, [server.url.replace('https:', 'http:')])
    assert.equal(code, 5)
    assert.equal(
      failedFirst(steps, 'http').advice,
      'does that port speak https? If so, write https:// in the URL',
    )
  },
  skip,
)

test('a server that hangs up in the middle of the handshake', async (t) => {
  const server = await serveTcp(t, () => {}, {
    onConnection: (socket) => socket.once('data', () => socket.end()),
  })
  const { code, steps } = await examine(t, [`https://127.0.0.1:${server.port}/mcp`])
  assert.equal(code, 4)
  assert.match(failedFirst(steps, 'tls').sees, /the connection to .* failed \(ECONNRESET/)
})
