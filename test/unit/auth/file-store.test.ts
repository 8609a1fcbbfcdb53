// Accounts as files: what is written is what is read, for one person's eyes, and what is wrong is told and not used.
import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { accountFile } from '../../../src/auth/kept/account-file.ts'
import { openStore } from '../../../src/auth/kept/open-store.ts'
import { BridgeError } from '../../../src/errors.ts'
import { createLog } from '../../../src/log.ts'
import { createStop, stopNow } from '../../../src/remote/stop.ts'
import { ACCOUNT, ACCOUNT_URL, SECRETS, spoiled } from '../../fixtures/auth/account.ts'

const HAS_MODES = process.platform === 'win32' ? 'Windows has no modes' : false

function setUp(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'store-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  const folder = join(root, 'not', 'yet')
  const log = createLog({ level: 'silent', json: false, secrets: [], write: () => {} })
  const open = (choice: 'file' | 'memory' = 'file') =>
    openStore({ choice, folder, url: ACCOUNT_URL, profile: 'work', platform: process.platform, env: {}, log })
  return { folder, log, open, store: open(), file: accountFile(folder, ACCOUNT_URL, 'work') }
}

test('what is written is what is read, by another one too', async (t) => {
  const { store, open, file } = setUp(t)
  assert.equal(await store.read(), undefined)
  assert.deepEqual(await store.change(() => ACCOUNT), ACCOUNT)
  assert.deepEqual(await open().read(), ACCOUNT)
  assert.deepEqual(readdirSync(dirname(file)).length, 1, 'no lock and no unfinished file is left')
  assert.ok(!readFileSync(file, 'utf8').includes('url-secret'), 'the query of the URL may be secret')
})

test('a folder that depends on where we are started is told', () => {
  const told: string[] = []
  const log = createLog({ level: 'warn', json: false, secrets: [], write: (line) => told.push(line) })
  for (const folder of ['sign-ins', '${HOME}/sign-ins', join(tmpdir(), 'sign-ins')])
    for (const choice of ['file', 'memory'] as const)
      openStore({ choice, folder, url: ACCOUNT_URL, profile: '', platform: process.platform, env: {}, log })
  assert.equal(told.length, 2)
  for (const line of told) assert.match(line, /MCP_FERRY_CONFIG_DIR is no whole path/)
})

test('a change sees what is there, and undefined removes it', async (t) => {
  const { store, open, file } = setUp(t)
  await store.change(() => ACCOUNT)
  await open().change((before) => {
    assert.deepEqual(before, ACCOUNT)
    return { ...before!, current: 'https://other.example.com' }
  })
  assert.equal((await store.read())?.current, 'https://other.example.com')
  assert.equal(await store.change(() => undefined), undefined)
  assert.equal(existsSync(file), false)
})

test('a change that changes nothing writes nothing; one that throws neither', async (t) => {
  const { store, file } = setUp(t)
  await store.change(() => ACCOUNT)
  const before = statSync(file, { bigint: true })
  await store.change((account) => account)
  await assert.rejects(
    store.change(() => {
      throw new Error('no')
    }),
    /^Error: no$/,
  )
  assert.equal(statSync(file, { bigint: true }).ino, before.ino)
  assert.deepEqual(await store.read(), ACCOUNT)
})

test('changes at the same time all count', async (t) => {
  const { store, open } = setUp(t)
  await store.change(() => ({ ...ACCOUNT, denied: [] }))
  const scopes = ['a', 'b', 'c', 'd', 'e', 'f']
  await Promise.all(
    scopes.map((scope) =>
      open().change((account) => ({ ...account!, denied: [...account!.denied!, { scope, until: 1 }] })),
    ),
  )
  const denied = (await store.read())?.denied?.map(({ scope }) => scope).sort()
  assert.deepEqual(denied, scopes)
})

test('it is closed to others', { skip: HAS_MODES }, async (t) => {
  const { store, file } = setUp(t)
  await store.change(() => ACCOUNT)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  assert.equal(statSync(dirname(file)).mode & 0o777, 0o700)
  for (const mode of [0o640, 0o604, 0o620]) {
    chmodSync(file, mode)
    await assert.rejects(store.read(), (thrown: BridgeError) => {
      assert.equal(thrown.kind, 'auth-failed')
      assert.ok(thrown.message.includes(`chmod 600 '${file}'`), thrown.message)
      return true
    })
    await assert.rejects(
      store.change(() => ACCOUNT),
      { kind: 'auth-failed' },
    )
  }
  chmodSync(file, 0o600)
  chmodSync(dirname(file), 0o755)
  await assert.rejects(store.read(), (thrown: BridgeError) =>
    thrown.message.includes(`chmod 700 '${dirname(file)}'`),
  )
  await assert.rejects(
    store.change(() => ACCOUNT),
    { kind: 'auth-failed', message: /chmod 700/ },
  )
})

