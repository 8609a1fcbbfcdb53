// What is shown of an account: when it ends, in words that one would say, and nothing that is secret.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { Account } from '../../../src/auth/kept/account.ts'
import { isColoured } from '../../../src/shell/colour.ts'
import { distance, linesOf, viewOf } from '../../../src/shell/commands/account-view.ts'
import { ACCOUNT, SECRETS } from '../../fixtures/auth/account.ts'

const NOW = 1_780_000_000_000
const listed = (account: Account) =>
  ({ kind: 'account', file: '/home/me/accounts/a.json', keptIn: 'file', account }) as const

for (const [ms, words] of [
  [0, 'in 0 seconds'],
  [1000, 'in 1 second'],
  [-90_000, '90 seconds ago'],
  [59.6 * 60_000, 'in 60 minutes'],
  [3 * 3_600_000, 'in 3 hours'],
  [47 * 3_600_000, 'in 47 hours'],
  [-12 * 86_400_000, '12 days ago'],
] as const)
  test(`${ms} ms is ${words}`, () => assert.equal(distance(ms), words))

test('everything that can be in an account is shown without its secrets', () => {
  const view = viewOf(listed(ACCOUNT), NOW)
  const text = JSON.stringify(view) + linesOf(view, NOW, false).join('\n')
  for (const secret of SECRETS) assert.ok(!text.includes(secret), secret)
  assert.match(text, /a sign-in waits for you since 2026-05-28/)
  assert.match(text, /admin was asked for in vain/)
})

test('who has said no is told so when no sign-in waits', () => {
  const { pending: _, ...rest } = ACCOUNT
  const view = viewOf(listed(rest), NOW + 7_200_000)
  assert.match(linesOf(view, NOW + 7_200_000, false).join('\n'), /you said no 2 hours ago/)
  assert.deepEqual('denied' in view && view.denied, [], 'what is denied no more is not shown')
})

test('what is over and cannot be renewed is expired; what can be is not', () => {
  const grant = ACCOUNT.grants['https://as.example.com']!
  const { refresh: _, ...tokens } = grant.tokens!
  const over = { ...ACCOUNT, grants: { 'https://as.example.com': { ...grant, tokens } } }
  const later = tokens.expiresAt! + 1
  const stateOf = (account: Account) => (viewOf(listed(account), later) as { state?: string }).state
  assert.equal(stateOf(over), 'expired')
  assert.equal(stateOf(ACCOUNT), 'signed-in')
  assert.equal(stateOf({ ...ACCOUNT, grants: {} }), 'not-signed-in')
})

test('colours are for terminals, unless nobody wants them', () => {
  assert.ok(isColoured({ isTTY: true }, {}), 'a terminal')
  assert.ok(!isColoured({}, {}), 'a pipe')
  assert.ok(!isColoured({ isTTY: true }, { NO_COLOR: '1' }), 'NO_COLOR')
  assert.ok(isColoured({ isTTY: true }, { NO_COLOR: '' }), 'an empty NO_COLOR says nothing')
  assert.ok(!isColoured({ isTTY: true }, { TERM: 'dumb' }), 'a terminal that knows none')
  for (const FORCE_COLOR of ['1', '3', 'true', ''])
    assert.ok(isColoured({}, { FORCE_COLOR, TERM: 'dumb' }), `FORCE_COLOR=${FORCE_COLOR}`)
  for (const FORCE_COLOR of ['0', 'false'])
    assert.ok(!isColoured({ isTTY: true }, { FORCE_COLOR }), `FORCE_COLOR=${FORCE_COLOR}`)
  assert.ok(!isColoured({ isTTY: true }, { FORCE_COLOR: '1', NO_COLOR: '1' }), 'NO_COLOR has the last word')
  const view = viewOf(listed(ACCOUNT), NOW)
  assert.ok(linesOf(view, NOW, true).join().includes('\x1b['), 'there are no colours')
  assert.ok(!linesOf(view, NOW, false).join().includes('\x1b['), 'there are colours')
})
