// All accounts at once: those that cannot be used are named beside the others, and can be removed.
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { accountFile } from '../../../src/auth/kept/account-file.ts'
import { listAccounts, removeAccountFile } from '../../../src/auth/kept/accounts.ts'
import { createKeychainVault } from '../../../src/auth/kept/keychain-store.ts'
import { openStore } from '../../../src/auth/kept/open-store.ts'
import { createLog } from '../../../src/log.ts'

const settings = { platform: process.platform, env: {} }

function setUp(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'accounts-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const log = createLog({ level: 'silent', json: false, secrets: [], write: () => {} })
  const all = { folder, log, vault: createKeychainVault(settings) }
  const keep = async (url: string, profile = '') => {
    const store = openStore({ ...settings, choice: 'file', folder, url: new URL(url), profile, log })
    await store.change(() => ({ url, profile, grants: {} }))
    return accountFile(folder, new URL(url), profile)
  }
  return { all, keep }
}

test('each is listed; where there is no folder there is none', async (t) => {
  const { all, keep } = setUp(t)
  assert.deepEqual(await listAccounts(all), [])
  await keep('https://b.example/mcp')
  await keep('https://a.example/mcp', 'work')
  const listed = await listAccounts(all)
  assert.deepEqual(
    listed.map((one) => one.kind === 'account' && [one.account.url, one.account.profile, one.keptIn]),
    [
      ['https://a.example/mcp', 'work', 'file'],
      ['https://b.example/mcp', '', 'file'],
    ],
  )
})

test('what cannot be used is listed with why, and what lies beside accounts is not listed', async (t) => {
  const { all, keep } = setUp(t)
  const damaged = await keep('https://a.example/mcp')
  await keep('https://b.example/mcp')
  writeFileSync(damaged, '{"version":1,"access":"s3cr3t-t0ken"')
  writeFileSync(`${damaged}.sign-in.lock`, '')
  const [first, second, ...more] = await listAccounts(all)
  assert.deepEqual(more, [])
  assert.equal(second?.kind, 'account')
  assert.ok(first?.kind === 'unusable', 'it is named')
  assert.match(first.note, /damaged: run mcp-ferry logout/)
  assert.ok(!first.note.includes('s3cr3t'), 'nothing of what is in it')
})

test('removed is also what is damaged, or what others can read', async (t) => {
  const { all, keep } = setUp(t)
  for (const spoil of [
    (file: string) => writeFileSync(file, '{'),
    (file: string) => chmodSync(file, 0o644),
    () => {},
  ]) {
    const file = await keep('https://a.example/mcp', 'work')
    spoil(file)
    assert.equal(
      await removeAccountFile(accountFile(all.folder, new URL('https://a.example/mcp'), ''), all.vault),
      false,
      'another profile',
    )
    assert.equal(await removeAccountFile(file, all.vault), true)
    assert.equal(existsSync(file), false)
    assert.equal(await removeAccountFile(file, all.vault), false)
  }
})
