// Where one signs in: what is asked in which order, what counts as not there, and what is refused.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  discoverResource,
  discoverServer,
  fallbackServer,
  type ResourceQuestion,
  type ServerQuestion,
} from '../../../src/auth/discovery.ts'
import { createWeb } from '../../../src/auth/web.ts'
import type { BridgeError } from '../../../src/errors.ts'
import { createLog } from '../../../src/log.ts'
import { createStop } from '../../../src/remote/stop.ts'
import { type RawServer, startRawServer } from '../../fixtures/servers/raw-server.ts'

/** What is answered at a path: a document, a status, or a text that is none. `$` is the server's origin. */
type Documents = Readonly<Record<string, unknown>>

const PRM = '/.well-known/oauth-protected-resource'
const OAUTH = '/.well-known/oauth-authorization-server'
const OPENID = '/.well-known/openid-configuration'
const LOG = createLog({ level: 'silent', json: false, secrets: [], write: () => {} })

async function started(t: TestContext, documents: Documents): Promise<RawServer> {
  const server = await startRawServer(({ url, reply }) => {
    const document = documents[url]
    if (document === undefined) return reply(404, 'not here')
    if (typeof document === 'number') return reply(document, { error: 'no' })
    if (typeof document === 'string') return reply(200, document, { 'Content-Type': 'text/html' })
    const { Location } = document as { readonly Location?: string }
    if (Location !== undefined) return reply(302, undefined, { Location })
    reply(200, JSON.stringify(document).replaceAll('$', server.origin))
  })
  t.after(() => server.close())
  return server
}

/** What is wanted of a server at this path of it, and what was asked for that. */
async function resource(t: TestContext, documents: Documents, path = '/mcp', challenged?: string) {
  const server = await started(t, documents)
  const url = new URL(server.origin + path)
  const web = webFor(t, url)
  const question: ResourceQuestion = {
    server: url,
    web,
    rules: await web.rules(),
    challenged: challenged?.replace('$', server.origin),
  }
  const outcome = await settled(discoverResource(question))
  return { ...outcome, server, asked: server.requests.map((request) => request.url) }
}

async function authorization(
  t: TestContext,
  documents: Documents,
  issuer = '$',
  more: Partial<ServerQuestion> = {},
) {
  const server = await started(t, documents)
  const web = webFor(t, new URL(server.origin))
  const rules = await web.rules()
  const question = { issuer: issuer.replace('$', server.origin), web, rules, ...more }
  const outcome = await settled(discoverServer(question))
  return { ...outcome, server, asked: server.requests.map(({ url }) => url) }
}

function webFor(t: TestContext, server: URL) {
  const web = createWeb({
    server,
    allowsPrivate: false,
    userAgent: 'mcp-ferry/0',
    log: LOG,
    stop: createStop(),
  })
  t.after(() => web.close())
  return web
}

async function settled<T>(promise: Promise<T>) {
  try {
    return { value: await promise, error: undefined, message: '' }
  } catch (thrown) {
    const error = thrown as BridgeError
    assert.equal(error.kind, 'auth-failed', String(thrown))
    return { value: undefined, error, message: error.message }
  }
}

const prm = (resource = '$/mcp', more: object = {}) => ({ resource, authorization_servers: ['$'], ...more })
const meta = (issuer = '$', more: object = {}) => ({
  issuer,
  authorization_endpoint: '$/authorize',
  token_endpoint: '$/token',
  code_challenge_methods_supported: ['S256'],
  ...more,
})

test('the URL of the challenge is asked first, and alone if it answers', async (t) => {
  const documents = {
    '/custom/place.json': prm('$/mcp', {
      scopes_supported: ['a', 'b'],
      dpop_bound_access_tokens_required: true,
    }),
  }
  const { value, asked, server } = await resource(t, documents, '/mcp', '$/custom/place.json')
  assert.deepEqual(asked, ['/custom/place.json'])
  assert.deepEqual(value, {
    kind: 'found',
    resource: `${server.origin}/mcp`,
    issuers: [server.origin],
    scopes: ['a', 'b'],
    dpopRequired: true,
  })
  assert.equal(server.requests[0]!.header('mcp-protocol-version'), '2025-11-25')
})

test('then the place for its path, with its query, then the one at the root', async (t) => {
  const { value, asked, server } = await resource(t, { [PRM]: prm('$') }, '/a/mcp?x=1', '$/gone')
  assert.deepEqual(asked, ['/gone', `${PRM}/a/mcp?x=1`, PRM])
  // Byte for byte: no slash that a URL parser would add.
  assert.equal(value?.kind === 'found' && value.resource, server.origin)
})

