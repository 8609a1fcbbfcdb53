// How doctor tells where headers, options and variables come from, and what it makes of answers, clocks and offers. Pure.
// arguments.md 4, users.md 1 and 2.
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { judgeOffer } from '../../../src/shell/doctor/offer.ts'
import type { Reply } from '../../../src/shell/doctor/question.ts'
import {
  givenBy,
  headerLines,
  optionNames,
  urlSource,
  usedVariables,
} from '../../../src/shell/doctor/reading.ts'
import { compareClocks, judgeReply, mayBeOld } from '../../../src/shell/doctor/reply.ts'
import { createReport, linesOf } from '../../../src/shell/doctor/report.ts'

const URL_TEXT = 'https://h.example/mcp'

function environment(values: Readonly<Record<string, string>> = {}) {
  return { values, windows: false }
}

test('each header is told with where it comes from', () => {
  const env = environment({ MCP_FERRY_HEADER: 'X-F: 1', MCP_FERRY_BEARER_ENV: 'T' })
  const cases: readonly (readonly [argv: readonly string[], name: string, from: string])[] = [
    [['--header', 'X-A: 1'], 'X-A', '--header'],
    [['-HX-A:', '1'], 'x-a', '--header'],
    [['--header-env', 'X-A=V'], 'X-A', '--header-env'],
    [['--bearer-env', 'V'], 'Authorization', '--bearer-env'],
    [['--header', '"X-A": "1"'], 'X-A', '--header'],
    [['--header-file', 'f'], 'X-A', '--header-file'],
    [['--header', 'X-A: 1'], 'X-F', 'MCP_FERRY_HEADER'],
    [[], 'Authorization', 'MCP_FERRY_BEARER_ENV'],
  ]
  for (const [argv, name, from] of cases) {
    const given = givenBy([URL_TEXT, ...argv], env)
    const [line] = headerLines({ headers: [{ name, value: '1' }] }, given, 0)
    assert.ok(line?.endsWith(`, from ${from}`), `${argv.join(' ')}: ${line}`)
  }
  const inUrl = givenBy(['https://a:b@h.example/mcp'], environment())
  const [line] = headerLines({ headers: [{ name: 'Authorization', value: 'Basic YTpi' }] }, inUrl, 0)
  assert.equal(line, 'Authorization (Basic, 4 characters), from the user in the URL')
})

test('options are told by what gave them, the URL too', () => {
  const env = environment({ MCP_FERRY_LOG_LEVEL: 'debug', MCP_FERRY_RETRIES: '1', MCP_FERRY_URL_ENV: 'U' })
  const given = givenBy([URL_TEXT, '--retries', '3', '--header', 'X: 1'], env)
  assert.deepEqual(optionNames(given), [
    '--retries',
    'MCP_FERRY_RETRIES (not used: --retries is given)',
    'MCP_FERRY_LOG_LEVEL',
  ])
  assert.equal(urlSource(given), 'the command line')
  assert.equal(urlSource(givenBy([], env)), 'MCP_FERRY_URL_ENV')
})

test('variables are found where they are looked up, each with whether it is there', () => {
  const values = { SET: 'x', EMPTY: ' ', MCP_FERRY_HEADER_ENV: 'X-A=SET,X-B=GONE' }
  const argv = [
    '--header',
    'X: ${SET} ${env:EMPTY} $${NOT_ONE}',
    '--bearer-env=GONE',
    'https://h.example/${OPT:-a}',
  ]
  const env = environment(values)
  const used = usedVariables(givenBy(argv, env), env)
  assert.deepEqual(
    used.map(({ name, by, state, isOptional }) => [name, by, state, isOptional]),
    [
      ['SET', '--header', 'set', false],
      ['EMPTY', '--header', 'empty', false],
      ['GONE', '--bearer-env', 'missing', false],
      ['OPT', 'the URL', 'missing', true],
      ['SET', 'MCP_FERRY_HEADER_ENV', 'set', false],
      ['GONE', 'MCP_FERRY_HEADER_ENV', 'missing', false],
    ],
  )
  const secret = givenBy(['--bearer-env', 'ghp_16C7e42F292c6912E7710c838347Ae178B4a'], env)
  assert.deepEqual(
    usedVariables(secret, env)
      .map(({ name }) => name)
      .filter((name) => name.startsWith('ghp')),
    [],
  )
})

