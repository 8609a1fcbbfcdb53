// What remotes and proxies say in HTTP beside messages, and what is remembered of them. protocol.md 0.6, 0.8, A.2, B.1.
import assert from 'node:assert/strict'
import { isBridgeError } from '../../../../src/errors.ts'
import { exceptionIn } from '../../../../src/options/no-proxy.ts'
import { readProxy } from '../../../../src/options/proxy-options.ts'
import { createCookieJar, mergeCookies } from '../../../../src/remote/cookie-jar.ts'
import { endpointOf, secretsIn } from '../../../../src/remote/endpoint.ts'
import { readEra, writeEra } from '../../../../src/remote/era-file.ts'
import { judgeRedirect } from '../../../../src/remote/http/redirect-target.ts'
import { mediaType } from '../../../../src/remote/http-answer.ts'
import { factsOf, quote, retryAfter } from '../../../../src/remote/said.ts'
import noProxy from '../../../fixtures/vectors/no-proxy.json' with { type: 'json' }
import { bytesOf, type Target } from '../target.ts'
import { quietly, refusalOf, SECRET } from './sentences.ts'

const BASE = new URL('https://h.example/mcp')
const NOW = Date.UTC(2026, 0, 1)

export const ANSWER_HEADERS: Target = {
  name: 'answer-headers',
  few: 400,
  seeds: [
    '120',
    'Wed, 21 Oct 2026 07:28:00 GMT',
    'text/event-stream; charset=utf-8',
    '/other?x=1',
    'http://h.example/mcp',
    'https://h.example:443/a/../b',
    '//evil.example/',
  ],
  tokens: [
    '0',
    '9',
    ' ',
    ';',
    ',',
    'GMT',
    'application/json',
    '/',
    '..',
    '//',
    'https:',
    'http:',
    'javascript:',
    '@',
    '?',
    '#',
    '%',
    ':',
  ],
  make: (chance) =>
    chance.pick([
      `${chance.number(1e6)}`,
      'text/event-stream;charset=x',
      `/p/${chance.number(9)}?s=abcdefghijklmnopqrst`,
      `https://${chance.pick(['h.example', 'other.example', 'u:p@h.example'])}/x`,
    ]),
  check(text) {
    const wait = retryAfter(text, NOW)
    assert.ok(wait === undefined || (Number.isFinite(wait) && wait >= 0), `waits ${wait}`)
    assert.match(mediaType(text), /^[^A-Z;]*$/, 'a media type')
    for (const [from, method, status] of REDIRECTS) {
      const redirect = judgeRedirect({ from, method }, status, text)
      if (redirect.kind === 'refuse') assert.match(redirect.why, /^[^\x00-\x1f]+$/, 'a sentence')
      else {
        assert.equal(redirect.url.hostname, from.hostname, 'credentials would go elsewhere')
        assert.ok(from.protocol === 'http:' || redirect.url.protocol === 'https:', 'and unencrypted')
        assert.equal(redirect.url.username + redirect.url.password, '', 'userinfo')
      }
    }
    const endpoint = endpointOf(text, BASE)
    if (endpoint === undefined) return
    assert.equal(endpoint.origin, BASE.origin, 'another origin')
    secretsIn(endpoint)
  },
  parse: (text) => [retryAfter(text, NOW), mediaType(text), endpointOf(text, BASE)],
}

const REDIRECTS = [
  [BASE, 'POST', 307],
  [BASE, 'GET', 302],
  [new URL('http://h.example/mcp'), 'POST', 301],
] as const

export const BODIES: Target = {
  name: 'answer-bodies',
  few: 300,
  seeds: [
    '<html><head><style>a{}</style></head><body>Not <b>here</b></body></html>',
    `{"error":"invalid_token","error_description":"the token ${SECRET} is over"}`,
    'Bad gateway\n',
    '{"jsonrpc":"2.0","error":{"code":-1,"message":"\\u0067hp_x"}}',
  ],
  tokens: [
    '<',
    '>',
    '<script>',
    '</script>',
    '<style',
    '"message":"',
    '"detail":',
    '\\u0067',
    '\\"',
    '\\',
    '{',
    '[',
    '\n',
    '\x1b[31m',
    ' ',
    '\0',
  ],
  make: (chance) =>
    `{"${chance.pick(['message', 'detail', 'error', 'title'])}":"${chance.pick(['no', SECRET, `\\u0067${SECRET.slice(1)}`, '<b>x</b>', '\\u001b[31m'])}"}`,
  check(text) {
    const redact = (whole: string): string => whole.replaceAll(SECRET, '[hidden]')
    const body = bytesOf(text)
    const { detail = '' } = factsOf(
      { response: { status: 500, header: () => undefined }, contentType: undefined, body },
      { shown: () => '', redact },
    )
    for (const said of [detail, quote({ body }, redact)]) {
      assert.match(said, /^[^\x00-\x1f\x7f]{0,300}$/, 'more than a line that can be shown')
      assert.ok(!said.includes(SECRET), `a secret: ${said}`)
    }
  },
  parse: (text) => quote({ body: bytesOf(text) }, (whole) => whole),
}