test('a place is asked once, and a slash at the end does not count', async (t) => {
  assert.deepEqual((await resource(t, {}, '/', `$${PRM}`)).asked, [PRM])
  assert.deepEqual((await resource(t, {}, '/mcp/')).asked, [`${PRM}/mcp`, PRM])
})

for (const status of [400, 401, 403, 404, 405, 410])
  test(`HTTP ${status} says that there is no document`, async (t) => {
    const { value } = await resource(t, { [`${PRM}/mcp`]: status, [PRM]: status })
    assert.deepEqual(value, { kind: 'none' })
  })

for (const status of [408, 429, 500, 502, 503])
  test(`HTTP ${status} is a failure, and nothing else is asked`, async (t) => {
    const { error, message, asked } = await resource(t, { [`${PRM}/mcp`]: status, [PRM]: prm() })
    assert.match(
      message,
      new RegExp(`^the resource metadata of 127.* answered HTTP ${status}; try again later$`),
    )
    assert.deepEqual([error?.facts.httpStatus, error?.facts.retryable], [status, true])
    assert.deepEqual(asked, [`${PRM}/mcp`])
  })

test('what is no JSON object is a failure that says what came', async (t) => {
  for (const document of ['<html>sign in</html>', '{"resource":', '[]', '"x"', 'null', '', 204]) {
    const { message, asked } = await resource(t, { [`${PRM}/mcp`]: document, [PRM]: prm() })
    assert.match(
      message,
      /something that is not a JSON object \(HTTP 20[04], (text\/html|application\/json)\)$/,
    )
    assert.equal(asked.length, 1)
  }
})

test('a challenge cannot make us ask anywhere', async (t) => {
  const urls = [
    'http://169.254.169.254/',
    'http://10.0.0.1/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    '/relative',
    '',
  ]
  for (const url of urls) {
    const { message, asked } = await resource(t, { [`${PRM}/mcp`]: prm() }, '/mcp', url)
    assert.match(message, /^the resource metadata of 127\.0\.0\.1:\d+ cannot be used: /, url)
    assert.deepEqual(asked, [])
  }
})

test('the resource is the server, or what it stands under', async (t) => {
  for (const fine of ['$/a/mcp', '$/a/mcp/', '$/a', '$/a/', '$/', '$', '$/a/mcp?x=1']) {
    const { message, value, server } = await resource(t, { [PRM]: prm(fine) }, '/a/mcp?x=1')
    assert.equal(value?.kind === 'found' && value.resource, fine.replace('$', server.origin), message)
  }
  const others = [
    'https://evil.example/mcp',
    '$/a/mcp/deeper',
    '$/a/mc',
    '$/b',
    '$/a/mcp?x=2',
    '$/a/mcp#x',
    '$@evil.example/',
    'mcp',
    '',
    7,
    undefined,
  ]
  for (const other of others) {
    const documents = { [PRM]: { ...prm(), resource: other } }
    const { message } = await resource(t, documents, '/a/mcp?x=1')
    assert.match(
      message,
      /^the resource metadata of 127.* is for .*, not for http:\/\/127.*\/a\/mcp; /,
      String(other),
    )
  }
})

test('a resource names an authorization server that may be used', async (t) => {
  for (const none of [undefined, [], 'https://auth.example', [7], {}]) {
    const { message } = await resource(t, { [PRM]: { ...prm(), authorization_servers: none } })
    assert.match(message, /names no authorization server/)
  }
  const bad = await resource(t, { [PRM]: { ...prm(), authorization_servers: ['http://auth.example', 'x'] } })
  assert.match(
    bad.message,
    /^the authorization server that 127.* names cannot be used: .*auth\.example is not encrypted/,
  )
  const mixed = ['file:///x', 'https://auth.example/', '$/tenant']
  const { value, server } = await resource(t, { [PRM]: { ...prm(), authorization_servers: mixed } })
  assert.deepEqual(value?.kind === 'found' && value.issuers, [
    'https://auth.example/',
    `${server.origin}/tenant`,
  ])
})

test('an authorization server is asked at its places in order', async (t) => {
  const root = await authorization(t, {})
  assert.equal(root.value, undefined)
  assert.equal(root.error, undefined)
  assert.deepEqual(root.asked, [OAUTH, OPENID])
  for (const issuer of ['$/tenant/1', '$/tenant/1/']) {
    const { value, asked } = await authorization(t, {}, issuer)
    assert.equal(value, undefined)
    assert.deepEqual(asked, [`${OAUTH}/tenant/1`, `${OPENID}/tenant/1`, `/tenant/1${OPENID}`])
  }
})

