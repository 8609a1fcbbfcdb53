// When a token is renewed, how often that is tried, and as whom. The token endpoint is a real one on this machine.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { tokensOf } from '../../../src/auth/kept/account.ts'
import { createFileStore } from '../../../src/auth/kept/file-store.ts'
import { cannotBeKept } from '../../../src/auth/kept/store-errors.ts'
import type { Vault } from '../../../src/auth/kept/vault.ts'
import { createLog } from '../../../src/log.ts'
import type { Verdict } from '../../../src/remote/authorizer.ts'
import { createStop } from '../../../src/remote/stop.ts'
import { bench, HOUR_MS, refused } from '../../fixtures/auth/authorizer-bench.ts'

const SILENT = createLog({ level: 'silent', json: false, secrets: [], write: () => {} })

test('as long as the token holds, one that cannot be renewed is not tried to be at each request', async (t) => {
  const { authorizer, asked } = await bench(t, { tokens: { expiresAt: Date.now() + 50_000 } })
  for (let n = 0; n < 5; n++)
    assert.deepEqual((await authorizer.credential())?.headers, ['Authorization', 'Bearer first'])
  assert.equal(asked.length, 1, 'requests to the token endpoint')
})

test('as long as the token holds, no request waits for one that is long in coming', async (t) => {
  const gives = { access_token: 'second', token_type: 'Bearer', expires_in: 3600 }
  let answer = (): void => {}
  const waits = new Promise<void>((resolve) => {
    answer = resolve
  })
  const { authorizer, asked } = await bench(t, { tokens: { expiresAt: Date.now() + 50_000 }, gives, waits })
  assert.deepEqual((await authorizer.credential())?.headers, ['Authorization', 'Bearer first'])
  const next = authorizer.credential()
  assert.ok(!(next instanceof Promise), 'the second one waits as well')
  answer()
  while ((await authorizer.credential())?.headers[1] !== 'Bearer second') await setImmediate()
  assert.equal(asked.length, 1, 'requests to the token endpoint')
})

test('a request whose token ends while it waits for another one waits on', async (t) => {
  const gives = { access_token: 'second', token_type: 'Bearer', expires_in: 3600 }
  let answer = (): void => {}
  const waits = new Promise<void>((resolve) => {
    answer = resolve
  })
  const { authorizer, asked } = await bench(t, { tokens: { expiresAt: Date.now() + 800 }, gives, waits })
  const sent = Promise.resolve(authorizer.credential())
  // Longer than a request waits as long as its token holds.
  await Promise.race([sent, setTimeout(1500)])
  answer()
  assert.deepEqual((await sent)?.headers, ['Authorization', 'Bearer second'])
  assert.equal(asked.length, 1, 'requests to the token endpoint')
})

test('the end waits for tokens that are being renewed: what was kept is worth nothing any more', async (t) => {
  const gives = { access_token: 'second', refresh_token: 'rotated', token_type: 'Bearer', expires_in: 3600 }
  let answer = (): void => {}
  const waits = new Promise<void>((resolve) => {
    answer = resolve
  })
  const tokens = { expiresAt: Date.now() + 50_000 }
  const { authorizer, kept } = await bench(t, { tokens, gives, waits })
  await authorizer.credential()
  const closed = authorizer.close()
  await Promise.race([closed, setTimeout(1500)])
  answer()
  await closed
  assert.equal(tokensOf(await kept())?.refresh, 'rotated')
})

test('the end does not wait for tokens that another process is renewing', async (t) => {
  let tellWaiting = (): void => {}
  const isWaiting = new Promise<void>((resolve) => {
    tellWaiting = resolve
  })
  let leave = (): void => {}
  const theirs = new Promise<void>((resolve) => {
    leave = resolve
  })
  const { authorizer, asked } = await bench(t, {
    tokens: { expiresAt: Date.now() + 50_000 },
    open(_, store) {
      void store.alone('refresh', createStop(), () => theirs)
      return {
        ...store,
        alone(...its) {
          tellWaiting()
          return store.alone(...its)
        },
      }
    },
  })
  t.after(leave)
  void authorizer.credential()
  await isWaiting
  let isClosed = false
  void authorizer.close().then(() => {
    isClosed = true
  })
  for (let turn = 0; turn < 100 && !isClosed; turn++) await setImmediate()
  assert.ok(isClosed, 'it waits')
  assert.equal(asked.length, 0, 'requests to the token endpoint')
})

test('the same token for longer is not renewed at each request', async (t) => {
  const gives = { access_token: 'first', token_type: 'Bearer', expires_in: 3600 }
  const { authorizer, asked } = await bench(t, { tokens: { expiresAt: Date.now() + 50_000 }, gives })
  for (let n = 0; n < 5; n++) await authorizer.credential()
  assert.equal(asked.length, 1, 'requests to the token endpoint')
})

