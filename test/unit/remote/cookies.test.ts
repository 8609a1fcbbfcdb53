// The cookie jar: what is kept, where it is sent, what is refused, and whose cookie wins.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCookieJar, mergeCookies } from '../../../src/remote/cookie-jar.ts'

const START = Date.parse('2026-11-22T12:00:00Z')
const MCP = new URL('https://h.example/mcp')

function jar() {
  let time = START
  const { take, header } = createCookieJar(() => time)
  return {
    take,
    header,
    pass: (ms: number) => {
      time += ms
    },
  }
}

/** What is sent to `to` after `from` has set these. */
function sent(setCookies: readonly string[], { from = MCP, to = MCP } = {}): string | undefined {
  const { take, header } = jar()
  take(from, setCookies)
  return header(to)
}

test('a cookie comes back as it was set, without its attributes', () => {
  assert.equal(sent(['AWSALB=abc/+=; Path=/; HttpOnly; SameSite=None']), 'AWSALB=abc/+=')
  assert.equal(sent(['  a  =  "x y"  ']), 'a="x y"')
  assert.equal(sent(['a=']), 'a=')
  assert.equal(sent(['a=1', 'b=2']), 'a=1; b=2')
  assert.equal(sent([]), undefined)
  assert.equal(sent(['a=\xe9']), 'a=\xe9')
})

test('what is no cookie, or could break a header, is left out and the rest is kept', () => {
  const hostile = [
    '',
    'novalue',
    '=x',
    ' =x',
    'a=1\r\nX-Evil: 1',
    'a=1\n',
    'a=\x001',
    'a=\x7f',
    'a=\t1',
    'a\r=1',
    'a=1; Path=/\r\nX: 1',
    'a=\u0120',
    'a=\u{1f36a}',
  ]
  for (const header of hostile) assert.equal(sent([header, 'ok=1']), 'ok=1', JSON.stringify(header))
})

test('names such as __proto__ are names like any other', () => {
  assert.equal(sent(['__proto__=1; __proto__=x', 'constructor=2']), '__proto__=1; constructor=2')
})

test('cookies go to the exact origin that set them, whatever Domain says', () => {
  const set = ['a=1; Domain=example; Path=/']
  assert.equal(sent(set, { to: new URL('https://h.example:443/x') }), 'a=1')
  const others = [
    'http://h.example/mcp',
    'https://h.example:8443/mcp',
    'https://x.h.example/mcp',
    'https://example/mcp',
  ]
  for (const other of others) assert.equal(sent(set, { to: new URL(other) }), undefined, other)
})

test('Secure is sent on https only', () => {
  const plain = new URL('http://127.0.0.1:3000/mcp')
  assert.equal(sent(['a=1; Secure', 'b=2'], { from: plain, to: plain }), 'b=2')
  assert.equal(sent(['a=1; secure=x', 'b=2']), 'a=1; b=2')
})

test('Path decides where a cookie is sent; without one it is the folder of the URL', () => {
  const cases: readonly [from: string, path: string, to: string, isSent: boolean][] = [
    ['/mcp', '', '/', true],
    ['/mcp', '', '/other', true],
    ['/a/mcp', '', '/a/x', true],
    ['/a/mcp', '', '/a', true],
    ['/a/mcp', '', '/ab', false],
    ['/a/mcp', '', '/', false],
    ['/a/mcp', '; Path=/', '/', true],
    ['/a/mcp', '; Path=', '/', false],
    ['/a/mcp', '; Path=relative', '/b', false],
    ['/mcp', '; Path=/mcp', '/mcp', true],
    ['/mcp', '; Path=/mcp', '/mcp/x', true],
    ['/mcp', '; Path=/mcp', '/mcpx', false],
    ['/mcp', '; Path=/mcp/', '/mcp', false],
    ['/mcp', '; Path=/mcp/', '/mcp/x', true],
    ['/mcp', '; Path=/x; Path=/mcp', '/mcp', true],
    ['/mcp', '; pAtH = /mcp ', '/mcp?query=/x', true],
  ]
  for (const [from, path, to, isSent] of cases) {
    const at = (place: string) => new URL(place, MCP)
    const what = `set at ${from}${path}, sent to ${to}`
    assert.equal(sent([`a=1${path}`], { from: at(from), to: at(to) }), isSent ? 'a=1' : undefined, what)
  }
})

