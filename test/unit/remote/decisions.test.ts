// The pure decisions of remote/: what an answer means, whether to try again, where a redirect may lead.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BridgeError, type ErrorKind, type Facts } from '../../../src/errors.ts'
import { type Envelope, read } from '../../../src/message/envelope.ts'
import { judgeAnswer, type Outcome } from '../../../src/remote/answer.ts'
import { networkFailure } from '../../../src/remote/http/failure.ts'
import { judgeRedirect } from '../../../src/remote/http/redirect-target.ts'
import { type HttpAnswer, mediaType } from '../../../src/remote/http-answer.ts'
import { authFailure, describeHeaders } from '../../../src/remote/refused.ts'
import { nextTry } from '../../../src/remote/retry.ts'
import { retryAfter } from '../../../src/remote/said.ts'
import { openSession, sessionHeaders } from '../../../src/remote/session.ts'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const LIMITS = { retryWaitMs: 30_000, retries: 2 }

function message(json: string): Envelope {
  const reading = read(new TextEncoder().encode(json))
  assert.equal(reading.kind, 'message')
  return (reading as { envelope: Envelope }).envelope
}

type Headers = Readonly<Record<string, string>>

function judge(status: number, body: string, headers: Headers = {}): Outcome {
  const all: Headers = { 'content-type': 'application/json', ...headers }
  const answer: HttpAnswer = {
    response: { status, header: (name) => all[name] },
    contentType: all['content-type'],
    body: new TextEncoder().encode(body),
  }
  const request = message('{"jsonrpc":"2.0","id":7,"method":"tools/call"}')
  const redact = (text: string): string => text.replaceAll('s3cret', '[redacted]')
  const hasSession = headers.session === 'yes'
  return judgeAnswer(answer, {
    request,
    hasSession,
    isOpen: hasSession,
    shown: () => headers.at ?? 'https://h.example/mcp',
    redact,
    now: () => NOW,
  })
}

function failure(outcome: Outcome): BridgeError {
  assert.equal(outcome.kind, 'failed')
  return (outcome as { error: BridgeError }).error
}

function forwarded(outcome: Outcome): string[] {
  assert.equal(outcome.kind, 'messages')
  return (outcome as { messages: readonly Envelope[] }).messages.map(({ bytes }) =>
    new TextDecoder().decode(bytes),
  )
}

test('an answer passes as it is, whatever its result', () => {
  for (const result of ['{}', 'null', '[1.0,1e400]', '"x"']) {
    const body = `{"x":1,"result":${result},"id":7,"jsonrpc":"2.0"}`
    assert.deepEqual(forwarded(judge(200, body)), [body])
  }
})

test('an error in a 4xx body passes, with the id of the request where its own is null, missing or foreign', () => {
  const error = '"error":{"code":-32602,"message":"m","data":{"n":1.0}}'
  const expected = `{"jsonrpc":"2.0","id":7,${error}}`
  for (const id of ['7', 'null', '"server-error"']) {
    assert.deepEqual(forwarded(judge(400, `{"jsonrpc":"2.0","id":${id},${error}}`)), [expected])
  }
  assert.deepEqual(forwarded(judge(404, `{"jsonrpc":"2.0",${error}}`)), [`{"id":7,"jsonrpc":"2.0",${error}}`])
})

test('a result under another id is not passed off as the answer, but one without an id is it', () => {
  assert.equal(failure(judge(200, '{"jsonrpc":"2.0","id":8,"result":{}}')).kind, 'protocol')
  for (const id of ['"id":null,', '', '"id":7.0,']) {
    const [answer] = forwarded(judge(200, `{"jsonrpc":"2.0",${id}"result":{}}`))
    assert.equal(JSON.parse(answer!).id, 7)
    assert.doesNotMatch(answer!, /7\.0/)
  }
})

test('a batch in a body is split, and all of it passes', () => {
  const log = '{"jsonrpc":"2.0","method":"notifications/message"}'
  const answer = '{"jsonrpc":"2.0","id":7,"result":{}}'
  assert.deepEqual(forwarded(judge(200, `[${log},\n${answer}]`)), [log, answer])
})

test('a 5xx with an error of the remote is kept for when no retry helps', () => {
  const outcome = judge(500, '{"jsonrpc":"2.0","id":null,"error":{"code":-32603,"message":"m"}}')
  assert.equal(failure(outcome).kind, 'http')
  assert.equal((outcome as { answer?: Envelope }).answer?.id?.raw, '7')
})

