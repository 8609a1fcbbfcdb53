// Variables in the URL, userinfo, and which plain http is allowed.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reachOf } from '../../../src/options/plain-http.ts'
import { run } from './command-lines.ts'

const ENV = {
  BASE: 'https://h.example',
  BASE_PATH: 'https://h.example/api',
  WHOLE: 'https://h.example/mcp?a=1&b=%20#x',
  QUOTED: '"https://h.example/mcp"',
  HOST: 'h.example',
  PORT: '8443',
  SCHEME: 'https',
  PATH_PART: '/v1/mcp?x=1',
  KEY: 'a/b c&d=e?f#g%h',
  USER: 'me@home',
  PASS: 'p@ss/w:rd',
  TRIMMED: 'abc\n',
}

const FILLED: Readonly<Record<string, string>> = {
  '${WHOLE}': 'https://h.example/mcp?a=1&b=%20',
  '${env:WHOLE}': 'https://h.example/mcp?a=1&b=%20',
  '"${WHOLE}"': 'https://h.example/mcp?a=1&b=%20',
  '${QUOTED}': 'https://h.example/mcp',
  '${BASE}/mcp': 'https://h.example/mcp',
  '${BASE}${PATH_PART}': 'https://h.example/v1/mcp?x=1',
  '${BASE_PATH}${PATH_PART}': 'https://h.example/api/v1/mcp?x=1',
  '${BASE}/${KEY}/mcp': 'https://h.example/a%2Fb%20c%26d%3De%3Ff%23g%25h/mcp',
  '${BASE}/mcp?key=${KEY}&x=1': 'https://h.example/mcp?key=a%2Fb%20c%26d%3De%3Ff%23g%25h&x=1',
  'https://${HOST}/mcp': 'https://h.example/mcp',
  'https://${HOST}:${PORT}/mcp': 'https://h.example:8443/mcp',
  '${SCHEME}://${HOST}/mcp': 'https://h.example/mcp',
  'https://h.example/${NOPE:-mcp}': 'https://h.example/mcp',
  '${NOPE:-https://h.example/mcp}': 'https://h.example/mcp',
  'https://h.example/mcp${NOPE:-}': 'https://h.example/mcp',
  'https://h.example/$${X}': 'https://h.example/$%7BX%7D',
  'https://h.example/${TRIMMED}': 'https://h.example/abc',
}

for (const [template, href] of Object.entries(FILLED))
  test(`the URL ${template} is filled in, as an argument and from MCP_FERRY_URL`, () => {
    assert.equal(run({ argv: [template], env: ENV }).options?.url.href, href)
    assert.equal(run({ argv: [], env: { ...ENV, MCP_FERRY_URL: template } }).options?.url.href, href)
  })

test('the URL from --url-env is taken as it is', () => {
  const { options } = run({
    argv: ['--url-env', 'U'],
    env: { U: `https://h.example/a%2Fb?x=$\{KEY}&y=1`, KEY: 'k' },
  })
  assert.equal(options?.url.href, `https://h.example/a%2Fb?x=$\{KEY}&y=1`)
})

test('a value is never looked into again', () => {
  const { options } = run({ argv: [`https://h.example/?k=$\{A}`], env: { A: `$\{B}`, B: 'other' } })
  assert.equal(options?.url.searchParams.get('k'), `$\{B}`)
})

const REFUSED: Readonly<Record<string, string>> = {
  'https://h.example/${NOPE}': 'env-undefined',
  'https://h.example/${EMPTY}': 'env-empty',
  'https://h.example/${input:x}': 'env-syntax',
  'https://h.example/${NOPE': 'env-syntax',
  '${SELF}': 'env-undefined',
  '${HOST}/mcp': 'url-invalid',
  '${NOPE:-}': 'url-missing',
  '${FTP}': 'url-invalid',
  '${BLANK}': 'url-invalid',
}

for (const [template, code] of Object.entries(REFUSED))
  test(`the URL ${template} is refused with ${code}`, () => {
    const env = {
      ...ENV,
      EMPTY: '',
      SELF: `$\{SELF}`,
      FTP: 'ftp://h.example/s3cr3t',
      BLANK: 'https://h.example/s3cr3t x',
    }
    const outcome = run({ argv: [template], env })
    assert.equal(outcome.error, code)
    assert.doesNotMatch(outcome.sentences.join(), /s3cr3t|h\.example/)
  })

test('userinfo becomes a header and leaves the URL', () => {
  const { options } = run({ argv: [`https://$\{USER}:$\{PASS}@h.example/mcp`], env: ENV })
  assert.equal(options?.url.href, 'https://h.example/mcp')
  assert.deepEqual(options?.headers, [
    { name: 'Authorization', value: `Basic ${Buffer.from('me@home:p@ss/w:rd').toString('base64')}` },
  ])
})

test('userinfo with a percent sign that encodes nothing is taken as it is', () => {
  const { options } = run({ argv: ['https://u:100%@h.example/'] })
  assert.equal(options?.headers[0]?.value, `Basic ${Buffer.from('u:100%').toString('base64')}`)
})

