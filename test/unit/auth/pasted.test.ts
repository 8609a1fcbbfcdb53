// What people paste at the end of a sign-in on another machine: as terminals, mails and chats deliver it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRepeating, readPasted, sameState } from '../../../src/auth/person/pasted.ts'

const URL_TEXT =
  'http://127.0.0.1:20517/oauth/callback?code=a%2Fb%2Bc&state=Zx-9_&iss=https%3A%2F%2Fas.example'
const PARAMS = [
  ['code', 'a/b+c'],
  ['state', 'Zx-9_'],
  ['iss', 'https://as.example'],
]

function paramsOf(text: string): string[][] {
  const pasted = readPasted(text)
  assert.equal(pasted.kind, 'params', JSON.stringify(pasted))
  return [...(pasted as { params: URLSearchParams }).params]
}

function complaintAbout(text: string): string {
  const pasted = readPasted(text)
  assert.equal(pasted.kind, 'unusable')
  return (pasted as { why: string }).why
}

for (const [how, text] of [
  ['as it is', URL_TEXT],
  ['with blanks and line ends around it', `  ${URL_TEXT}\r\n`],
  ['in double quotes', `"${URL_TEXT}"`],
  ['in single quotes', `'${URL_TEXT}' `],
  ['in typographic quotes', `“${URL_TEXT}”`],
  ['in angle brackets', `<${URL_TEXT}>`],
  ['wrapped by a terminal', `${URL_TEXT.slice(0, 40)}\n${URL_TEXT.slice(40, 60)}\r\n  ${URL_TEXT.slice(60)}`],
  ['with invisible characters', `\ufeff${URL_TEXT.slice(0, 30)}\u200b${URL_TEXT.slice(30)}`],
  ['as a bracketed paste', `\x1b[200~${URL_TEXT}\x1b[201~`],
  ['escaped for a shell', URL_TEXT.replace(/[?&=]/g, '\\$&')],
  ['escaped for HTML', URL_TEXT.replaceAll('&', '&amp;')],
  ['with the fragment that some servers append', `${URL_TEXT}#_=_`],
  ['the query alone', URL_TEXT.split('?')[1]!],
  ['the query with its question mark', `?${URL_TEXT.split('?')[1]}`],
  ['without the scheme, as browsers show it', URL_TEXT.replace('http://', '')],
] as const) {
  test(`the address is read: ${how}`, () => assert.deepEqual(paramsOf(text), PARAMS))
}

test('an error of the authorization server is an answer too', () => {
  assert.deepEqual(paramsOf('http://127.0.0.1:1/cb?error=access_denied&state=s'), [
    ['error', 'access_denied'],
    ['state', 's'],
  ])
})

for (const [what, text, expected] of [
  ['nothing', ' \n', /^nothing was pasted: paste the whole address/],
  ['quotes alone', '""', /^nothing was pasted/],
  ['the code alone', 'SECRET-0123456789', /^this is no address/],
  ['an address without a query', 'http://127.0.0.1:1/oauth/callback', /^this address has no code/],
  [
    'an address with neither code nor error',
    'http://127.0.0.1:1/cb?state=SECRET',
    /^this address has no code/,
  ],
  ['the code in the fragment', 'http://127.0.0.1:1/cb#code=SECRET&state=SECRET', /^this address has no code/],
  [
    'the address of the sign-in page',
    'https://as.example/authorize?client_id=SECRET&response_type=code&state=SECRET',
    /^this is the address to sign in at, not the one that follows/,
  ],
  ['an address that was cut', 'http://127.0.0.1:1/cb?code=SECRET', /^a part of the address is missing/],
  ['two codes', 'http://127.0.0.1:1/cb?code=SECRET&code=SECRET2&state=s', /comes twice/],
  ['two states', 'http://127.0.0.1:1/cb?code=SECRET&state=s&state=s', /comes twice/],
  ['a novel', `http://127.0.0.1:1/cb?code=${'SECRET'.repeat(20_000)}`, /^this is too long/],
] as const) {
  test(`a sentence that repeats nothing of it: ${what}`, () => {
    const why = complaintAbout(text)
    assert.match(why, expected)
    assert.doesNotMatch(why, /SECRET/)
  })
}

test('states are compared whole, whatever their length', () => {
  assert.equal(sameState('abc', 'abc'), true)
  assert.equal(sameState('', ''), true)
  for (const other of ['', 'ab', 'abd', 'abcd', 'ABC', 'abc\0', 'ａbc'])
    assert.equal(sameState('abc', other), false, other)
})

test('what may come once at most is counted, anything else is not', () => {
  for (const name of ['code', 'state', 'iss', 'error'])
    assert.equal(isRepeating(new URLSearchParams(`${name}=1&x=2&${name}=1`)), true, name)
  assert.equal(isRepeating(new URLSearchParams('code=1&state=2&scope=a&scope=b')), false)
})
