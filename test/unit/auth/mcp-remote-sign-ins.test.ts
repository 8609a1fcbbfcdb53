// What mcp-remote leaves, written as it writes it, is found by the URL and flags that it was started with.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { findMcpRemoteSignIns } from '../../../src/auth/kept/mcp-remote-sign-ins.ts'

const URL_ = 'https://mcp.example.com/v1'
const WRITTEN_AT = 1_780_000_000_000

function setUp(t: TestContext) {
  const home = mkdtempSync(join(tmpdir(), 'home-'))
  t.after(() => rmSync(home, { recursive: true, force: true }))
  const leave = (
    parts: readonly string[],
    what: string,
    content: unknown,
    root = join(home, '.mcp-auth'),
  ) => {
    const folder = join(root, 'mcp-remote-v1')
    mkdirSync(folder, { recursive: true })
    const hash = createHash('md5').update(parts.join('|')).digest('hex')
    const file = join(folder, `${hash}_${what}.json`)
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2))
    utimesSync(file, WRITTEN_AT / 1000, WRITTEN_AT / 1000)
    return file
  }
  const find = (more: object = {}) => findMcpRemoteSignIns({ env: {}, home, url: new URL(URL_), ...more })
  return { home, leave, find }
}

const TOKENS = {
  access_token: 'a1',
  token_type: 'Bearer',
  refresh_token: 'r1',
  expires_in: 3600,
  scope: 'read',
}

test('tokens and client are found, as parts of an account', async (t) => {
  const { leave, find } = setUp(t)
  const issuer = 'https://as.example.com'
  const expires_at = WRITTEN_AT + 5000
  const file = leave([URL_], 'tokens', {
    ...TOKENS,
    id_token: 'i1',
    expires_at,
    issuer,
    requested_scope: 'x',
  })
  leave([URL_], 'client_info', {
    client_id: 'c1',
    client_secret: 's1',
    client_secret_expires_at: 0,
    token_endpoint_auth_method: 'client_secret_post',
    redirect_uris: ['not a URL', 'http://localhost:4000/oauth/callback'],
    issuer,
  })
  assert.deepEqual(await find(), [
    {
      file,
      issuer,
      tokens: {
        access: 'a1',
        type: 'bearer',
        id: 'i1',
        refresh: 'r1',
        scope: 'read',
        expiresAt: expires_at,
        obtainedAt: WRITTEN_AT,
      },
      client: {
        id: 'c1',
        secret: 's1',
        method: 'client_secret_post',
        redirectUris: ['http://localhost:4000/oauth/callback'],
        by: 'registration',
      },
    },
  ])
})

test('older versions say no issuer and no time; the lifetime counts from when the file was written', async (t) => {
  const { leave, find } = setUp(t)
  const file = leave([URL_], 'tokens', TOKENS)
  assert.deepEqual(await find(), [
    {
      file,
      tokens: {
        access: 'a1',
        type: 'bearer',
        refresh: 'r1',
        scope: 'read',
        expiresAt: WRITTEN_AT + 3_600_000,
        obtainedAt: WRITTEN_AT,
      },
    },
  ])
})

test('flags are part of the name, in its order; the URL counts as it was written', async (t) => {
  const { leave, find, home } = setUp(t)
  leave([URL_, 'https://r.example/', '{"a":"1","b":"2"}'], 'tokens', TOKENS)
  const authorizeParams = [
    ['b', '2'],
    ['a', '1'],
  ]
  assert.equal((await find()).length, 0)
  const [one] = await find({ resource: 'https://r.example/', authorizeParams })
  assert.equal(one?.tokens.resource, 'https://r.example/')
  const elsewhere = join(home, 'elsewhere')
  leave(['https://MCP.example.com'], 'tokens', TOKENS, elsewhere)
  const env = { MCP_REMOTE_CONFIG_DIR: elsewhere }
  const url = new URL('https://MCP.example.com')
  assert.equal((await find({ env, url })).length, 0)
  assert.equal((await find({ env, url, written: 'https://MCP.example.com' })).length, 1)
})

test('a client of another issuer is left out', async (t) => {
  const { leave, find } = setUp(t)
  leave([URL_], 'tokens', { ...TOKENS, issuer: 'https://one.example' })
  leave([URL_], 'client_info', { client_id: 'c1', issuer: 'https://two.example' })
  const [one] = await find()
  assert.equal(one?.issuer, 'https://one.example')
  assert.equal(one?.client, undefined)
})

test('what is damaged or not there is nothing', async (t) => {
  const { leave, find } = setUp(t)
  assert.deepEqual(await find(), [])
  for (const content of [
    '',
    '{',
    '[]',
    'null',
    {},
    { access_token: 1, token_type: 'Bearer' },
    { access_token: 'a', token_type: 'mac' },
  ]) {
    leave([URL_], 'tokens', content)
    assert.deepEqual(await find(), [], JSON.stringify(content))
  }
})
