// What commands print → headers, and what a sentence may show of what they say.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Made, readOutput } from '../../../src/auth/headers/command-output.ts'
import { nameProgram } from '../../../src/auth/headers/program-run.ts'
import { withoutTokens } from '../../../src/auth/headers/token-shapes.ts'
import { isBridgeError } from '../../../src/errors.ts'

const NOW = 1_800_000_000_000
const jwt = (exp: number): string =>
  `eyJhbGciOiJub25lIn0.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.sig`

function read(text: string, name: string | undefined = 'Authorization', isBearer = false): Made {
  return readOutput({ text, name, isBearer, program: 'the command x', now: NOW })
}

function oneValue(...given: Parameters<typeof read>): string {
  const { headers } = read(...given)
  assert.equal(headers.length, 1)
  return headers[0]!.value
}

for (const [text, name, isBearer, expected] of [
  ['abc.def\n', 'Authorization', true, 'Bearer abc.def'],
  ['Bearer abc\r\n', 'Authorization', true, 'Bearer abc'],
  ['Authorization: Bearer abc', 'Authorization', true, 'Bearer abc'],
  ['\uFEFF "abc" ', 'Authorization', true, 'Bearer abc'],
  ['abc', 'Authorization', false, 'Bearer abc'],
  ['Basic abc=', 'Authorization', false, 'Basic abc='],
  ['abc ${HOME}', 'X-Key', false, 'abc ${HOME}'],
  ['x-key: abc', 'X-Key', false, 'abc'],
  ['{"access_token":"abc","expires_in":60}', 'Authorization', true, 'Bearer abc'],
  ['{"accessToken":"abc","tokenType":"Bearer"}', 'Authorization', true, 'Bearer abc'],
  ['{"kind":"ExecCredential","status":{"token":"abc"}}', 'Authorization', true, 'Bearer abc'],
  ['{"token":"abc"}', 'X-Key', false, 'abc'],
] as const)
  test(`${JSON.stringify(text)} is ${expected}`, () => {
    assert.equal(oneValue(text, name, isBearer), expected)
  })

test('an object of headers is all headers', () => {
  const text = '{"Authorization": "Bearer abc", "X-Tenant": "7"}\n'
  assert.deepEqual(readOutput({ text, name: undefined, isBearer: false, program: 'x', now: NOW }).headers, [
    { name: 'Authorization', value: 'Bearer abc' },
    { name: 'X-Tenant', value: '7' },
  ])
})

test("the end is the JWT's, or the one that the JSON tells", () => {
  const at = (seconds: number): number => NOW + seconds * 1000
  assert.equal(read(jwt(NOW / 1000 + 60)).expiresAt, at(60))
  assert.equal(read('abc').expiresAt, undefined)
  assert.equal(read('{"token":"a","expires_in":90}').expiresAt, at(90))
  assert.equal(read(`{"token":"a","expires_on":${NOW / 1000 + 5}}`).expiresAt, at(5))
  const date = new Date(at(7)).toISOString()
  assert.equal(read(`{"status":{"token":"a","expirationTimestamp":"${date}"}}`).expiresAt, at(7))
  assert.equal(read(`{"token":"a","expiresOn":"${date}"}`).expiresAt, at(7))
  assert.equal(read(`{"token":"${jwt(NOW / 1000 + 3)}","expires_in":90}`).expiresAt, at(3))
})

for (const [text, name, says] of [
  ['', 'X-Key', /printed nothing/],
  [' \n', undefined, /printed nothing/],
  ['s3cret\ns3cret', 'X-Key', /more than one line/],
  ['s3cr\u0001et', 'X-Key', /U\+0001/],
  ['s3cr\u00e9t', 'X-Key', /U\+00E9/],
  ['Bearer', 'Authorization', /no value/],
  ['s3cret', undefined, /no JSON object of headers/],
  ['[{"X-A":"s3cret"}]', undefined, /no JSON object of headers/],
  ['{}', undefined, /no object of headers/],
  ['{"X-A":{"s3cret":1}}', undefined, /no object of headers/],
  ['{"X A":"s3cret"}', undefined, /name/],
  ['{"Mcp-Session-Id":"s3cret"}', undefined, /belong to the protocol/],
  ['{"access_token":"s3cret","expires_in":1}', undefined, /--bearer-command/],
  ['{"key":"s3cret"}', 'X-Key', /without a token that is understood/],
  ['{"token":5}', 'X-Key', /without a token that is understood/],
] as const)
  test(`${JSON.stringify(text)} for ${name ?? 'all headers'} is refused, without showing it`, () => {
    const work = (): unknown =>
      readOutput({ text, name, isBearer: false, program: 'the command x', now: NOW })
    assert.throws(work, (thrown) => {
      assert.ok(isBridgeError(thrown), 'a BridgeError was expected')
      assert.equal(thrown.kind, 'auth-failed')
      assert.match(thrown.message, says)
      assert.doesNotMatch(thrown.message, /s3cr/)
      return true
    })
  })

test('what looks like a token is taken out, and words, paths and numbers stay', () => {
  for (const token of [
    jwt(5),
    'ghp_abcdefghijkl',
    'ya29.a0AbCdEfGh-123',
    'sk-proj-abcdef123456',
    'Zm9vYmFyYmF6cXV4MTIzNDU2',
    'token=abcdef',
    '"refresh_token": "hunter2hunter"',
    'password: hunter2',
  ]) {
    const shown = withoutTokens(`before ${token} after`)
    assert.match(shown, /^before .*\[redacted\].* after$/, token)
    assert.doesNotMatch(shown, /hunter2|abcdef|eyJ|Zm9v|a0Ab/, token)
  }
  const text =
    'ERROR: (gcloud.auth) /home/u/.config/gcloud/application_default_credentials_2.json: run `gcloud auth login`; AADSTS700082 at 2026-11-27'
  assert.equal(withoutTokens(text), text)
})

test('a program is shown by its name alone, unless that is a secret in the wrong place', () => {
  assert.equal(nameProgram(['/opt/x/get-token.sh', 's3cret']), 'the command get-token.sh')
  assert.equal(nameProgram(['C:\\x\\token.exe']), 'the command token.exe')
  assert.equal(nameProgram(['ghp_abcdefghijkl123456']), 'the command')
})