for (const [name, theirs, wanted] of [
  ['is the one that the next renewal is asked for with, and is written then', undefined, 'fresh'],
  ['is forgotten when another process has got one', 'theirs', 'theirs'],
] as const)
  test(`a refresh token that cannot be written ${name}`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'authorizer-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const texts: string[] = []
    let isLocked = false
    const vault: Vault = {
      seal: async (_, text) => (isLocked ? Promise.reject(new Error('locked')) : `${texts.push(text)}`),
      open: async (_, note) => texts[Number(note) - 1],
      drop: async () => {},
    }
    const open = (url: URL) =>
      createFileStore({ folder, url, profile: '', log: SILENT, vault, sealsAll: true })
    const { authorizer, asked, store } = await bench(t, {
      tokens: { expiresAt: Date.now() - 1 },
      gives: { access_token: 'second', refresh_token: 'fresh', token_type: 'Bearer', expires_in: 3600 },
      open,
    })
    isLocked = true
    const sent = await authorizer.credential()
    assert.equal(sent?.headers[1], 'Bearer second')
    isLocked = false
    if (theirs !== undefined)
      await open(new URL((await store.read())!.url)).change((account) => {
        const [issuer = '', grant] = Object.entries(account!.grants)[0] ?? []
        const tokens = { ...grant!.tokens!, access: 'third', refresh: theirs }
        return { ...account!, grants: { [issuer]: { ...grant!, tokens } } }
      })
    sent!.isProven = true
    await authorizer.challenged(refused(sent))
    if (theirs !== undefined) await authorizer.challenged(refused(await authorizer.credential()))
    assert.equal(asked.at(-1)?.get('refresh_token'), wanted)
    const written = await open(new URL((await store.read())!.url)).read()
    assert.equal(tokensOf(written)?.refresh, 'fresh')
  })

test('a refresh token that came while the keychain was locked is the one that the next renewal is asked for with', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'authorizer-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const texts: string[] = []
  let isLocked = false
  const unlessLocked = async <T>(give: () => T): Promise<T> => {
    if (isLocked) throw new Error('locked')
    return give()
  }
  const vault: Vault = {
    seal: (_, text) => unlessLocked(() => `${texts.push(text)}`),
    open: (_, note) => unlessLocked(() => texts[Number(note) - 1]),
    drop: async () => {},
  }
  let answer = (): void => {}
  const waits = new Promise<void>((resolve) => {
    answer = resolve
  })
  const { authorizer, asked } = await bench(t, {
    tokens: { expiresAt: Date.now() - 1 },
    gives: { access_token: 'second', refresh_token: 'fresh', token_type: 'Bearer', expires_in: 3600 },
    open: (url) => createFileStore({ folder, url, profile: '', log: SILENT, vault, sealsAll: true }),
    waits,
  })
  const renewed = authorizer.credential()
  while (asked.length === 0) await setImmediate()
  isLocked = true
  answer()
  const sent = await renewed
  assert.equal(sent?.headers[1], 'Bearer second')
  isLocked = false
  sent!.isProven = true
  await authorizer.challenged(refused(sent))
  assert.equal(asked.at(-1)?.get('refresh_token'), 'fresh')
})

test('a request that is refused is not sent again and again with the one token that is to be had', async (t) => {
  const gives = { access_token: 'first', token_type: 'Bearer', expires_in: 3600 }
  const { authorizer, asked } = await bench(t, { tokens: { expiresAt: Date.now() + HOUR_MS }, gives })
  const sent = await authorizer.credential()
  sent!.isProven = true
  assert.equal((await authorizer.challenged(refused(sent))).kind, 'again')
  const verdict = await authorizer.challenged({ ...refused(await authorizer.credential()), times: 1 })
  assert.equal(verdict.kind, 'failed')
  assert.equal(asked.length, 1, 'requests to the token endpoint')
})

test('what fails because nobody waits for it fails nothing that somebody waits for', async (t) => {
  const gives = { error: 'invalid_grant' }
  const { authorizer } = await bench(t, { tokens: { expiresAt: Date.now() + HOUR_MS }, gives, status: 400 })
  const sent = await authorizer.credential()
  const aside = authorizer.challenged({ ...refused(sent), what: 'stream', isAside: true })
  const call = authorizer.challenged(refused(sent))
  const messages = (await Promise.all([aside, call])).map((verdict) =>
    verdict.kind === 'failed' ? verdict.error.message : verdict.kind,
  )
  assert.match(messages[0]!, /wants you to sign in;/)
  assert.doesNotMatch(messages[1]!, /wants you to sign in;/)
})