test('every failure has its kind, its status and a sentence of its own', () => {
  const cases: [number, string, Headers, ErrorKind, RegExp][] = [
    [
      200,
      '<html>login</html>',
      { 'content-type': 'Text/HTML; charset=utf-8' },
      'content',
      /text\/html.*login page/,
    ],
    [200, '{"jsonrpc"', {}, 'protocol', /not JSON-RPC/],
    [200, '{}', {}, 'protocol', /not JSON-RPC/],
    [200, '{"jsonrpc":"2.0","method":"notifications/x"}', {}, 'protocol', /without a response/],
    [400, 'no', { 'content-type': 'text/plain' }, 'http', /HTTP 400.*\(the server says: no\)/],
    [401, '', {}, 'auth-failed', /HTTP 401.*credential/],
    [403, '{"detail":"no scope"}', {}, 'auth-failed', /HTTP 403.*no scope/],
    [
      404,
      '<html><h1>Not Found</h1></html>',
      { 'content-type': 'text/html' },
      'http',
      /HTTP 404.*is this the MCP endpoint/,
    ],
    [404, '', { session: 'yes' }, 'session-lost', /no longer knows the session/],
    [413, '', {}, 'too-large', /larger than the server accepts/],
    [429, '', { 'retry-after': '3' }, 'rate-limited', /Retry-After: 3 s/],
    [431, '', {}, 'too-large', /headers/],
    [500, '', {}, 'http', /HTTP 500/],
    [502, '', {}, 'http', /proxy/],
    [503, '', {}, 'http', /HTTP 503/],
    [503, '', { 'retry-after': '1' }, 'rate-limited', /HTTP 503/],
    [418, '', {}, 'http', /HTTP 418/],
  ]
  const sentences = new Set<string>()
  for (const [status, body, more, kind, text] of cases) {
    const error = failure(judge(status, body, more))
    assert.equal(error.kind, kind, `${status}`)
    assert.match(error.message, text)
    assert.equal(error.facts.httpStatus, status)
    sentences.add(error.message)
  }
  assert.equal(sentences.size, cases.length - 1, 'only the two bodies that are no JSON-RPC read alike')
})

test('a 401 is the loss of a session only if it says so, and if no credential is wanted', () => {
  const kind = (body: string, headers: Headers) => failure(judge(401, body, headers)).kind
  const lost = 'Unauthorized: Session not found'
  assert.equal(kind(lost, { session: 'yes' }), 'session-lost')
  assert.equal(kind(lost, {}), 'auth-failed')
  assert.equal(kind(lost, { session: 'yes', 'www-authenticate': 'Bearer' }), 'auth-failed')
  assert.equal(kind('Unauthorized', { session: 'yes' }), 'auth-failed')
})

test('a 400 is the loss of a session in whatever words servers have for it', () => {
  const kind = (words: string) => failure(judge(400, words, { session: 'yes' })).kind
  for (const words of [
    'No active session',
    'no such session',
    'Session 1 does not exist',
    'the session is closed',
  ])
    assert.equal(kind(words), 'session-lost', words)
  assert.notEqual(kind('a session is needed'), 'session-lost')
})

test('a web page is told by its title, and what denies access in one may be no MCP server', () => {
  const page = (title: string) => `<!doctype html><html><head><title>\n ${title} </title></head>x</html>`
  const html = { 'content-type': 'text/html' }
  const said = (status: number, title: string) => failure(judge(status, page(title), html)).message
  assert.match(said(403, 'Just a moment...'), /firewall.* \(the page says: Just a moment\.\.\.\)$/)
  assert.match(
    said(200, 'Sign in &amp; s3cret'),
    /login page\? \(the page says: Sign in &amp; \[redacted\]\)$/,
  )
  assert.match(said(530, 'Tunnel error'), /failed \(the page says: Tunnel error\)$/)
  assert.match(said(502, 'x'.repeat(1000)), /x{100,200}…\)$/)
  for (const title of ['', 'Error', '502 Bad Gateway']) assert.match(said(502, title), /reach the server$/)
  assert.match(failure(judge(502, '<html>nginx</html>', html)).message, /reach the server$/)
  assert.match(failure(judge(403, '', {})).message, /which credential is sent/)
})

