// Which URLs of others are used: schemes, hosts, addresses in all their spellings, and what a browser may be given.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browserUrl, checkUrl, isPrivateAddress, rulesFor } from '../../../src/auth/safe-url.ts'

const PUBLIC = rulesFor(new URL('https://mcp.example.com/mcp'), false, false)
const LOCAL = rulesFor(new URL('http://localhost:3000/mcp'), true, false)

function check(text: unknown, rules = PUBLIC): string {
  try {
    return checkUrl(text, 'the token endpoint', rules).href
  } catch (error) {
    assert.equal((error as { kind?: string }).kind, 'auth-failed')
    return (error as Error).message
  }
}

const PRIVATE =
  `0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.0.1 169.254.169.254
  172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9
  224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
  :: ::1 ::ffff:127.0.0.1 ::ffff:a9fe:a9fe ::ffff:0:10.0.0.1 ::10.0.0.1 64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe
  64:ff9b:1::8.8.8.8 100::1 2001::1 2001:0:1::5 2001:db8::1 2002:7f00:1:: 2002:a9fe:a9fe::1 3fff::1 5f00::1 fc00::1 fd12::1
  fe80::1 fe80::1%eth0 fec0::1 ff02::1 0:0:0:0:0:ffff:7f00:1 nonsense`.split(/\s+/)
const OPEN =
  `1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.0 172.15.0.1 172.32.0.1 169.253.0.1 192.0.1.1 198.20.0.1 223.255.255.255
  2606:4700::1111 2001:4860:4860::8888 2a00:1450::1 ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1`.split(
    /\s+/,
  )

test('private addresses are told from public ones, in each of their forms', () => {
  assert.deepEqual(
    PRIVATE.filter((ip) => !isPrivateAddress(ip)),
    [],
  )
  assert.deepEqual(OPEN.filter(isPrivateAddress), [])
})

test('a URL of a public server is https, with nothing in it that hides where it leads', () => {
  assert.equal(check('https://auth.example.com/token?tenant=1'), 'https://auth.example.com/token?tenant=1')
  assert.equal(check('HTTPS://Auth.Example.com'), 'https://auth.example.com/')
  const refused: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /not a URL/],
    [{ href: 'https://h/' }, /not a URL/],
    ['/token', /not a URL/],
    ['http://auth.example.com/token', /http:\/\/auth\.example\.com is not encrypted/],
    ['http://localhost/token', /not encrypted/],
    ['javascript:alert(1)', /begins with javascript:/],
    ['file:///etc/passwd', /begins with file:/],
    ['file:/c:/windows/system32/calc.exe', /begins with file:/],
    ['data:text/html,x', /begins with data:/],
    ['ms-msdt:/id', /begins with ms-msdt:/],
    ['https://user:s3cret@auth.example.com/', /on auth\.example\.com has a user name/],
    ['https://auth.example.com/token#x', /fragment/],
    ['https://auth.example.com/token#', /fragment/],
    ['https://a$(calc).example.com/', /host name/],
  ]
  for (const [text, why] of refused) {
    const message = check(text)
    assert.match(message, /^the token endpoint cannot be used: /)
    assert.match(message, why)
  }
})

test('a refusal shows neither user name nor query', () => {
  for (const text of ['https://user:s3cret@h.example/', 'http://h.example/?key=s3cret'])
    assert.doesNotMatch(check(text), /s3cret|user:/)
})

test('literal private addresses are refused however they are written', () => {
  const hosts =
    '10.1.2.3 0xa9fea9fe 2130706433 127.1 0177.0.0.1 [::1] [::ffff:10.0.0.1] [fe80::1] [64:ff9b::a00:1] localhost. a.localhost'
  for (const host of hosts.split(' ')) assert.match(check(`https://${host}/x`), /--allow-private/, host)
})

test('private addresses are for servers that are private themselves, and for those who say so', () => {
  const server = new URL('https://mcp.example.com/mcp')
  for (const rules of [rulesFor(server, true, false), rulesFor(server, false, true)]) {
    assert.equal(check('https://10.1.2.3/x', rules), 'https://10.1.2.3/x')
    assert.match(check('http://10.1.2.3/x', rules), /not encrypted/)
  }
  const literal = rulesFor(new URL('https://192.168.0.2/mcp'), false, false)
  assert.equal(check('https://192.168.0.3/x', literal), 'https://192.168.0.3/x')
})

test('plain http is for this machine if the server is on it, and for the host that is reached by it anyway', () => {
  for (const host of ['localhost:9', '127.0.0.1:9', '[::1]:9'])
    assert.equal(check(`http://${host}/x`, LOCAL), `http://${host}/x`)
  assert.match(check('http://auth.example.com/x', LOCAL), /not encrypted/)
  assert.match(check('http://169.254.169.254/', LOCAL), /not encrypted/)
  const plain = rulesFor(new URL('http://mcp.lan:8080/mcp'), false, false)
  assert.equal(check('http://mcp.lan:9090/token', plain), 'http://mcp.lan:9090/token')
  assert.match(check('http://other.lan/token', plain), /not encrypted/)
  assert.match(check('http://localhost/token', plain), /not encrypted/)
})

test('a browser is given a URL of web characters, and nothing else', () => {
  const fine = [
    'https://auth.example.com/authorize?client_id=a&scope=x+y&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcb',
    'http://localhost:3000/authorize?state=~._-',
    'https://[2606:4700::1111]/a',
  ]
  for (const text of fine) assert.equal(browserUrl(new URL(text)), text)
  // Spaces, quotes and what is not ASCII are encoded by the parser.
  assert.equal(
    browserUrl(new URL('https://h.example/a b"?q=<é>\'')),
    'https://h.example/a%20b%22?q=%3C%C3%A9%3E%27',
  )
  const refused = [
    'https://h.example/?a=`calc.exe`',
    'https://h.example/?a=b|calc.exe',
    'https://h.example/?a=\\\\host\\share',
    'https://h.example/?a=^b',
    'https://h.example/?a={b}',
    'https://h.example/%PATH%',
    'https://h.example/#x',
    'https://a$(calc.exe)/',
    'https://a&calc.exe/',
    "https://h.example'&calc&'/",
    'https://user:s3cret@h.example/',
    'file:/c:/windows/system32/calc.exe',
    'javascript:alert(1)',
    'vbscript:x',
    'ssh://h.example/',
  ]
  for (const text of refused)
    assert.throws(
      () => browserUrl(new URL(text)),
      (error: Error & { kind?: string }) => error.kind === 'auth-failed' && !error.message.includes('s3cret'),
      text,
    )
})
