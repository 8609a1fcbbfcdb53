// Accounts in the system's keychain: real processes, of tools that stand first on the PATH.
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import nodeTest, { type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { accountFile } from '../../../src/auth/kept/account-file.ts'
import { listAccounts, removeAccountFile } from '../../../src/auth/kept/accounts.ts'
import { readKeychain } from '../../../src/auth/kept/keychain.ts'
import { createKeychainVault } from '../../../src/auth/kept/keychain-store.ts'
import { openStore } from '../../../src/auth/kept/open-store.ts'
import { createLog } from '../../../src/log.ts'
import { ACCOUNT, ACCOUNT_URL, SECRETS } from '../../fixtures/auth/account.ts'

const FAKE = fileURLToPath(new URL('../../fixtures/auth/fake-keychain.cjs', import.meta.url))
const log = createLog({ level: 'silent', json: false, secrets: [], write: () => {} })
const NO_SCRIPTS = process.platform === 'win32' ? 'the tools are shell scripts' : false

function test(name: string, body: (t: TestContext) => Promise<void>): void {
  void nodeTest(name, { timeout: 120_000, skip: NO_SCRIPTS }, body)
}

function setUp(t: TestContext, platform: string, more: Record<string, string> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'keychain-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const bin = join(root, 'bin')
  mkdirSync(bin)
  const tool = join(bin, platform === 'darwin' ? 'security' : 'secret-tool')
  writeFileSync(tool, `#!/bin/sh\nexec '${process.execPath}' '${FAKE}' "$0" "$@"\n`)
  chmodSync(tool, 0o755)
  const entries = join(root, 'entries')
  const env = { PATH: bin, FAKE_KEYCHAIN: entries, ...more }
  const folder = join(root, 'ours')
  const open = (choice: 'file' | 'keychain') =>
    openStore({ choice, folder, url: ACCOUNT_URL, profile: 'work', platform, env, log })
  const vault = createKeychainVault({ platform, env })
  return { root, env, entries, folder, open, vault, tool, file: accountFile(folder, ACCOUNT_URL, 'work') }
}

const names = (entries: string): string[] => Object.keys(JSON.parse(readFileSync(entries, 'utf8')))

for (const platform of ['linux', 'darwin']) {
  test(`${platform}: the account is in the keychain, nothing of it in the file or in argv`, async (t) => {
    const { entries, open, file, folder, vault } = setUp(t, platform)
    assert.deepEqual(await open('keychain').change(() => ACCOUNT), ACCOUNT)
    assert.deepEqual(await open('keychain').read(), ACCOUNT)
    const visible = readFileSync(file, 'utf8') + readFileSync(`${entries}.args`, 'utf8')
    for (const secret of SECRETS) {
      assert.ok(!visible.includes(secret), secret)
      assert.ok(!visible.includes(Buffer.from(secret).toString('base64url')), secret)
    }
    assert.deepEqual(await listAccounts({ folder, vault, log }), [
      { kind: 'account', file, keptIn: 'keychain', account: ACCOUNT },
    ])
  })

  test(`${platform}: it goes on lying there, changed at once, and what was is forgotten`, async (t) => {
    const { entries, open, file, vault } = setUp(t, platform)
    await open('file').change(() => ACCOUNT)
    const long = { ...ACCOUNT, current: 'x'.repeat(9000) }
    await open('keychain').change(() => long)
    assert.ok(!readFileSync(file, 'utf8').includes(SECRETS[0]!), 'moved out of the file')
    assert.ok(names(entries).length > 4, 'in pieces')
    assert.deepEqual(await open('file').read(), long)
    await open('file').change(() => ({ ...ACCOUNT, grants: {} }))
    const left = names(entries).length
    assert.ok(left < 3, `${left} pieces: the old ones are still there`)
    assert.equal(await removeAccountFile(file, vault), true)
    assert.deepEqual(names(entries), [])
    assert.equal(existsSync(file), false)
    assert.equal(await removeAccountFile(file, vault), false)
  })

  test(`${platform}: a locked keychain is told with what it says, a missing tool with what to install`, async (t) => {
    const { env, entries, open, tool, file } = setUp(t, platform)
    await open('keychain').change(() => ACCOUNT)
    Object.assign(env, { FAKE_KEYCHAIN_LOCKED: '1' })
    await assert.rejects(open('keychain').read(), {
      kind: 'auth-failed',
      message: /does not answer \(the keychain is locked\): unlock it.*--store file/,
    })
    Object.assign(env, { FAKE_KEYCHAIN_LOCKED: '' })
    writeFileSync(entries, '{}')
    await assert.rejects(open('keychain').read(), {
      kind: 'auth-failed',
      message: /not in the keychain any more/,
    })
    rmSync(tool)
    await assert.rejects(open('keychain').read(), {
      kind: 'auth-failed',
      message: /there is no (security|secret-tool): /,
    })
    assert.ok(existsSync(file), 'what cannot be read stays')
  })

  test(`${platform}: a value that somebody has put there is read, one that is not there is told`, async (t) => {
    const { env, entries } = setUp(t, platform)
    writeFileSync(entries, JSON.stringify({ '["my service","me"]': 'a "value" $x' }))
    assert.equal(
      await readKeychain({ service: 'my service', account: 'me' }, { platform, env }),
      'a "value" $x',
    )
    await assert.rejects(readKeychain({ service: 'my service', account: 'you' }, { platform, env }), {
      kind: 'auth-failed',
      message: /there is no keychain:my service\/you: put it there with /,
    })
  })
}
