// Why a certificate is refused, as people are told it, each with what helps; and what is no matter of certificates. Pure.
// protocol.md 0.8.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isClientRefused, namesOf, readShown, reasonOf } from '../../../src/remote/http/certificate.ts'
import { isTls } from '../../../src/remote/http/failure.ts'

const SHOWN = {
  issuer: 'I',
  top: 'Corp Root',
  names: 'a.example',
  subject: 's',
  validFrom: 'then',
  validTo: 'now',
}

function say(code: string, knowsSystem = true, shown = SHOWN): string {
  const reason = reasonOf({ code, host: 'h.example:8443', shown, knowsSystem })
  return reason === undefined ? '' : `${reason.what}; ${reason.remedy}`
}

test('each refusal of a certificate has its remedy', () => {
  assert.equal(
    say('CERT_HAS_EXPIRED'),
    'the certificate of h.example:8443 ended on now (CERT_HAS_EXPIRED); whoever runs h.example has to renew it, unless the clock of this machine is wrong',
  )
  assert.match(say('CERT_NOT_YET_VALID'), /begins on then .*; look at the clock/)
  assert.match(
    say('ERR_TLS_CERT_ALTNAME_INVALID'),
    /is for a\.example, not for that name .*; use one of these names/,
  )
  assert.match(say('DEPTH_ZERO_SELF_SIGNED_CERT'), /has signed its certificate itself, as "s" .*--ca <file>$/)
  for (const code of [
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ]) {
    assert.equal(
      say(code),
      `the certificate of h.example:8443 is issued by "Corp Root", which neither Node nor this system knows (${code}); if that is your company's, pass its file with --ca <file>`,
    )
    assert.match(
      say(code, false),
      /which Node does not know, and this Node cannot read .*, or use Node 22\.15 or later$/,
    )
  }
  assert.equal(say('CERT_REVOKED'), '')
})

test('a client certificate that is wanted is told to be passed', () => {
  for (const code of [
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
    'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
    'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED',
    'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
  ]) {
    assert.equal(isClientRefused(code), true, code)
    assert.match(say(code), /--cert and --key, or with --pfx$/)
  }
  for (const code of [
    'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    'ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC',
    'ECONNRESET',
  ])
    assert.equal(isClientRefused(code), false, code)
})

test('a certificate for hundreds of names is told in a line', () => {
  const names = Array.from({ length: 400 }, (_, index) => `h${index}.example`).join(', ')
  assert.match(namesOf({ names, subject: '' }), /^h0\.example, .*, h4\.example and 395 more$/)
})

test('what a certificate calls itself cannot break a line or pretend to be our words', () => {
  const name = { CN: `a"\nmcp-ferry: ${'x'.repeat(200)}` }
  const certificate = { subject: name, issuer: name, subjectaltname: 'DNS:a', fingerprint256: '1' }
  const shown = readShown(certificate as never)
  assert.match(shown?.top ?? '', /^a +mcp-ferry: x+$/)
  assert.ok((shown?.top.length ?? 0) <= 100, 'a long name is cut')
  assert.equal(readShown({} as never), undefined)
})

test('what has TLS in its name alone is no failure of TLS', () => {
  const error = (code: string, message: string) => Object.assign(new Error(message), { code })
  assert.equal(isTls(error('ENOTFOUND', 'getaddrinfo ENOTFOUND tls.example')), false)
  assert.equal(isTls(error('ECONNRESET', 'before secure TLS connection was established')), false)
  assert.equal(isTls(error('EPROTO', 'x')), true)
  assert.equal(isTls(error('CERT_HAS_EXPIRED', 'x')), true)
})
