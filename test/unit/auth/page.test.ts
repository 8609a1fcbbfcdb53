// The pages at the end of a sign-in: what they say, and what they must not be able to do.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { type Stray, strayPage, type Told, tellingPage } from '../../../src/auth/person/page.ts'

const SHOWN = { server: 'mcp.example.com', login: 'mcp-ferry login https://mcp.example.com/mcp' }
const TOLD: readonly Told[] = ['signed-in', 'failed', 'refused', 'working', 'answered']
const STRAYS: readonly Stray[] = ['early', 'method', 'path', 'host', 'state', 'repeated']
const pages = [...TOLD.map((told) => tellingPage(told, SHOWN)), ...STRAYS.map(strayPage)]

test('no page is kept, framed, told to others, or runs anything', () => {
  for (const { headers, body } of pages) {
    assert.equal(headers['Cache-Control'], 'no-store')
    assert.equal(headers['Referrer-Policy'], 'no-referrer')
    assert.equal(headers['X-Content-Type-Options'], 'nosniff')
    assert.equal(headers['X-Frame-Options'], 'DENY')
    assert.match(headers['Content-Security-Policy']!, /^default-src 'none'; style-src 'sha256-[^']+'; /)
    assert.match(headers['Content-Security-Policy']!, /frame-ancestors 'none'/)
    assert.doesNotMatch(body, /<script|<img|<link|<form|<a |style=| on\w+=|https?:\/\/(?!mcp\.example)/i)
  }
})

test('the policy allows the style that is in the page', () => {
  const { headers, body } = tellingPage('signed-in', SHOWN)
  const [, style] = /<style>(.*)<\/style>/s.exec(body)!
  const hash = createHash('sha256').update(style!).digest('base64')
  assert.match(headers['Content-Security-Policy']!, new RegExp(`'sha256-${hash.replace(/[+/]/g, '\\$&')}'`))
})

test('each says which server it is about, and what to do', () => {
  for (const told of TOLD) assert.match(tellingPage(told, SHOWN).body, /mcp\.example\.com/, told)
  const signedIn = tellingPage('signed-in', SHOWN)
  assert.equal(signedIn.status, 200)
  assert.match(signedIn.body, /Signed in to mcp\.example\.com/)
  assert.match(signedIn.body, /close this tab/)
  for (const told of ['failed', 'refused'] as const) {
    const { body } = tellingPage(told, SHOWN)
    assert.match(body, /Not signed in to mcp\.example\.com/)
    assert.match(body, /<code>mcp-ferry login https:\/\/mcp\.example\.com\/mcp<\/code>/)
    assert.doesNotMatch(body, /Signed in/)
  }
  assert.match(tellingPage('failed', { server: 'h' }).body, /<code>mcp-ferry login &lt;url&gt;<\/code>/)
})

test('names are text, not HTML', () => {
  const nasty = `<img src=x onerror="alert('1')">&`
  const escaped = '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;'
  for (const told of TOLD) {
    const { body } = tellingPage(told, { server: nasty, login: nasty })
    assert.equal(body.includes(nasty), false, told)
    assert.equal(body.includes(escaped), true, told)
  }
})

test('only success goes on to the address that the user has given', () => {
  const shown = { ...SHOWN, successUrl: new URL('https://done.example/ok?x=1') }
  const { status, headers, body } = tellingPage('signed-in', shown)
  assert.deepEqual([status, headers.Location, body], [303, 'https://done.example/ok?x=1', ''])
  assert.equal(headers['Referrer-Policy'], 'no-referrer')
  for (const told of TOLD.filter((other) => other !== 'signed-in'))
    assert.equal(tellingPage(told, shown).headers.Location, undefined, told)
})

test('a stray learns nothing about the sign-in', () => {
  assert.deepEqual(
    STRAYS.map((stray) => strayPage(stray).status),
    [503, 405, 404, 400, 400, 400],
  )
  assert.equal(strayPage('method').headers.Allow, 'GET')
  for (const stray of STRAYS) assert.doesNotMatch(strayPage(stray).body, /mcp\.example/)
})
