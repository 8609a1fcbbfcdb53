// Headers of a file beside a sign-in: who is asked what. The sign-in is a made-up one.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createChanging } from '../../../src/auth/headers/changing.ts'
import { BridgeError } from '../../../src/errors.ts'
import { createLog } from '../../../src/log.ts'
import { parseCommandLine } from '../../../src/options/program.ts'
import type { Authorizer, Challenge, Credential, Verdict } from '../../../src/remote/authorizer.ts'
import { createStop } from '../../../src/remote/stop.ts'

interface Bench {
  readonly authorizer: Authorizer
  readonly file: string
  readonly asked: Challenge[]
  readonly said: string[]
  /** What the sign-in has to say. */
  credential: ReturnType<Authorizer['credential']>
  verdict: Verdict
  credentials: number
}

function bench(t: TestContext, text: string, more: readonly string[] = [], env = {}): Bench {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-changing-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'headers')
  writeFileSync(file, text)
  const door = parseCommandLine({
    argv: ['https://h.example/mcp', '--header-file', file, ...more],
    env,
    platform: 'linux',
    version: '1.2.3',
    home: () => folder,
    readFile: (path) => readFileSync(path),
  })
  assert.equal(door.kind, 'bridge')
  const { options } = door as Extract<typeof door, { kind: 'bridge' }>
  const said: string[] = []
  const log = createLog({
    level: 'warn',
    json: false,
    secrets: options.secrets,
    write: (line) => said.push(line),
  })
  const at: Omit<Bench, 'authorizer'> = {
    file,
    said,
    asked: [],
    credential: undefined,
    verdict: { kind: 'as-is' },
    credentials: 0,
  }
  const next: Authorizer = {
    credential() {
      at.credentials++
      return at.credential
    },
    challenged(challenge) {
      at.asked.push(challenge)
      return Promise.resolve(at.verdict)
    },
    waitsFor: undefined,
    close: () => Promise.resolve(),
  }
  const changing = createChanging({ options, platform: 'linux', log })(next)
  assert.deepEqual(changing.options.headers, [])
  return Object.assign(at, { authorizer: changing.authorizer })
}

function challengeOf(credential: Credential | undefined, status = 401, times = 0): Challenge {
  const answer = {
    response: { status, header: () => undefined },
    contentType: undefined,
    body: new Uint8Array(),
  }
  const none = { nonce: undefined, what: 'tools/call', stop: createStop() }
  return { status, authenticate: ['Bearer'], answer, credential, times, ...none }
}

test('headers of a file go beside the token of a sign-in, which is asked about refusals', async (t) => {
  const at = bench(t, 'X-Tenant: 7\n')
  const token: Credential = { headers: ['Authorization', 'Bearer abc'] }
  at.credential = token
  at.verdict = { kind: 'again' }
  const sent = await at.authorizer.credential()
  assert.deepEqual(sent?.headers, ['X-Tenant', '7', 'Authorization', 'Bearer abc'])
  assert.equal(await at.authorizer.credential(), sent, 'the same as long as nothing changes')
  sent.isProven = true
  assert.equal(token.isProven, true)
  assert.deepEqual(await at.authorizer.challenged(challengeOf(sent)), { kind: 'again' })
  assert.equal(at.asked[0]?.credential, token)
  at.credential = { headers: ['Authorization', 'Bearer def'] }
  assert.notEqual(await at.authorizer.credential(), sent)
  assert.deepEqual(await at.authorizer.challenged(challengeOf(sent)), { kind: 'again' })
  assert.equal(at.asked.length, 1, 'there is another credential already')
})

test('a file that has changed is tried before anybody signs in', async (t) => {
  const at = bench(t, 'X-Tenant: 7\n')
  const sent = await at.authorizer.credential()
  writeFileSync(at.file, 'X-Tenant: 8\n')
  assert.deepEqual(await at.authorizer.challenged(challengeOf(sent)), { kind: 'again' })
  assert.deepEqual((await at.authorizer.credential())?.headers, ['X-Tenant', '8'])
  assert.equal(at.asked.length, 0)
})

test('a file that cannot even be looked at changes nothing', async (t) => {
  const at = bench(t, 'X-Tenant: 7\n')
  const sent = await at.authorizer.credential()
  rmSync(at.file)
  symlinkSync(at.file, at.file)
  assert.equal(await at.authorizer.credential(), sent)
  assert.match(at.said.join(''), /cannot be read \(ELOOP\).*the headers it held before are still used/)
  rmSync(at.file)
  writeFileSync(at.file, 'X-Tenant: 8\n')
  assert.deepEqual((await at.authorizer.credential())?.headers, ['X-Tenant', '8'])
})

test('a sign-in that fails before a request is sent fails the request', async (t) => {
  const at = bench(t, 'X-Tenant: 7\n')
  const failed = new BridgeError('auth-required', 'somebody has to sign in')
  at.credential = Promise.reject(failed)
  await assert.rejects(async () => at.authorizer.credential(), failed)
})

test('with an Authorization header nobody is signed in, and a refusal is told', async (t) => {
  const at = bench(t, 'authorization: Bearer abc\n')
  const sent = await at.authorizer.credential()
  const verdict = await at.authorizer.challenged(challengeOf(sent))
  assert.ok(verdict.kind === 'failed', verdict.kind)
  assert.match(verdict.error.message, /authorization \(Bearer, 3 characters\).*the same value came/)
  assert.deepEqual(await at.authorizer.challenged(challengeOf(sent, 403)), { kind: 'as-is' })
  assert.equal(at.asked.length + at.credentials, 0)
})

test('a variable that holds keychain: is told', (t) => {
  const { said } = bench(t, 'X-Tenant: 7\n', ['--header-env', 'X-Key=V'], { V: 'keychain:a/b' })
  assert.match(said.join('\n'), /^mcp-ferry: the header X-Key comes from a variable .*$/)
})