test('with 404 the usual path is told, unless it is that already', () => {
  const said = (at: string) => failure(judge(404, '', { at })).message
  for (const at of ['https://h.example/', 'https://h.example/sse', 'https://h.example/api'])
    assert.match(said(at), /is this the MCP endpoint\? its path is often \/mcp$/)
  for (const at of ['https://h.example/mcp', 'https://h.example/v1/mcp/'])
    assert.match(said(at), /is this the MCP endpoint\?$/)
})

test('what the remote says is cut, without tags and without secrets', () => {
  const error = failure(judge(500, `<b>key s3cret</b><script>bad()</script>${'x'.repeat(1000)}`))
  assert.ok(error.facts.detail!.startsWith('key [redacted]'))
  assert.equal(error.facts.detail!.length, 300)
  assert.doesNotMatch(error.facts.detail!, /bad|s3cret|</)
  for (const escaped of ['s3\\u0063ret', 's3\\u0063re\\u0074']) {
    const { facts, message } = failure(judge(403, `{"detail":"wrong key ${escaped}"}`))
    assert.match(message, /wrong key \[redacted\]/)
    assert.match(facts.detail!, /wrong key \[redacted\]/)
  }
})

test('an empty success means that the answer may come elsewhere', () => {
  for (const status of [200, 202, 204]) assert.equal(judge(status, '').kind, 'elsewhere')
})

test('a 401 names what was sent and what is asked for, never a value', () => {
  const sent = describeHeaders(
    [
      { name: 'Authorization', value: 'Bearer abcdef' },
      { name: 'authorization', value: 'abcdef' },
      { name: 'X-Api-Key', value: 'abcdef' },
      { name: 'Authorization', value: 'abcdef ghijkl' },
    ],
    NOW,
  )
  assert.deepEqual(sent, [
    'Authorization (Bearer, 6 characters)',
    'authorization (no known scheme, 6 characters)',
    'X-Api-Key (6 characters)',
    'Authorization (no known scheme, 13 characters)',
  ])
  const asks = 'Bearer realm="a, Basic b", error="invalid_token", Basic realm="x"'
  const answer = {
    response: { status: 401, header: (name: string) => (name === 'www-authenticate' ? asks : undefined) },
    contentType: undefined,
    body: new Uint8Array(),
  }
  const told = authFailure(answer, { sent, shown: () => 'https://h.example/mcp', redact: (text) => text })
  assert.match(told.message, /Bearer, 6 characters.*asks for Bearer, Basic;/)
})

test('a 401 tells since when a JWT is over', () => {
  const shapeOf = (claims: string, name = 'Authorization', before = 'Bearer '): string => {
    const part = Buffer.from(claims).toString('base64url')
    return describeHeaders([{ name, value: `${before}eyJhbGciOiJub25lIn0.${part}.sig` }], NOW)[0]!
  }
  const endedBefore = (seconds: number): string => `{"exp":${NOW / 1000 - seconds}}`
  assert.match(shapeOf(endedBefore(90)), /^Authorization \(Bearer, \d+ characters, expired 1 min ago\)$/)
  assert.match(shapeOf(endedBefore(3 * 3600 + 5)), /, expired 3 h ago\)$/)
  assert.match(shapeOf(endedBefore(5 * 86_400)), /, expired 5 days ago\)$/)
  assert.match(shapeOf(endedBefore(7200), 'X-Token', ''), /^X-Token \(\d+ characters, expired 2 h ago\)$/)
  for (const claims of [endedBefore(-60), '{}', '{"exp":"soon"}', '{"exp":null}', 'null', 'no JSON'])
    assert.match(shapeOf(claims), /^Authorization \(Bearer, \d+ characters\)$/, claims)
})

