// The era of a remote as a file of one line: read only while it is fresh, and never a reason for anything to fail.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { cacheFolder, quickCacheFolder } from '../../../src/paths.ts'
import { eraFile, readEra, writeEra } from '../../../src/remote/era-file.ts'
import { recallEra } from '../../../src/remote/era-recall.ts'
import { rememberEra } from '../../../src/remote/handshakes.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const NOW = 1_764_000_000_000
const URL_ = new URL('https://h.example/mcp?key=s3cr3t')

function place(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'eras-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

test('what is written is what is read', () => {
  for (const era of ['legacy', 'modern'] as const) {
    assert.deepEqual(readEra(writeEra({ era, learnedAt: NOW }), NOW), { era, learnedAt: NOW })
  }
  const old = { era: 'legacy', learnedAt: NOW, transport: 'http+sse' } as const
  assert.deepEqual(readEra(writeEra(old), NOW), old)
})

test('a modern verdict is believed for a week, a legacy one for a day, none from the future', () => {
  const at = (era: 'legacy' | 'modern', ageMs: number) =>
    readEra(writeEra({ era, learnedAt: NOW - ageMs }), NOW)
  assert.ok(at('modern', 6 * DAY_MS), 'fresh')
  assert.equal(at('modern', 8 * DAY_MS), undefined)
  assert.ok(at('legacy', DAY_MS / 2), 'fresh')
  assert.equal(at('legacy', 2 * DAY_MS), undefined)
  assert.equal(at('modern', -8 * DAY_MS), undefined)
})

test('what is damaged counts as not there', () => {
  for (const text of [
    '',
    'modern',
    'modern \n',
    'modern x\n',
    'newest 1\n',
    `modern ${NOW}`,
    `modern ${NOW}\nmore`,
  ])
    assert.equal(readEra(text, NOW), undefined, JSON.stringify(text))
})

test('it is kept by the endpoint, in private, under a name that tells nothing of it', async (t) => {
  const cache = place(t)
  const env = { env: { MCP_FERRY_CACHE_DIR: cache }, platform: process.platform }
  assert.equal(await recallEra(URL_, env, NOW), undefined)
  await rememberEra({ folder: join(cache, 'handshakes') }, URL_, { era: 'modern', learnedAt: NOW })
  assert.deepEqual(await recallEra(URL_, env, NOW), { era: 'modern', learnedAt: NOW })
  assert.equal(await recallEra(new URL('https://h.example/other'), env, NOW), undefined)
  const names = readdirSync(join(cache, 'eras'))
  assert.deepEqual(names, [eraFile(cache, URL_).split(/[\\/]/).at(-1)])
  assert.match(names[0]!, /^[0-9a-f]{8}$/)
  if (process.platform !== 'win32') assert.equal(statSync(join(cache, 'eras')).mode & 0o077, 0)
})

test('a cache that is no folder is told and costs nothing', async (t) => {
  const cache = join(place(t), 'file')
  writeFileSync(cache, '')
  const told: string[] = []
  const store = { folder: join(cache, 'handshakes'), onFailure: (text: string) => void told.push(text) }
  await rememberEra(store, URL_, { era: 'modern', learnedAt: NOW })
  assert.equal(told.length, 1)
  assert.ok(!told[0]!.includes(cache), 'a path may name a person')
  assert.equal(
    await recallEra(URL_, { env: { MCP_FERRY_CACHE_DIR: cache }, platform: process.platform }, NOW),
    undefined,
  )
})

test('the folder that is found at once is the one that the package names', async () => {
  const { env, platform } = process
  assert.equal(quickCacheFolder(env, platform), await cacheFolder(env))
  const given = { ...env, MCP_FERRY_CACHE_DIR: '/x/y' }
  assert.equal(quickCacheFolder(given, platform), await cacheFolder(given))
  assert.equal(quickCacheFolder({}, platform), undefined)
})