test('the cookie of the longer path is sent first; one name may have one value for each path', () => {
  assert.equal(sent(['a=1; Path=/', 'b=2; Path=/mcp', 'a=3; Path=/mcp']), 'b=2; a=3; a=1')
})

test('a cookie that is set again replaces the one before', () => {
  const { take, header } = jar()
  take(MCP, ['a=1', 'b=2'])
  take(MCP, ['a=3'])
  assert.deepEqual(header(MCP)?.split('; ').sort(), ['a=3', 'b=2'])
})

test('Max-Age ends a cookie, beats Expires, and is ignored when it is no number', () => {
  const { take, header, pass } = jar()
  take(MCP, [
    'a=1; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    'b=2; Max-Age=6e9',
    'c=3; Max-Age=99999999999999999999',
  ])
  pass(59_999)
  assert.equal(header(MCP), 'a=1; b=2; c=3')
  pass(1)
  assert.equal(header(MCP), 'b=2; c=3')
})

test('Max-Age of 0 or less deletes the cookie of that name and path, and no other', () => {
  for (const age of ['0', '-1', '-99999999999999999999']) {
    const { take, header } = jar()
    take(MCP, ['a=1', 'a=2; Path=/mcp', 'b=3'])
    assert.deepEqual(take(MCP, [`a=gone; Max-Age=${age}`]), ['2', '3'])
    assert.equal(header(MCP), 'a=2; b=3', age)
  }
})

test('Expires ends a cookie in every way of writing a date, and is ignored when it is none', () => {
  for (const date of [
    'Sun, 22 Nov 2026 12:01:00 GMT',
    'Sunday, 22-Nov-26 12:01:00 GMT',
    'Sun Nov 22 12:01:00 2026',
    'Sun, 22 Nov 2026 12:01:00 UTC',
  ]) {
    const { take, header, pass } = jar()
    take(MCP, [`a=1; Expires=${date}`])
    pass(59_999)
    assert.equal(header(MCP), 'a=1', date)
    pass(1)
    assert.equal(header(MCP), undefined, date)
  }
  for (const none of ['', '0', '-1', 'never', '99:99:99'])
    assert.equal(sent([`a=1; Expires=${none}`]), 'a=1', none)
  assert.equal(sent(['a=1', 'a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT']), undefined)
})

test('of more than 50 cookies the one set longest ago is dropped', () => {
  const { take, header } = jar()
  take(MCP, ['sticky=0', ...Array.from({ length: 49 }, (_, at) => `c${at}=1`)])
  take(MCP, ['sticky=1', 'extra=1'])
  const names = header(MCP)?.split('; ') ?? []
  assert.equal(names.length, 50)
  assert.ok(names.includes('sticky=1'))
  assert.ok(names.includes('extra=1'))
  assert.ok(!names.includes('c0=1'))
})

test('a cookie has at most 4096 bytes, attributes not counted', () => {
  const full = `a=${'x'.repeat(4095)}`
  assert.equal(sent([`${full}; Path=/; HttpOnly`]), full)
  assert.equal(sent([`${full}x`]), undefined)
})

test('take returns all values that are kept, those set last at the end, and none that is deleted', () => {
  const { take } = jar()
  assert.deepEqual(take(MCP, ['a=one', 'b=two; Max-Age=0', 'c=four', 'd=five', 'bad']), [
    'one',
    'four',
    'five',
  ])
  assert.deepEqual(take(MCP, ['a=one', 'd=three']), ['four', 'one', 'three'])
})

test("the user's own cookie wins over the remote's of the same name", () => {
  assert.equal(mergeCookies(undefined, undefined), undefined)
  assert.equal(mergeCookies('u=1', undefined), 'u=1')
  assert.equal(mergeCookies(undefined, 'j=1'), 'j=1')
  assert.equal(mergeCookies('a=user; b=user', 'a=jar; c=jar; B=jar'), 'a=user; b=user; c=jar; B=jar')
  assert.equal(mergeCookies('a=user;', 'a=jar'), 'a=user')
  assert.equal(mergeCookies(' a = x=y ;b', 'a=jar; b=jar; c=1=2'), ' a = x=y ;b; c=1=2')
})
