// NO_PROXY by a table of vectors; which variable counts; and how what names a proxy is read. protocol.md 0.6.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { exceptionIn } from '../../../src/options/no-proxy.ts'
import { chooseProxy } from '../../../src/options/proxy-choice.ts'
import { readProxies, readProxy } from '../../../src/options/proxy-options.ts'
import { createReading } from '../../../src/options/reading.ts'

interface Vector {
  readonly list: string
  readonly url: string
  readonly entry: string | null
}

const vectors = JSON.parse(
  readFileSync(new URL('../../fixtures/vectors/no-proxy.json', import.meta.url), 'utf8'),
) as readonly Vector[]

for (const { list, url, entry } of vectors)
  test(`NO_PROXY=${JSON.stringify(list)} ${entry === null ? 'does not except' : 'excepts'} ${url}`, () => {
    assert.equal(exceptionIn(list, new URL(url)) ?? null, entry)
  })

type Values = Readonly<Record<string, string>>

function choose(url: string, values: Values, windows = false): string {
  const choice = chooseProxy(new URL(url), { values, windows })
  return choice.kind === 'proxy' || choice.kind === 'loopback'
    ? `${choice.kind} ${choice.named.from}`
    : choice.kind === 'excepted'
      ? `excepted ${choice.from} ${choice.entry}`
      : 'none'
}

const P = 'http://proxy:3128'
const HTTPS = 'https://api.example.com/mcp'
const HTTP = 'http://api.example.com/mcp'

const choices: readonly [what: string, url: string, values: Values, expected: string][] = [
  ['nothing', HTTPS, {}, 'none'],
  ['the variable of the scheme', HTTPS, { HTTPS_PROXY: P, HTTP_PROXY: P }, 'proxy HTTPS_PROXY'],
  ['the other variable of the scheme', HTTP, { HTTPS_PROXY: P, HTTP_PROXY: P }, 'proxy HTTP_PROXY'],
  ['only the variable of the other scheme', HTTPS, { HTTP_PROXY: P }, 'none'],
  ['lower case beats capitals', HTTPS, { HTTPS_PROXY: P, https_proxy: P }, 'proxy https_proxy'],
  [
    'an empty one in lower case counts as none',
    HTTPS,
    { HTTPS_PROXY: P, https_proxy: '' },
    'proxy HTTPS_PROXY',
  ],
  ['blanks count as none', HTTPS, { HTTPS_PROXY: ' ' }, 'none'],
  ['ALL_PROXY comes last', HTTPS, { ALL_PROXY: P, HTTPS_PROXY: P }, 'proxy HTTPS_PROXY'],
  ['ALL_PROXY alone', HTTPS, { all_proxy: P }, 'proxy all_proxy'],
  ['NO_PROXY', HTTPS, { HTTPS_PROXY: P, NO_PROXY: 'a.net,example.com' }, 'excepted NO_PROXY example.com'],
  ['no_proxy first', HTTPS, { HTTPS_PROXY: P, NO_PROXY: '*', no_proxy: 'a.net' }, 'proxy HTTPS_PROXY'],
  ['localhost', 'http://localhost:80/', { http_proxy: P }, 'loopback http_proxy'],
  ['what ends in localhost', 'http://a.localhost/', { http_proxy: P }, 'loopback http_proxy'],
  ['127.9.9.9', 'http://127.9.9.9/', { http_proxy: P }, 'loopback http_proxy'],
  ['::1', 'http://[::1]/', { http_proxy: P }, 'loopback http_proxy'],
  ['0.0.0.0', 'http://0.0.0.0/', { http_proxy: P }, 'loopback http_proxy'],
]
for (const [what, url, values, expected] of choices)
  test(`which proxy: ${what}`, () => assert.equal(choose(url, values), expected))

test('names of variables have no case on Windows', () => {
  assert.equal(choose(HTTPS, { Https_Proxy: P }, true), 'proxy https_proxy')
  assert.equal(choose(HTTPS, { Https_Proxy: P }, false), 'none')
})

function read(text: string): string {
  const { proxy, secrets } = readProxy({ text, from: 'HTTPS_PROXY' })
  return [proxy.url.href, proxy.authorization ?? '-', ...secrets].join(' ')
}

const pair = (text: string) => Buffer.from(text).toString('base64')

