// Credentials as they come and as they are kept: what commands print, what a person pastes, and the files of sign-ins, which anybody
// may have edited. protocol.md G.1 rows 20 and 33, F.5.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readOutput } from '../../../../src/auth/headers/command-output.ts'
import { withoutTokens } from '../../../../src/auth/headers/token-shapes.ts'
import { asAccount } from '../../../../src/auth/kept/account-shape.ts'
import { readKept } from '../../../../src/auth/kept/file-store.ts'
import { findMcpRemoteSignIns } from '../../../../src/auth/kept/mcp-remote-sign-ins.ts'
import { readPasted } from '../../../../src/auth/person/pasted.ts'
import { isBridgeError } from '../../../../src/errors.ts'
import { recallHandshake } from '../../../../src/remote/handshakes.ts'
import { bytesOf, type Target } from '../target.ts'
import { object, odd, writeJson } from '../texts.ts'
import { quietly, refusalOf, refusalOfAsync, SECRET } from './sentences.ts'

const ISSUER = 'https://auth.example/t'

export const OUTPUTS: Target = {
  name: 'command-outputs',
  few: 350,
  seeds: [
    SECRET,
    `Bearer ${SECRET}\n`,
    `{"Authorization":"Bearer ${SECRET}"}`,
    `{"access_token":"${SECRET}","expires_in":3600}`,
    `{"status":{"token":"${SECRET}","expirationTimestamp":"2030-01-01T00:00:00Z"}}`,
  ],
  tokens: [
    '{',
    '}',
    '"',
    ':',
    ',',
    '"token":',
    '"status":',
    '"expires_in":',
    '"expiry":',
    '1e400',
    '-1',
    '"X-A":"1"',
    'Bearer ',
    'Authorization: ',
    '\n',
    '\r\n',
    SECRET,
    'null',
    '\u00e9',
  ],
  make: (chance) =>
    writeJson(
      object({
        [chance.pick(['access_token', 'token', 'X-A', 'Host'])]: chance.percent(80) ? SECRET : odd(chance),
        expires_in: chance.percent(40) ? odd(chance) : undefined,
        expiry: chance.percent(30) ? '2030-01-01' : undefined,
      }),
      chance,
    ),
  check(text) {
    for (const name of ['Authorization', 'X-Api-Key', undefined]) {
      const printed = { text, name, isBearer: name === 'Authorization', program: 'the command', now: 1e12 }
      const made = refusalOf('auth-failed', () => readOutput(printed))
      if (isBridgeError(made)) continue
      assert.ok(made.expiresAt === undefined || !Number.isNaN(made.expiresAt), 'an end that is no time')
      for (const { name, value } of made.headers) {
        assert.match(name, /^[\w!#$%&'*+\-.^`|~]+$/, 'no name of a header')
        assert.match(value, /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/, 'no value of a header')
      }
    }
  },
  parse: (text) =>
    quietly(() => readOutput({ text, name: 'Authorization', isBearer: true, program: '', now: 0 })),
}

export const PASTED: Target = {
  name: 'pasted',
  few: 300,
  seeds: [
    'http://127.0.0.1:3334/oauth/callback?code=abc&state=xyz',
    '<http://localhost/cb?error=access_denied&state=s>',
    'code=a&state=b&iss=https%3A%2F%2Fh.example',
  ],
  tokens: [
    'code=',
    'state=',
    '&',
    '&amp;',
    '?',
    '#',
    '%',
    '%zz',
    '"',
    '>',
    '\x1b[200~',
    '\n',
    '\\',
    'http://',
    'client_id=',
  ],
  make: (chance) =>
    `${chance.pick(['http://127.0.0.1:1/cb?', 'https://h/?', ''])}${chance.pick(['code=a', 'error=b', 'code=a&code=b'])}&state=${chance.number(99)}${chance.pick(['', '"', '>', '#f'])}`,
  check(text) {
    const read = readPasted(text)
    if (read.kind === 'unusable') return assert.match(read.why, /^[\x20-\x7e]+$/, 'a sentence of our own')
    assert.equal(read.params.getAll('state').length, 1, 'one state')
    assert.ok(read.params.has('code') || read.params.has('error'), 'a code or an error')
  },
  parse: readPasted,
}

const ACCOUNT = {
  url: 'https://h.example/mcp',
  profile: 'default',
  grants: {
    [ISSUER]: {
      issuer: ISSUER,
      server: { issuer: ISSUER },
      client: { id: 'c', by: 'registration', redirectUris: ['http://127.0.0.1/cb'] },
      tokens: { access: SECRET, type: 'bearer', obtainedAt: 1, expiresAt: 2, refresh: 'r' },
    },
  },
  current: ISSUER,
  asked: { at: 1, how: 'opened' },
  denied: [{ scope: 'a', until: 2 }],
}

export const ACCOUNTS: Target = {
  name: 'accounts',
  few: 300,
  seeds: [JSON.stringify(ACCOUNT)],
  tokens: [
    'null',
    '[]',
    '{}',
    '1',
    '"x"',
    'true',
    '"tokens":',
    '"access":',
    '"a\\u0000"',
    '"type":"dpop"',
    '"grants":',
    ',',
    ':',
    '1e999',
    '{"__proto__":',
  ],
  make: () => JSON.stringify(ACCOUNT),
  check(text) {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return
    }
    const account = quietly(() => asAccount(value))
    if (account instanceof Error) return assert.equal(account.name, 'TypeError', String(account))
    // As it is written: -0 is written as 0.
    const written = JSON.stringify(account)
    assert.equal(
      JSON.stringify(asAccount(JSON.parse(written))),
      written,
      'written and read again it is another',
    )
  },
}

let folder: string | undefined

/** A folder of our own for this run. */
function folderOf(): string {
  if (folder !== undefined) return folder
  const made = mkdtempSync(join(tmpdir(), 'fuzz-'))
  process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  folder = made
  return made
}

const URL_OF_ALL = new URL('https://h.example/mcp')
const KEPT = { version: 1, url: ACCOUNT.url, profile: ACCOUNT.profile, account: ACCOUNT }

export const KEPT_FILES: Target = {
  name: 'kept-files',
  few: 80,
  seeds: [
    JSON.stringify(KEPT),
    JSON.stringify({ ...KEPT, account: undefined, note: 'n' }),
    JSON.stringify({ ...KEPT, version: 2 }),
  ],
  tokens: ['null', '[]', '{', '}', '1', '"x"', '"\\u001b[2J"', '"version":', '"note":', ',', ':', '\0'],
  make: () => JSON.stringify(KEPT),
  async check(text) {
    const file = join(folderOf(), 'account.json')
    writeFileSync(file, bytesOf(text), { mode: 0o600 })
    for (const whose of [undefined, { url: ACCOUNT.url, profile: ACCOUNT.profile }]) {
      const kept = await refusalOfAsync('auth-failed', () => readKept(file, whose))
      if (isBridgeError(kept) || kept?.kind !== 'account') continue
      assert.equal(kept.account.url, JSON.parse(text).url, 'the account of another')
    }
  },
}

const HANDSHAKE = {
  learnedAt: 1e12,
  result: '{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"x","version":"1"}}',
}

export const HANDSHAKES: Target = {
  name: 'handshakes',
  few: 80,
  seeds: [JSON.stringify(HANDSHAKE)],
  tokens: [
    'null',
    '[]',
    '{',
    '}',
    '"',
    '\\"',
    '"result":',
    '"learnedAt":',
    '1e400',
    ',',
    ':',
    '1000000000000',
  ],
  make: () => JSON.stringify(HANDSHAKE),
  async check(text) {
    const store = {
      folder: folderOf(),
      onFailure: (why: string) => assert.match(why, /^[\x20-\x7e]+$/, 'a sentence'),
    }
    writeFileSync(join(store.folder, 'key.json'), bytesOf(text))
    const handshake = await recallHandshake(store, 'key', 1e12)
    if (handshake === undefined) return
    const result: unknown = JSON.parse(handshake.result)
    assert.ok(typeof result === 'object' && result !== null && !Array.isArray(result), 'no result')
  },
}

const LEFT = { access_token: SECRET, token_type: 'Bearer', expires_in: 3600, refresh_token: 'r', scope: 'a' }

export const LEFT_SIGN_INS: Target = {
  name: 'mcp-remote-files',
  few: 60,
  seeds: [
    JSON.stringify(LEFT),
    JSON.stringify({
      client_id: 'c',
      client_secret: 's',
      redirect_uris: ['http://127.0.0.1/'],
      client_secret_expires_at: 0,
    }),
  ],
  tokens: ['null', '[]', '{', '}', '1', '"x"', '"1e999"', '"expires_in":', '"issuer":', ',', ':', '\0'],
  make: () => JSON.stringify(LEFT),
  async check(text) {
    const home = folderOf()
    const root = join(home, '.mcp-auth', 'mcp-remote-0.1.0')
    mkdirSync(root, { recursive: true })
    const stem = join(root, createHash('md5').update(URL_OF_ALL.href).digest('hex'))
    writeFileSync(`${stem}_tokens.json`, bytesOf(text))
    writeFileSync(`${stem}_client_info.json`, bytesOf(text))
    for (const { tokens } of await findMcpRemoteSignIns({ env: {}, home, url: URL_OF_ALL })) {
      assert.ok(tokens.expiresAt === undefined || Number.isFinite(tokens.expiresAt), 'an end that is no time')
      assert.ok(tokens.access !== '', 'an empty token')
      const grants = { [ISSUER]: { issuer: ISSUER, server: {}, tokens } }
      asAccount({ url: '', profile: '', grants })
    }
  },
}

export const TOKEN_SHAPES: Target = {
  name: 'token-shapes',
  few: 200,
  seeds: [`password = "${SECRET}"`, 'Authorization: Bearer abcdef', 'nothing of the kind'],
  tokens: ['token', ':', '=', ' ', '\n', '"', 'eyJ', 'ghp_', 'bearer ', '/', 'a1'],
  make: (chance) => `${chance.pick(['token', 'secret', 'x'])}${chance.pick([': ', '=', ' '])}${SECRET}`,
  check(text) {
    const left = withoutTokens(`${text}\ntoken: ${SECRET}`)
    assert.ok(!left.endsWith(SECRET), 'a token is left')
  },
  parse: withoutTokens,
}