function reply(more: Partial<Reply> & { readonly headers?: Readonly<Record<string, string>> } = {}): Reply {
  const { headers = {}, ...rest } = more
  return {
    status: 200,
    url: new URL(URL_TEXT),
    hops: [],
    header: (name) => headers[name],
    authenticate: [],
    body: '',
    sentHeaders: [],
    waitedMs: 1,
    answeredAtMs: Date.parse('2026-11-27T12:00:00Z'),
    ...rest,
  }
}

test('a page is one to sign in at by its title, its heading or its field for a password, and not by a link', () => {
  const advice = (body: string, status = 200): string | undefined =>
    judgeReply(reply({ status, body: `<!doctype html>${body}` }), undefined, (text) => text).advice
  for (const body of ['<title>Sign in</title>', '<h1 class="x">SSO of Corp</h1>', '<input type="password">'])
    assert.match(advice(body) ?? '', /a login page of a gateway/, body)
  for (const body of [
    '<title>Blog introduction</title>',
    '<title>App</title><a>Log in</a>',
    '<p>lessons</p>',
  ])
    assert.match(advice(body) ?? '', /the URL of its MCP endpoint/, body)
  assert.match(advice('<title>Hotel</title>', 511) ?? '', /^this network wants you to sign in by a browser/)
})

