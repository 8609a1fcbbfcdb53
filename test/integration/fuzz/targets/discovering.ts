// What remotes and authorization servers say of signing in, none of which is trusted. protocol.md G.1, G.8.
import assert from 'node:assert/strict'
import { parseChallenges, wantedBy } from '../../../../src/auth/challenge.ts'
import { discoverResource, discoverServer } from '../../../../src/auth/discovery.ts'
import { explain } from '../../../../src/auth/explain.ts'
import { browserUrl, checkUrl, isPrivateAddress, type UrlRules } from '../../../../src/auth/safe-url.ts'
import type { Web } from '../../../../src/auth/web.ts'
import { isBridgeError } from '../../../../src/errors.ts'
import { createLog } from '../../../../src/log.ts'
import type { Chance } from '../chance.ts'
import { bytesOf, type Target } from '../target.ts'
import { object, odd, type Value, writeJson } from '../texts.ts'
import { checkRefusal, quietly, refusalOf, refusalOfAsync, SECRET } from './sentences.ts'

export const CHALLENGES: Target = {
  name: 'challenges',
  few: 500,
  seeds: [
    'Bearer resource_metadata="https://h.example/.well-known/oauth-protected-resource", scope="a b", error="invalid_token"',
    'Negotiate YIIB6gYGKwYBBQUCoIIB3jCCAdqgAwIBAgEBoYIB==, Basic realm="a, b", charset="UTF-8"',
    'DPoP algs="ES256", error="use_dpop_nonce", Bearer realm=x',
    'Bearer realm="a \\"quoted\\" \\\\ one",scope=x,,,error_description="no, not now"',
  ],
  tokens: [
    'Bearer',
    'DPoP',
    'Basic',
    'Negotiate',
    ' ',
    ',',
    ', ',
    '=',
    '==',
    '"',
    '\\"',
    'realm="x"',
    'scope=a',
    'error="invalid_token"',
    'resource_metadata="https://h.example/m"',
    'abc123+/',
    '\t',
    'a=',
  ],
  make: (chance) =>
    Array.from(
      { length: 1 + chance.number(3) },
      () =>
        `${chance.pick(['Bearer', 'bearer', 'DPoP', 'Basic'])} ${['scope="a b"', 'error=invalid_token', 'realm="x, \\"y\\""', 'resource_metadata="https://h.example/m"'].filter(() => chance.percent(50)).join(', ')}`,
    ).join(', '),
  check(text) {
    const found = parseChallenges(text)
    for (const { scheme, params } of found) {
      assert.match(scheme, /^[a-z][^A-Z\s,"]*$/, 'no scheme')
      for (const name of params.keys()) assert.match(name, /^[^A-Z\s",=]+$/, 'no name of a parameter')
    }
    const written = found.map(
      ({ scheme, params }) =>
        `${scheme} ${[...params].map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`).join(', ')}`,
    )
    assert.deepEqual(parseChallenges(written.join(', ')), found, 'written and read again they are others')
    const wanted = wantedBy([text])
    if (wanted !== undefined)
      assert.ok(['bearer', 'dpop'].includes(wanted.scheme), `the scheme ${wanted.scheme}`)
  },
  parse: (text) => wantedBy([text]),
}

const SERVER = new URL('https://h.example/mcp')
const RULES: UrlRules = { allowsLoopbackHttp: false, allowsPrivate: false }
const ISSUER = 'https://auth.example/t'

/** A web that has this document wherever it is looked for. */
function webOf(text: string): Web {
  const answer = { status: 200, body: bytesOf(text), headers: () => ['application/json'] }
  return { get: async () => answer } as unknown as Web
}

const ISSUED = {
  issuer: ISSUER,
  authorization_endpoint: `${ISSUER}/authorize`,
  token_endpoint: `${ISSUER}/token`,
  registration_endpoint: `${ISSUER}/register`,
  scopes_supported: ['a', 'b'],
  code_challenge_methods_supported: ['S256'],
  grant_types_supported: null,
}
const RESOURCE = {
  resource: 'https://h.example/mcp',
  authorization_servers: [ISSUER, 'http://10.0.0.1/'],
  scopes_supported: ['a'],
}

function makeDocument(chance: Chance): string {
  const whole: Record<string, unknown> = chance.percent(50) ? ISSUED : RESOURCE
  const members = Object.entries(whole).filter(() => chance.percent(90))
  const values = members.map(([name, value]) => {
    const json =
      Array.isArray(value) || typeof value !== 'string' ? ({ raw: JSON.stringify(value) } as Value) : value
    return [
      name,
      chance.percent(10)
        ? chance.pick<Value>([odd(chance), ['https://x.example', 1], 'javascript:alert(1)', 'http://[::1]/'])
        : json,
    ] as const
  })
  return writeJson(object(Object.fromEntries(values)), chance)
}

export const METADATA: Target = {
  name: 'metadata',
  few: 250,
  seeds: [JSON.stringify(ISSUED), JSON.stringify(RESOURCE)],
  tokens: [
    '"issuer":',
    '"resource":',
    '"https://h.example/mcp"',
    '"https://h.example"',
    `"${ISSUER}"`,
    '"http://127.0.0.1/"',
    '"javascript:1"',
    '"https://u:p@h/"',
    '[',
    ']',
    '{',
    '}',
    ',',
    'null',
    '1',
    '"authorization_servers":["',
  ],
  make: makeDocument,
  async check(text) {
    const web = webOf(text)
    const resource = await refusalOfAsync('auth-failed', () =>
      discoverResource({ server: SERVER, web, rules: RULES }),
    )
    if (!isBridgeError(resource) && resource.kind === 'found')
      for (const issuer of resource.issuers)
        assert.equal(checkUrl(issuer, '', RULES).protocol, 'https:', 'an issuer')
    const server = await refusalOfAsync('auth-failed', () =>
      discoverServer({ issuer: ISSUER, web, rules: RULES }),
    )
    if (isBridgeError(server) || server === undefined) return
    assert.equal(server.issuer, ISSUER, 'another issuer')
    for (const [name, value] of Object.entries(server))
      if (name.endsWith('_endpoint') && name in ISSUED) checkUrl(value, '', RULES)
    for (const name of ['scopes_supported', 'code_challenge_methods_supported'] as const)
      assert.ok(
        server[name] === undefined || server[name].every((one) => typeof one === 'string'),
        `${name} is no list`,
      )
  },
}

export const SAFE_URLS: Target = {
  name: 'safe-urls',
  few: 400,
  seeds: [
    'https://h.example/a?b=c',
    'http://127.0.0.1:1/',
    'https://[::ffff:10.0.0.1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://0x7f.1/',
    '::1',
    '10.0.0.1',
    '2606:4700::1',
    'fe80::1%eth0',
  ],
  tokens: [
    'https://',
    'http://',
    '[',
    ']',
    '::',
    ':',
    '127.1',
    '10.0.0.1',
    '2130706433',
    '::ffff:',
    'ffff',
    '2002:',
    '64:ff9b::',
    '.',
    '@',
    '#',
    '%',
    '"',
    '&',
    '|',
    '$(x)',
    '/',
    '\\',
    'localhost',
    'h.example',
  ],
  make: (chance) =>
    `${chance.pick(['https://', 'http://', ''])}${chance.pick(['h.example', 'LOCALHOST', '[::1]', '[::ffff:7f00:1]', '1.1.1.1', '[2606:4700::1]'])}${chance.pick(['', '/', '/a?b=c&d=e', '/%7e', "/'x'", '#'])}`,
  check(text) {
    isPrivateAddress(text)
    const url = refusalOf('auth-failed', () => checkUrl(text, 'the token endpoint', RULES))
    if (isBridgeError(url)) return
    const bare = url.hostname.replace(/^\[|\]$/g, '')
    const isAddress = /^[\d.]*\d$|:/.test(bare)
    assert.equal(url.protocol, 'https:', 'it is not encrypted')
    assert.ok(!isAddress || !isPrivateAddress(bare), `${bare} is private`)
    const given = refusalOf('auth-failed', () => browserUrl(url))
    if (!isBridgeError(given))
      assert.match(
        given,
        /^https:\/\/[!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]+$/,
        'not safe to give to a browser',
      )
  },
  parse: (text) => quietly(() => browserUrl(checkUrl(text, '', RULES))),
}

const LOG = createLog({ level: 'silent', json: false, secrets: [SECRET], write: () => {} })

/** The refusal of a token endpoint that says this in `error_description`. */
function refusalFor(description: string): unknown {
  return explain({ error: 'invalid_grant', error_description: description }, 'it failed', { log: LOG })
}

export const OAUTH_ERRORS: Target = {
  name: 'oauth-errors',
  few: 300,
  seeds: ['The code has expired.', `<html><b>${SECRET}</b> is no token</html>`, 'a \u202e b \x9b2J'],
  tokens: ['<', '>', '<b', '</b>', ' ', '\n', '\x1b[2J', '\u200b', SECRET, 'Bearer ', 'https://', '@'],
  make: (chance) => `The ${chance.pick(['code', '<i>grant</i>', SECRET])} is ${chance.pick(['old', '\n'])}`,
  check(text) {
    checkRefusal('auth-failed', refusalFor(text))
  },
  parse: refusalFor,
}