test('what is damaged is told, with the file and what to run, and stays', async (t) => {
  const { store, file } = setUp(t)
  await store.change(() => ACCOUNT)
  const { account, ...outside } = JSON.parse(readFileSync(file, 'utf8'))
  const texts = [
    '',
    '{',
    'null',
    '[]',
    '"text"',
    JSON.stringify({ ...outside }),
    JSON.stringify({ ...outside, url: 1, account }),
    ...[
      spoiled(['grants'], []),
      spoiled(['grants', 'https://as.example.com'], null),
      spoiled(['grants', 'https://as.example.com', 'tokens', 'access'], { a: 1 }),
      spoiled(['grants', 'https://as.example.com', 'tokens', 'type'], 'mac'),
      spoiled(['grants', 'https://as.example.com', 'tokens', 'expiresAt'], '5'),
      spoiled(['grants', 'https://as.example.com', 'issuer'], 'as.example.com'),
      spoiled(['grants', 'https://as.example.com', 'client', 'redirectUris'], 'x'),
      spoiled(['grants', 'https://as.example.com', 'client', 'redirectUris'], ['x']),
      spoiled(['grants', 'https://as.example.com', 'server'], 'x'),
      spoiled(['pending', 'verifier'], 7),
      spoiled(['pending', 'issuer'], 'as.example.com'),
      spoiled(['pending', 'redirectUri'], 'x'),
      spoiled(['asked', 'how'], 'other'),
      spoiled(['denied'], [{}]),
      spoiled(['url'], 'https://elsewhere.example/'),
    ].map((one) => JSON.stringify({ ...outside, account: one })),
  ]
  for (const text of texts) {
    writeFileSync(file, text)
    await assert.rejects(store.read(), (thrown: BridgeError) => {
      assert.equal(thrown.kind, 'auth-failed', text)
      assert.ok(thrown.message.includes(file), thrown.message)
      assert.match(thrown.message, /mcp-ferry logout https:\/\/mcp\.example\.com\/v1 --profile work/)
      for (const secret of SECRETS) assert.ok(!thrown.message.includes(secret), secret)
      return true
    })
    await assert.rejects(
      store.change(() => ACCOUNT),
      { kind: 'auth-failed' },
    )
    assert.equal(readFileSync(file, 'utf8'), text)
  }
})

test('the file of another server, of another profile or of a newer version is not used', async (t) => {
  const { store, file } = setUp(t)
  await store.change(() => ACCOUNT)
  const content = JSON.parse(readFileSync(file, 'utf8'))
  for (const [change, message] of [
    [{ url: 'https://evil.example/' }, /another server or profile/],
    [{ profile: '' }, /another server or profile/],
    [{ version: 2, account: 'something new' }, /newer mcp-ferry/],
  ] as const) {
    writeFileSync(file, JSON.stringify({ ...content, ...change }))
    await assert.rejects(store.read(), { kind: 'auth-failed', message })
  }
})

test('a folder that cannot be made is an error that says what to do', async (t) => {
  const { store, folder } = setUp(t)
  mkdirSync(dirname(folder), { recursive: true })
  writeFileSync(folder, '')
  assert.equal(await store.read(), undefined)
  const told = {
    kind: 'auth-failed',
    message: /cannot be kept \(\w+\).*MCP_FERRY_CONFIG_DIR.*--store memory/,
  }
  await assert.rejects(
    store.change(() => ACCOUNT),
    told,
  )
  await assert.rejects(
    store.alone('refresh', createStop(), async () => {}),
    told,
  )
})

for (const choice of ['file', 'memory'] as const) {
  test(`${choice}: what is secret is in no log once it is known`, async (t) => {
    const { open, log } = setUp(t)
    await open(choice).change(() => ACCOUNT)
    for (const secret of SECRETS.filter((each) => each !== ACCOUNT.pending?.state))
      assert.equal(log.redact(`x ${secret} y`), 'x [redacted] y')
  })

  test(`${choice}: one at a time under a name, and names do not wait for one another`, async (t) => {
    const { open } = setUp(t)
    const store = open(choice)
    let isInside = false
    const work = async () => {
      assert.equal(isInside, false)
      isInside = true
      await store.alone('sign-in', createStop(), async () => store.change(() => ACCOUNT))
      isInside = false
      return 1
    }
    assert.deepEqual(
      await Promise.all([1, 2, 3].map(() => store.alone('refresh', createStop(), work))),
      [1, 1, 1],
    )
  })

  test(`${choice}: who waits can be let go, and whoever is behind still waits`, async (t) => {
    const { open } = setUp(t)
    const store = open(choice)
    const reason = new BridgeError('shutdown', 'gone')
    const stop = createStop()
    const order: string[] = []
    let third: Promise<unknown> | undefined
    await store
      .alone('refresh', createStop(), async () => {
        const second = store.alone('refresh', stop, async () => order.push('second'))
        third = store.alone('refresh', createStop(), async () => order.push('third'))
        stopNow(stop, reason)
        await assert.rejects(second, (thrown) => thrown === reason)
        order.push('first')
        throw new Error('no')
      })
      .catch((thrown: Error) => assert.equal(thrown.message, 'no'))
    await third
    assert.deepEqual(order, ['first', 'third'])
  })
}

test('memory: it is kept as long as the process, and nothing is written', async (t) => {
  const { open, folder } = setUp(t)
  const store = open('memory')
  assert.equal(await store.read(), undefined)
  await store.change(() => ACCOUNT)
  assert.deepEqual(await store.read(), ACCOUNT)
  assert.equal(existsSync(folder), false)
})