test('an Authorization header beats userinfo, from a flag and from a variable', () => {
  for (const outcome of [
    run({ argv: ['https://u:pass9@h.example/', '-H', 'authorization: Bearer x'] }),
    run({ argv: ['https://u:pass9@h.example/'], env: { MCP_FERRY_HEADER: 'authorization: Bearer x' } }),
  ]) {
    assert.deepEqual(outcome.options?.headers, [{ name: 'authorization', value: 'Bearer x' }])
    assert.equal(outcome.options?.url.href, 'https://h.example/')
    assert.deepEqual(
      outcome.options?.warnings.map(({ code, level }) => [code, level]),
      [['userinfo-ignored', 'info']],
    )
    assert.doesNotMatch(outcome.sentences.join(), /pass9/)
  }
})

const REACH: Readonly<Record<string, readonly string[]>> = {
  loopback: [
    'localhost',
    'LOCALHOST',
    'localhost.',
    'a.b.localhost',
    '127.0.0.1',
    '127.9.8.7',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
    'host.docker.internal',
    '0.0.0.0',
    '[::]',
  ],
  private: [
    '10.0.0.1',
    '10.255.255.255',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.1.1',
    '100.64.0.1',
    '100.127.255.255',
    '[fc00::1]',
    '[fdff::1]',
    '[fe80::1]',
    '[febf::1]',
    '[::ffff:10.1.2.3]',
    '[::ffff:192.168.0.1]',
    'printer.local',
    'nas.lan',
    'svc.corp.internal',
    'box.home.arpa',
    'nas.lan.',
    '3232235777',
  ],
  public: [
    'example.com',
    'localhost.evil.com',
    '127.0.0.1.evil.com',
    'notlocalhost',
    'evil-localhost',
    'local',
    'lan',
    'internal',
    'host.docker.internal.evil.com',
    '9.255.255.255',
    '11.0.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '192.167.1.1',
    '192.169.1.1',
    '100.63.0.1',
    '100.128.0.1',
    '169.253.0.1',
    '[fe00::1]',
    '[fec0::1]',
    '[fbff::1]',
    '[2001:db8::1]',
    '[::2]',
    '[::ffff:8.8.8.8]',
    '[::7f00:1]',
    '8.8.8.8',
    'home.arpa.evil.com',
    'xlocal',
    '1.1',
  ],
}

for (const [reach, hosts] of Object.entries(REACH))
  for (const host of hosts)
    test(`plain http to ${host} is ${reach}`, () => {
      const url = new URL(`http://${host}/mcp`)
      assert.equal(reachOf(url.hostname), reach)
      const plain = run({ argv: [`http://${host}/mcp?k=s3cr3t`] })
      const allowed = run({ argv: [`http://${host}/mcp?k=s3cr3t`, '--allow-http'] })
      assert.equal(allowed.options?.plainHttp, reach === 'loopback' ? 'loopback' : 'allowed')
      assert.deepEqual(allowed.options?.warnings, [])
      assert.equal(plain.error, reach === 'public' ? 'http-not-allowed' : undefined)
      assert.equal(plain.options?.plainHttp, reach === 'public' ? undefined : reach)
      assert.deepEqual(
        plain.options?.warnings.map(({ code }) => code),
        reach === 'public' ? undefined : reach === 'private' ? ['plain-http'] : [],
      )
      assert.doesNotMatch(plain.sentences.join(), /s3cr3t|\/mcp/)
    })

test('MCP_FERRY_ALLOW_HTTP allows plain http, and the flag beats it', () => {
  const url = 'http://example.com/mcp'
  for (const yes of ['1', 'true', 'YES', 'on'])
    assert.equal(run({ argv: [url], env: { MCP_FERRY_ALLOW_HTTP: yes } }).options?.plainHttp, 'allowed')
  for (const no of ['0', 'false', 'No', 'off', ''])
    assert.equal(run({ argv: [url], env: { MCP_FERRY_ALLOW_HTTP: no } }).error, 'http-not-allowed')
  assert.equal(
    run({ argv: [url, '--allow-http'], env: { MCP_FERRY_ALLOW_HTTP: '0' } }).options?.plainHttp,
    'allowed',
  )
})

test('a key in the path is a secret wherever the URL came from, and the words around it are not', () => {
  const cases: [Parameters<typeof run>[0], string[], string[]][] = [
    [
      { argv: ['--url-env', 'M'], env: { M: 'https://h.example/v1/mcp/s3cr3tkey99' } },
      ['s3cr3tkey99'],
      ['mcp', 'v1'],
    ],
    [
      { argv: [], env: { MCP_FERRY_URL: 'https://h.example/xkeysib-9f8a7b/mcp' } },
      ['xkeysib-9f8a7b'],
      ['mcp'],
    ],
    [
      { argv: ['http://${H}'], env: { H: '127.0.0.1:9/a%2Fb3c4d5e6/mcp' } },
      ['a/b3c4d5e6', 'a%2Fb3c4d5e6'],
      ['mcp'],
    ],
    [
      { argv: ['https://h.example/api/notifications/mcp-server'] },
      [],
      ['notifications', 'mcp-server', 'api'],
    ],
  ]
  for (const [given, hidden, shown] of cases) {
    const { options } = run(given)
    for (const secret of hidden) assert.ok(options?.secrets.includes(secret), secret)
    for (const word of shown) assert.ok(!options?.secrets.includes(word), word)
  }
})