export const COOKIES: Target = {
  name: 'cookies',
  few: 400,
  seeds: [
    'sid=abc; Path=/; Secure; HttpOnly',
    'a=b; Max-Age=3600; Expires=Wed, 21 Oct 2026 07:28:00 GMT',
    'x=; Max-Age=0',
    'n="q;"; path=/mcp; domain=evil.example',
  ],
  tokens: [
    '=',
    ';',
    '; ',
    ' ',
    'Path=/',
    'Path=',
    'Secure',
    'Max-Age=',
    '-1',
    '99999999999999999999',
    'Expires=',
    'Wed, 21 Oct 2026 07:28:00',
    '"',
    ',',
    '\t',
    'a'.repeat(200),
    '__Host-a',
  ],
  make: (chance) =>
    `${chance.pick(['sid', 'a', '__proto__'])}=${chance.number(999)}${['; Path=/mcp', '; Secure', '; Max-Age=60', '; Expires=x'].filter(() => chance.percent(40)).join('')}`,
  check(text) {
    const jar = createCookieJar(() => NOW)
    const values = jar.take(BASE, [text, 'last=1'])
    const header = jar.header(BASE)
    assert.match(
      header ?? '',
      /^[\x20-\x3a\x3c-\x7e\x80-\xff]*(?:; [\x20-\x3a\x3c-\x7e\x80-\xff]*)*$/,
      'a header that cannot be sent',
    )
    assert.ok(values.length <= 2 && (header ?? '').length < 9000, 'more than was set')
    assert.equal(jar.header(new URL('https://other.example/mcp')), undefined, 'another origin gets none')
    const merged = mergeCookies(text, header)
    assert.ok((merged ?? '').includes('last=1') || text.includes('last'), 'the jar is lost')
  },
  parse: (text) => createCookieJar(() => NOW).take(BASE, [text]),
}

export const PROXIES: Target = {
  name: 'proxies',
  few: 350,
  seeds: noProxy
    .map(({ list }) => list)
    .concat('http://proxy:3128', `http://u:${SECRET}@proxy:3128/`, 'socks5://p:1', '//p:1', 'proxy:3128'),
  tokens: [
    '*',
    '.',
    ',',
    ' ',
    ':',
    '/',
    '/8',
    '/129',
    '[',
    ']',
    '::',
    '10.0.0.0',
    '256.1.1.1',
    'example.com',
    'localhost',
    '@',
    '%',
    '%2F',
    'http://',
    'https://',
    '#',
    '?',
  ],
  make: (chance) =>
    Array.from({ length: 1 + chance.number(3) }, () =>
      chance.pick([
        'example.com',
        '.example.com',
        '*.example.com:443',
        '10.0.0.0/8',
        '[::1]',
        'fd00::/8',
        '*',
      ]),
    ).join(chance.pick([',', ' ', ', '])),
  check(text) {
    for (const url of ['https://h.example.com/mcp', 'http://10.1.2.3:8080/', 'https://[fd00::1]/']) {
      const entry = exceptionIn(text, new URL(url))
      assert.ok(
        entry === undefined || text.split(/[\s,]+/).includes(entry),
        `an entry that is not in the list: ${entry}`,
      )
    }
    assert.equal(
      exceptionIn(`${text.replace(/[\s,]+$/, '')},*`, BASE) === undefined,
      false,
      'the last entry counts too',
    )
    const proxy = refusalOf('usage', () => readProxy({ text, from: 'HTTPS_PROXY' }))
    if (isBridgeError(proxy)) return
    assert.match(proxy.proxy.url.href, /^https?:\/\/[^/@]+\/$/, 'no proxy')
    assert.match(proxy.proxy.authorization ?? 'Basic ', /^Basic [\w+/=]*$/, 'no header')
  },
  parse: (text) => [exceptionIn(text, BASE), quietly(() => readProxy({ text, from: '' }))],
}

export const ERAS: Target = {
  name: 'eras',
  few: 200,
  seeds: ['modern 1767225600000\n', 'legacy 1767225600000 http+sse\n'],
  tokens: ['modern', 'legacy', ' ', '\n', '1767225600000', 'http+sse', '\r', '0', '9'.repeat(16)],
  make: (chance) =>
    `${chance.pick(['modern', 'legacy'])} ${NOW + chance.number(10_000)}${chance.pick(['', ' http+sse'])}\n`,
  check(text) {
    const era = readEra(text, NOW)
    if (era !== undefined)
      assert.equal(writeEra(era).replace(/\d+/, ''), text.replace(/\d+/, ''), 'written it is another')
  },
  parse: (text) => readEra(text, NOW),
}