test('a proxy is read with and without its scheme, user and password', () => {
  assert.equal(read('http://proxy.corp:3128'), 'http://proxy.corp:3128/ -')
  assert.equal(read('proxy.corp:3128'), 'http://proxy.corp:3128/ -')
  assert.equal(read('//proxy.corp:3128/'), 'http://proxy.corp:3128/ -')
  assert.equal(read('https://proxy.corp'), 'https://proxy.corp/ -')
  assert.equal(read('HTTP://[::1]:8'), 'http://[::1]:8/ -')
  const two = pair('al:p@ss word')
  assert.equal(
    read('al:p%40ss%20word@proxy:1'),
    `http://proxy:1/ Basic ${two} ${two} p%40ss%20word p@ss word`,
  )
  assert.equal(read('http://al@proxy:1'), `http://proxy:1/ Basic ${pair('al:')} ${pair('al:')}`)
  assert.equal(
    read('http://al:50%@proxy:1'),
    `http://proxy:1/ Basic ${pair('al:50%')} ${pair('al:50%')} 50% 50%`,
  )
})

test('what is no proxy is refused in a sentence that names the variable, and shows nothing of it', () => {
  for (const [text, why] of [
    ['socks5://al:s3cret@proxy:1080', /^HTTPS_PROXY names a SOCKS proxy, .*; /],
    ['ftp://al:s3cret@proxy', /^HTTPS_PROXY names a proxy that is neither/],
    ['http://al:s3cret@', /^HTTPS_PROXY is not the URL of a proxy; /],
    ['http://proxy:s3cret', /^HTTPS_PROXY is not the URL of a proxy; /],
    ['http://al:1#s3cret@proxy:3128', /^HTTPS_PROXY is not the URL of a proxy|has an @ behind the host/],
    ['http://al/s3cret@proxy:3128', /^HTTPS_PROXY has an @ behind the host.*%2F/],
  ] as const)
    assert.throws(
      () => readProxy({ text, from: 'HTTPS_PROXY' }),
      ({ message, kind }: Error & { kind: string }) => {
        assert.equal(kind, 'usage')
        assert.match(message, why)
        assert.doesNotMatch(message, /s3cret/)
        return true
      },
    )
})

function settle(flags: Readonly<Record<string, string>>, values: Values, url = HTTPS) {
  const given = new Map(Object.entries(flags).map(([name, text]) => [name, [text]]))
  const request = {
    given,
    environment: { values, windows: false },
    home: () => '/',
    readFile: () => Buffer.alloc(0),
  }
  const reading = createReading(request as unknown as Parameters<typeof createReading>[0])
  return { ...readProxies(reading, new URL(url)), secrets: reading.secrets }
}

test('--proxy beats the variables, NO_PROXY too, but never leads to this machine', () => {
  const { proxyFor } = settle({ '--proxy': 'other:1' }, { HTTPS_PROXY: P, NO_PROXY: '*' })
  assert.equal(proxyFor?.(new URL(HTTPS))?.from, '--proxy')
  assert.equal(proxyFor?.(new URL('http://sign-in.example.com/'))?.url.host, 'other:1')
  assert.equal(proxyFor?.(new URL('https://localhost/')), undefined)
})

test('--no-proxy turns off what the variables say, and does not go together with --proxy', () => {
  assert.equal(settle({ '--no-proxy': '' }, { HTTPS_PROXY: P }).proxyFor, undefined)
  assert.equal(settle({}, { HTTPS_PROXY: P, MCP_FERRY_NO_PROXY: 'true' }).proxyFor, undefined)
  assert.equal(settle({}, { MCP_FERRY_PROXY: P }).proxyFor?.(new URL(HTTPS))?.from, 'MCP_FERRY_PROXY')
  assert.throws(
    () => settle({ '--no-proxy': '', '--proxy': P }, {}),
    /--no-proxy and --proxy are both given; /,
  )
  assert.throws(() => settle({ '--no-proxy': '' }, { MCP_FERRY_PROXY: P }), /MCP_FERRY_PROXY are both given/)
})

test('a variable that cannot be used is an error only where it applies', () => {
  const broken = { HTTPS_PROXY: 'socks5://proxy:1080' }
  assert.throws(() => settle({}, broken), /^Error: HTTPS_PROXY names a SOCKS proxy|HTTPS_PROXY names/)
  assert.equal(
    settle({}, broken, 'http://localhost:3000/').proxyFor?.(new URL('http://localhost/')),
    undefined,
  )
  assert.doesNotThrow(() => settle({}, { ...broken, NO_PROXY: 'example.com' }))
  assert.doesNotThrow(() => settle({ '--no-proxy': '' }, broken))
  const { proxyFor } = settle({}, broken, 'http://api.example.com/')
  assert.throws(() => proxyFor?.(new URL(HTTPS)), /HTTPS_PROXY names/)
})

test('passwords of all proxies are known as secrets', () => {
  const { secrets } = settle({}, { HTTPS_PROXY: 'a:first%21@p:1', http_proxy: 'http://b:second@p:1' })
  assert.deepEqual(
    new Set(secrets),
    new Set([pair('a:first!'), 'first%21', 'first!', pair('b:second'), 'second']),
  )
})