test('what it says is kept as it is', async (t) => {
  const said = meta('$/t', {
    registration_endpoint: '$/register',
    x_more: { deep: [1] },
    jwks_uri: 'whatever',
  })
  const { value, server } = await authorization(t, { [`/t${OPENID}`]: said }, '$/t')
  assert.deepEqual(value, JSON.parse(JSON.stringify(said).replaceAll('$', server.origin)))
})

test('its issuer is the one that was asked, to the byte', async (t) => {
  const pairs = [
    ['$', '$/'],
    ['$/', '$'],
    ['$/t', '$/t/'],
    ['$/t', '$/T'],
    ['$/t', '$/%74'],
    ['$', 'https://attacker.example.com'],
    ['$', undefined],
    ['$', 7],
  ] as const
  for (const [issuer, said] of pairs) {
    const path = issuer.endsWith('t') ? '/t' : ''
    const { message } = await authorization(t, { [OAUTH + path]: { ...meta(), issuer: said } }, issuer)
    assert.match(message, /is issued by .*, not by http/, String(said))
    const [, other, own] = /issued by (.*), not by (.*);/.exec(message) ?? []
    assert.notEqual(other, own)
  }
})

test('an origin that nobody has named may have a slash at its end', async (t) => {
  const more = { isGuessed: true }
  const { value, server } = await authorization(t, { [OAUTH]: meta('$/') }, '$', more)
  assert.equal(value?.issuer, `${server.origin}/`)
  const other = await authorization(t, { [OAUTH]: meta('https://attacker.example') }, '$', more)
  assert.match(other.message, /is issued by https:\/\/attacker\.example, not by http:/)
})

test('a failure at one place does not hide the next, and is not silence', async (t) => {
  for (const failing of [500, '<html>', 503]) {
    const next = await authorization(t, { [OAUTH]: failing, [OPENID]: meta() })
    assert.equal(next.value?.token_endpoint, `${next.server.origin}/token`)
    const none = await authorization(t, { [OAUTH]: failing })
    assert.match(none.message, /^the metadata of the authorization server 127.* cannot be had: /)
  }
})

test('a place that leads where nobody goes does not hide the next', async (t) => {
  const away = { Location: 'http://login.example/' }
  const next = await authorization(t, { [OAUTH]: away, [OPENID]: meta() })
  assert.equal(next.value?.token_endpoint, `${next.server.origin}/token`)
  const none = await authorization(t, { [OAUTH]: away })
  assert.match(none.message, /^the redirect that 127.* gave for the metadata .* cannot be used: /)
})

test('no endpoint leads where it must not', async (t) => {
  const names = [
    'authorization_endpoint',
    'token_endpoint',
    'registration_endpoint',
    'revocation_endpoint',
    'device_authorization_endpoint',
    'pushed_authorization_request_endpoint',
  ]
  const urls = [
    'javascript:alert(1)',
    'file:///etc/passwd',
    'http://auth.example/x',
    'https://u:s3cret@h.example/',
    '/token',
    7,
  ]
  for (const name of names)
    for (const url of urls) {
      const { message } = await authorization(t, { [OAUTH]: meta('$', { [name]: url }) })
      assert.match(message, / of 127\.0\.0\.1:\d+ cannot be used: /, `${name} ${url}`)
      assert.doesNotMatch(message, /s3cret/)
    }
})

test('without a token endpoint nobody can sign in', async (t) => {
  const { message } = await authorization(t, { [OAUTH]: { issuer: '$' } })
  assert.match(message, /names no token endpoint/)
})

test('what should be a list and is not counts as not said', async (t) => {
  const said = meta('$', {
    code_challenge_methods_supported: 'S256',
    grant_types_supported: [1],
    scopes_supported: ['a'],
    registration_endpoint: null,
  })
  const { value } = await authorization(t, { [OAUTH]: said })
  assert.deepEqual(
    [
      'code_challenge_methods_supported',
      'grant_types_supported',
      'scopes_supported',
      'registration_endpoint',
    ].map((name) => value?.[name]),
    [undefined, undefined, ['a'], undefined],
  )
})

test('a server of 2025-03-26 without metadata has its endpoints at its origin', () => {
  assert.deepEqual(fallbackServer(new URL('https://h.example:8443/a/mcp?x=1')), {
    issuer: 'https://h.example:8443',
    authorization_endpoint: 'https://h.example:8443/authorize',
    token_endpoint: 'https://h.example:8443/token',
    registration_endpoint: 'https://h.example:8443/register',
  })
})