test('what surely did not run is tried again; what may have run only where that is harmless', () => {
  const failed = (kind: ErrorKind, facts: Facts = {}, retryAfterMs?: number) => ({
    error: new BridgeError(kind, 'x', facts),
    retryAfterMs,
  })
  const cases: [ReturnType<typeof failed>, string, number, number | undefined][] = [
    [failed('refused'), 'tools/call', 1, 250],
    [failed('refused'), 'tools/call', 2, 500],
    [failed('refused'), 'tools/call', 5, 4000],
    [failed('refused'), 'tools/call', 6, undefined],
    [failed('dns'), 'tools/list', 1, 250],
    [failed('tls'), 'tools/list', 1, undefined],
    [failed('timeout'), 'tools/list', 1, undefined],
    [failed('proxy', { retryable: true }), 'tools/call', 2, 500],
    [failed('proxy', { retryable: true, detail: 'ETIMEDOUT' }), 'tools/list', 1, undefined],
    [failed('proxy', { retryable: false, httpStatus: 407 }), 'tools/list', 1, undefined],
    [failed('rate-limited', {}, 5000), 'tools/call', 1, 5000],
    [failed('rate-limited', {}, 5000), 'tools/call', 3, undefined],
    [failed('rate-limited', {}, 31_000), 'tools/call', 1, undefined],
    [failed('rate-limited'), 'tools/call', 1, 1000],
    [failed('stream-lost'), 'tools/call', 1, undefined],
    [failed('stream-lost'), 'tools/list', 1, 1000],
    [failed('stream-lost'), 'tools/list', 2, undefined],
    [failed('http', { httpStatus: 503 }), 'tools/call', 1, undefined],
    [failed('http', { httpStatus: 503 }), 'resources/read', 1, 1000],
    [failed('http', { httpStatus: 404 }), 'tools/list', 1, undefined],
    [failed('protocol'), 'tools/list', 1, undefined],
    [failed('shutdown'), 'tools/list', 1, undefined],
  ]
  for (const [given, method, attempt, wait] of cases) {
    assert.equal(
      nextTry(given, { method, attempt }, LIMITS),
      wait,
      `${given.error.kind} ${method} ${attempt}`,
    )
  }
})

test('Retry-After is seconds or a date, or nothing', () => {
  assert.equal(retryAfter('2', NOW), 2000)
  assert.equal(retryAfter('Sun, 22 Nov 2026 12:00:05 GMT', NOW), 5000)
  assert.equal(retryAfter('Sun, 22 Nov 2026 11:00:00 GMT', NOW), 0)
  for (const value of [undefined, '', 'soon', '-1x']) assert.equal(retryAfter(value, NOW), undefined)
})

test('a redirect is followed within the origin, and never takes anything to another one', () => {
  const follow = (to: string): string => `follow ${to}`
  const cases: [string, string, number, string | undefined, string][] = [
    ['POST', 'https://h/mcp', 307, '/new', follow('https://h/new')],
    ['POST', 'https://h/mcp', 308, 'https://h/new', follow('https://h/new')],
    ['POST', 'https://h/mcp', 307, 'https://u:p@h/new', follow('https://h/new')],
    ['POST', 'http://h/mcp', 308, 'https://h/mcp', follow('https://h/mcp')],
    ['POST', 'http://h/mcp', 301, 'https://h/mcp', follow('https://h/mcp')],
    ['POST', 'http://h/mcp', 303, 'https://h/mcp', 'refuse'],
    ['POST', 'http://h:8080/mcp', 308, 'https://h/mcp', 'refuse'],
    ['POST', 'https://h/mcp', 308, 'http://h/mcp', 'refuse'],
    ['POST', 'https://h/mcp', 307, 'https://other/mcp', 'refuse'],
    ['POST', 'https://h/mcp', 307, '//h.evil/mcp', 'refuse'],
    ['POST', 'https://h/mcp', 307, 'https://h:444/mcp', 'refuse'],
    ['POST', 'https://h/mcp', 302, '/new', 'refuse'],
    ['GET', 'https://h/mcp', 302, '/new', follow('https://h/new')],
    ['GET', 'https://h/mcp', 303, 'https://other/', 'refuse'],
    ['POST', 'https://h/mcp', 307, undefined, 'refuse'],
    ['POST', 'https://h/mcp', 307, 'javascript:1', 'refuse'],
  ]
  for (const [method, from, status, location, expected] of cases) {
    const verdict = judgeRedirect({ method, from: new URL(from) }, status, location)
    assert.equal(
      verdict.kind === 'follow' ? `follow ${verdict.url}` : 'refuse',
      expected,
      `${method} ${from} ${status} ${location}`,
    )
  }
})