test('an answer is an MCP server, an old one, a page, or a failure', () => {
  const html = { 'content-type': 'text/html' }
  const json = { 'content-type': 'application/json' }
  const refusal = '{"jsonrpc":"2.0","id":0,"error":{"code":-32022,"message":"no such version"}}'
  const stream = reply({ headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
  const cases: readonly (readonly [Reply, Reply | undefined, state: string, sees: RegExp])[] = [
    [reply({ headers: json }), undefined, 'ok', /^HTTP 200, application\/json$/],
    [
      reply({ status: 400, headers: json, body: refusal }),
      undefined,
      'ok',
      /refuses this handshake \(-32022: no such version\)/,
    ],
    [reply({ status: 405 }), stream, 'ok', /the stream of the old transport/],
    [reply({ status: 405 }), reply({ headers: html }), 'fail', /^HTTP 405$/],
    [reply({ headers: html, body: '<html>' }), undefined, 'fail', /a web page where an MCP server should be/],
    [reply({ body: '<!DOCTYPE html><title>\n Log in </title>' }), undefined, 'fail', /the web page "Log in"/],
    [reply({ status: 401 }), undefined, 'ok', /wants a credential/],
    [reply({ status: 403 }), undefined, 'fail', /^HTTP 403$/],
    [
      reply({ status: 403, authenticate: ['Bearer error="insufficient_scope"'] }),
      undefined,
      'ok',
      /wants a credential/,
    ],
    [reply({ status: 500, headers: json, body: refusal }), undefined, 'fail', /^HTTP 500/],
  ]
  for (const [first, old, state, sees] of cases) {
    const found = judgeReply(first, old, (text) => text)
    assert.equal(found.state, state, found.sees)
    assert.match(found.sees, sees)
  }
  assert.equal(mayBeOld(reply({ status: 404 })), true)
  assert.equal(mayBeOld(reply({ status: 404, body: refusal })), false)
  assert.equal(mayBeOld(reply({ status: 401 })), false)
})

test('clocks are compared, and matter more where there are tokens', () => {
  const at = (date: string, hasTokens = false) => compareClocks(reply({ headers: { date } }), hasTokens)
  assert.equal(at('Fri, 27 Nov 2026 12:00:30 GMT').state, 'ok')
  assert.equal(
    at('Fri, 27 Nov 2026 12:02:00 GMT').sees,
    "the clock of this machine is 120 s behind the server's",
  )
  assert.equal(at('Fri, 27 Nov 2026 12:02:00 GMT', true).state, 'warn')
  assert.equal(at('Fri, 27 Nov 2026 11:50:00 GMT', true).state, 'fail')
  assert.equal(
    at('Fri, 27 Nov 2026 11:50:00 GMT').sees,
    "the clock of this machine is 10 min ahead of the server's",
  )
  assert.equal(compareClocks(reply(), true).state, 'skipped')
})

test('an offer is counted and weighed', () => {
  const tools = (count: number, text = '') =>
    Array.from({ length: count }, (_, index) => ({ name: `t${index}`, description: text }))
  const judge = (items: readonly Readonly<Record<string, unknown>>[]) =>
    judgeOffer({
      found: new Map([['tools', { items, pages: 1, isCut: false }]]),
      problems: [],
      lacksTools: undefined,
      serverName: 's',
      redact: (text) => text,
    })
  assert.equal(judge(tools(40)).state, 'ok')
  assert.equal(judge(tools(41)).state, 'warn')
  assert.equal(judge(tools(1, 'x'.repeat(110_000))).state, 'warn')
  assert.match(judge([{ name: 'a' }, { name: 'a' }]).details?.join() ?? '', /two tools are called a/)
  assert.match(judge([{ name: 'a'.repeat(59) }]).details?.join() ?? '', /longer than the 60 characters/)
  assert.equal(judge([{ name: 'a'.repeat(58) }]).state, 'ok')
})

test('what took long is told in seconds', () => {
  const line = (tookMs: number) => linesOf({ name: 'a', state: 'ok', sees: 'b', tookMs })[0]
  assert.deepEqual([line(9999), line(61_500)], ['✔ a          b (9999 ms)', '✔ a          b (62 s)'])
})

test('a step is a line with its mark, what is below it, and what to do; nothing of it moves the cursor', () => {
  const lines = linesOf({
    name: 'http',
    state: 'fail',
    tookMs: 5,
    sees: 'a\x1b[2Jb',
    details: ['c\nd'],
    advice: 'e',
  })
  assert.deepEqual(lines, ['✘ http       ab (5 ms)', '             c d', '             → e'])
})

test('what is told has no secret and no home folder in it, in lines and in JSON', async () => {
  for (const isJson of [false, true]) {
    const output = new PassThrough()
    const report = createReport({ output, isJson, isColoured: false, home: '/home/me', version: '1' })
    report.redactBy((text) => text.replaceAll('s3cret', '[redacted]'))
    const sees = '/home/me/x /home/menu s3cret'
    await report.step({
      name: 'a',
      state: 'ok',
      sees,
      facts: { deep: [{ path: '/home/me', text: 's3cret' }] },
    })
    await report.end({ exitCode: 0 })
    const text = String(output.read())
    assert.ok(text.includes('~/x /home/menu [redacted]'), text)
    assert.doesNotMatch(text, /s3cret|\/home\/me\b/)
  }
})

test('at a terminal the marks are coloured, and what is skipped for one reason is one line', async () => {
  const output = new PassThrough()
  const report = createReport({ output, isJson: false, isColoured: true, home: '', version: '1' })
  await report.step({ name: 'a', state: 'fail', sees: 'x' })
  for (const name of ['b', 'c']) await report.step({ name, state: 'skipped', sees: 'because of a' })
  await report.step({ name: 'd', state: 'skipped', sees: 'because of e' })
  await report.end({ exitCode: 3 })
  assert.deepEqual(String(output.read()).split('\n'), [
    '\x1b[31m✘\x1b[39m a          x',
    '\x1b[2m-\x1b[22m b, c       because of a',
    '\x1b[2m-\x1b[22m d          because of e',
    '',
    'what fails first is a (exit code 3): x',
    '',
  ])
})