test('tokens of another client are renewed as that client, and it is not told our secret', async (t) => {
  const { authorizer, asked } = await bench(t, {
    tokens: { expiresAt: Date.now() - 1 },
    client: { id: 'theirs', by: 'user' },
    signIn: { client: { id: 'ours', secret: 'our-secret-of-long', method: 'client_secret_post' } },
    gives: { access_token: 'second', token_type: 'Bearer', expires_in: 3600 },
  })
  assert.deepEqual((await authorizer.credential())?.headers, ['Authorization', 'Bearer second'])
  assert.equal(asked[0]?.get('client_id'), 'theirs')
  assert.equal(asked[0]?.get('client_secret'), null)
})

test('tokens of another client stay when only its bridge can renew them', async (t) => {
  const { authorizer, kept } = await bench(t, {
    tokens: { expiresAt: Date.now() - 1 },
    client: { id: 'theirs', by: 'user' },
    signIn: { client: { id: 'ours', secret: 'our-secret-of-long' } },
    status: 401,
    gives: { error: 'invalid_client' },
  })
  assert.equal(await authorizer.credential(), undefined)
  const [grant] = Object.values((await kept())?.grants ?? {})
  assert.equal(grant?.tokens?.refresh, 'again')
})

test('where no browser can be opened, what another one gets while it is waited for is taken', async (t) => {
  const { authorizer, store } = await bench(t, { tokens: { refresh: undefined as never } })
  const sent = await authorizer.credential()
  let verdict: Promise<Verdict> | undefined
  await store.alone('sign-in', createStop(), async () => {
    verdict = authorizer.challenged(refused(sent))
    // It looks whether somebody has got another token before it waits.
    await setTimeout(300)
    await store.change((account) => {
      const [issuer = '', grant] = Object.entries(account!.grants)[0] ?? []
      const tokens = { ...grant!.tokens!, access: 'second' }
      return { ...account!, grants: { [issuer]: { ...grant!, tokens } } }
    })
  })
  assert.equal((await verdict)?.kind, 'again')
})

test('a sign-in that cannot be kept is not waited for: nothing is looked for any more', async (t) => {
  let reads = 0
  const { authorizer } = await bench(t, {
    tokens: { refresh: undefined as never },
    open: (_, store) => ({
      ...store,
      read() {
        reads++
        return store.read()
      },
      alone: () => Promise.reject(cannotBeKept('EROFS')),
    }),
  })
  const verdict = await authorizer.challenged(refused(await authorizer.credential()))
  assert.match(verdict.kind === 'failed' ? verdict.error.message : '', /cannot be kept/)
  const before = reads
  // Longer than from one look to the next.
  await setTimeout(2500)
  assert.equal(reads, before)
})

test('a renewal that fails in a way that may pass says what to do if it does not', async (t) => {
  const { authorizer } = await bench(t, { tokens: { expiresAt: Date.now() - 1 } })
  const verdict = await authorizer.challenged(refused(await authorizer.credential()))
  assert.match(verdict.kind === 'failed' ? verdict.error.message : '', /HTTP 503.*mcp-ferry login/)
})

for (const [error, status, isOver] of [
  ['bad_refresh_token', 400, true],
  ['invalid_request', 400, true],
  ['invalid_scope', 400, true],
  ['temporarily_unavailable', 400, false],
  ['too_many_requests', 429, false],
  ['forbidden', 403, false],
] as const)
  test(`a refresh token that is refused with ${status} ${error} is ${isOver ? 'not tried again' : 'kept'}`, async (t) => {
    const tokens = { expiresAt: Date.now() - 1 }
    const { authorizer, kept } = await bench(t, { tokens, status, gives: { error } })
    assert.equal(await authorizer.credential(), undefined)
    const [grant] = Object.values((await kept())?.grants ?? {})
    assert.equal(grant?.tokens?.refresh, isOver ? undefined : 'again')
    assert.equal(grant?.client?.id, 'us')
  })

test('a renewal without the ID token that is sent ends the sign-in, and not the client', async (t) => {
  const { authorizer, kept } = await bench(t, {
    tokens: { id: 'id-of-before', expiresAt: Date.now() - 1 },
    signIn: { usesIdToken: true },
    gives: { access_token: 'second', token_type: 'Bearer', expires_in: 3600 },
  })
  assert.equal(await authorizer.credential(), undefined)
  const [grant] = Object.values((await kept())?.grants ?? {})
  assert.equal(grant?.tokens, undefined)
  assert.equal(grant?.client?.id, 'us')
})

test('who wants a nonce of a request that has no proof is not sent the same again and again', async (t) => {
  const { authorizer } = await bench(t, {
    tokens: { expiresAt: Date.now() + HOUR_MS },
    gives: { error: 'invalid_grant' },
    status: 400,
  })
  const sent = await authorizer.credential()
  const authenticate = ['DPoP error="use_dpop_nonce"']
  const verdict = await authorizer.challenged({ ...refused(sent), authenticate, nonce: 'one' })
  assert.equal(verdict.kind, 'failed')
})