test('a redirect as to a page to sign in at is told as one that may be that', () => {
  const why = (status: number, location: string) => {
    const verdict = judgeRedirect({ method: 'POST', from: new URL('https://h/mcp') }, status, location)
    return (verdict as { why: string }).why
  }
  for (const location of ['/login', 'https://login.example/'])
    for (const status of [301, 302, 303])
      assert.match(
        why(status, location),
        /; use that URL.*, or give a credential if that is a page to sign in at$/,
      )
  assert.match(why(307, 'https://other.example/mcp'), /; use that URL if you trust it$/)
})

test('a redirect that only loses the encryption is told with the URL that keeps it', () => {
  for (const [from, location, write] of [
    ['https://h/mcp', 'http://h/mcp/?key=1', 'https://h/mcp/'],
    ['https://h:8443/mcp', 'http://h/mcp/', 'https://h:8443/mcp/'],
    ['https://h:8443/mcp', 'http://h:8443/mcp/', 'https://h:8443/mcp/'],
  ] as const)
    for (const status of [301, 307]) {
      const verdict = judgeRedirect({ method: 'POST', from: new URL(from) }, status, location)
      const end = `, which is not encrypted; write ${write} if the server has it`
      assert.ok((verdict as { why: string }).why.endsWith(end), JSON.stringify(verdict))
    }
})

test('one that only loses the encryption of the URL that it has been given is not told with that', () => {
  const from = new URL('https://h/mcp')
  const verdict = judgeRedirect({ method: 'POST', from }, 308, 'http://h/mcp')
  assert.match((verdict as { why: string }).why, /, which is not encrypted; tell who runs it$/)
})

test('a refused redirect names the target without its query', () => {
  const verdict = judgeRedirect(
    { method: 'POST', from: new URL('https://h/mcp') },
    307,
    'https://u:p@o.example/x?key=1',
  )
  assert.match((verdict as { why: string }).why, /https:\/\/o\.example\/x;/)
  assert.doesNotMatch((verdict as { why: string }).why, /key|u:p/)
})

test('a network error is told by what happened, and by whether anything was sent', () => {
  const at = { host: 'h.example', url: 'https://h.example/mcp' }
  const cases: [string, boolean, ErrorKind][] = [
    ['ENOTFOUND', false, 'dns'],
    ['EAI_AGAIN', false, 'dns'],
    ['ECONNREFUSED', false, 'refused'],
    ['EHOSTUNREACH', false, 'refused'],
    ['ETIMEDOUT', false, 'timeout'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', false, 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', false, 'tls'],
    ['EPROTO', false, 'tls'],
    ['ECONNRESET', false, 'refused'],
    ['ECONNRESET', true, 'stream-lost'],
    ['EPIPE', true, 'stream-lost'],
    ['HPE_INVALID_CONSTANT', true, 'protocol'],
  ]
  for (const [code, wasConnected, kind] of cases) {
    const error = networkFailure(Object.assign(new Error('x'), { code }), { ...at, wasConnected })
    assert.equal(error.kind, kind, code)
    assert.equal(error.facts.maybeDelivered, wasConnected)
    assert.match(error.message, /h\.example/)
  }
  const both = Object.assign(
    new AggregateError([Object.assign(new Error('x'), { code: 'ECONNREFUSED' })]),
    {},
  )
  assert.equal(networkFailure(both, { ...at, wasConnected: false }).kind, 'refused')
})

test('a session has the id and the version that the remote gave, and a bad id is refused', () => {
  const result = message('{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-06-18"}}')
  const session = openSession(result, 'abc', 0)
  assert.deepEqual(sessionHeaders(session), ['MCP-Session-Id', 'abc', 'MCP-Protocol-Version', '2025-06-18'])
  assert.deepEqual(sessionHeaders(openSession(result, undefined, 0)), ['MCP-Protocol-Version', '2025-06-18'])
  for (const id of ['', 'a b', 'é', 'a\u007f'])
    assert.throws(() => openSession(result, id, 0), { kind: 'protocol' })
})

test('a media type is compared without parameters and case', () => {
  assert.equal(mediaType('Text/Event-Stream ; charset=utf-8'), 'text/event-stream')
  assert.equal(mediaType(' application/JSON'), 'application/json')
  for (const none of [undefined, '', ' ', ';', ';charset=utf-8', ' ; text/event-stream'])
    assert.equal(mediaType(none), '', `${none}`)
})
