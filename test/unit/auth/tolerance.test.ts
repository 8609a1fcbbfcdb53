// Authorization servers are met as they are: what they leave out, and how a client's secret is written for them.
// protocol.md G.1 rows 16, 17, 23 and 34.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { basicProof } from '../../../src/auth/client.ts'
import { tolerantOfRegistration, tolerantOfTokens } from '../../../src/auth/tolerance.ts'
import type { WebFetch } from '../../../src/auth/web.ts'

const answering =
  (status: number, body: unknown): WebFetch =>
  () =>
    Promise.resolve(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status }))

async function mended(fetch: WebFetch) {
  const response = await fetch('https://as.example/', { method: 'POST', headers: {} } as never)
  const text = await response.text()
  return { status: response.status, type: response.headers.get('content-type'), text }
}

const JSON_TYPE = 'application/json'

const REGISTRATIONS = [
  ['a secret whose end is not said', 201, { client_id: 'c', client_secret: 's' }, 201, 0],
  [
    'an end that is null',
    201,
    { client_id: 'c', client_secret: 's', client_secret_expires_at: null },
    201,
    0,
  ],
  ['an end that is said', 201, { client_id: 'c', client_secret: 's', client_secret_expires_at: 9 }, 201, 9],
  ['the secret null', 201, { client_id: 'c', client_secret: null }, 201, undefined],
  ['200 for a client', 200, { client_id: 'c' }, 201, undefined],
  ['200 for no client', 200, { message: 'no' }, 200, undefined],
] as const

for (const [name, status, body, expected, ends] of REGISTRATIONS)
  test(`a registration with ${name} is understood`, async () => {
    const { status: now, type, text } = await mended(tolerantOfRegistration(answering(status, body)))
    assert.equal(now, expected)
    assert.equal(type, JSON_TYPE)
    const { client_secret: secret, client_secret_expires_at: at } = JSON.parse(text)
    assert.equal(at, ends)
    assert.notEqual(secret, null)
  })

test('an answer that is no object is left as it is', async () => {
  for (const text of ['', '<p>no</p>', '[1]', 'null']) {
    const { status, text: now } = await mended(tolerantOfRegistration(answering(502, text)))
    assert.deepEqual([status, now], [502, text])
  }
})

test('an error with 200 from the token endpoint is an error; an ID token is kept where it is wanted', async () => {
  const refusal = await mended(tolerantOfTokens(answering(200, { error: 'bad_verification_code' }), false))
  assert.equal(refusal.status, 400)
  const tokens = answering(200, { access_token: 'a', id_token: 'i' })
  assert.deepEqual(JSON.parse((await mended(tolerantOfTokens(tokens, false))).text), { access_token: 'a' })
  assert.equal(JSON.parse((await mended(tolerantOfTokens(tokens, true))).text).id_token, 'i')
})

for (const [id, secret, pair] of [
  ['my-client_1.a*', 'se-cr.et', 'my-client_1.a*:se-cr.et'],
  ['a:b c', 'ü+/=~%', 'a%3Ab+c:%C3%BC%2B%2F%3D%7E%25'],
] as const)
  test(`Basic is encoded as a form is: ${pair}`, async () => {
    const headers = new Headers()
    await basicProof(secret)(
      { issuer: 'https://as.example' },
      { client_id: id },
      new URLSearchParams(),
      headers,
    )
    const [, encoded = ''] = /^Basic (.*)$/.exec(headers.get('authorization') ?? '') ?? []
    assert.equal(Buffer.from(encoded, 'base64').toString(), pair)
  })
