// Remembered handshakes on a real disk: kept whole and private, found again by endpoint and headers, and never a
// reason to fail.
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
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { cacheFolder } from '../../../src/paths.ts'
import {
  handshakeFolder,
  handshakeKey,
  recallHandshake,
  rememberHandshake,
} from '../../../src/remote/handshakes.ts'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const DAY_MS = 24 * 60 * 60 * 1000
const RESULT = '{ "n": 9007199254740993, "x":1e400,"é":"\\u00e9","a":"\\"" ,"capabilities":{}}\n'
const KEY = handshakeKey(new URL('https://h.example/mcp'), [])
const isWindows = process.platform === 'win32'

function world(t: TestContext) {
  const place = mkdtempSync(join(tmpdir(), 'handshakes-'))
  t.after(() => rmSync(place, { recursive: true, force: true }))
  const folder = join(place, 'cache', 'handshakes')
  const failures: string[] = []
  const store = { folder, onFailure: (text: string) => void failures.push(text) }
  return {
    place,
    folder,
    file: join(folder, `${KEY}.json`),
    store,
    failures,
    remember: (result: string, learnedAt = NOW, key = KEY) =>
      rememberHandshake(store, key, { result, learnedAt }),
    recall: (now = NOW, key = KEY) => recallHandshake(store, key, now),
  }
}

test('a handshake is recalled byte for byte', async (t) => {
  const { remember, recall, failures } = world(t)
  assert.equal(await recall(), undefined)
  await remember(RESULT)
  assert.deepEqual(await recall(), { result: RESULT, learnedAt: NOW })
  assert.equal(await recall(NOW, handshakeKey(new URL('https://h.example/other'), [])), undefined)
  assert.deepEqual(failures, [])
})

test('the key tells endpoints and headers apart, and nothing else', () => {
  const url = 'https://H.example:443/mcp?k=1'
  const key = (text: string, ...headers: [string, string][]): string =>
    handshakeKey(
      new URL(text),
      headers.map(([name, value]) => ({ name, value })),
    )
  const same = [key(url, ['A', '1'], ['B', '2']), key('https://h.example/mcp?k=1', ['b', '2'], ['a', '1'])]
  assert.equal(new Set(same).size, 1)
  const different = [
    key(url),
    key(url, ['A', '1'], ['B', '3']),
    key(url, ['A', '2'], ['B', '1']),
    key(url, ['A', '1,2']),
    key(url, ['A1', '']),
    key(url, ['', 'A1']),
    key('https://h.example/mcp', ['A', '1'], ['B', '2']),
    key('http://h.example/mcp?k=1', ['A', '1'], ['B', '2']),
    key('https://u:p@h.example/mcp?k=1', ['A', '1'], ['B', '2']),
    key('https://h.example/mcp?k=1#part', ['A', '1'], ['B', '2']),
    same[0],
  ]
  assert.equal(new Set(different).size, different.length)
  for (const text of different) assert.match(text ?? '', /^[0-9a-f]{16}$/)
})

test('no secret is on the disk, in a file or in a name', async (t) => {
  const { place, remember, folder } = world(t)
  const url = new URL('https://user:s3cret@h.example/mcp?key=s3cret')
  await remember('{"x":1}', NOW, handshakeKey(url, [{ name: 'Authorization', value: 'Bearer s3cret' }]))
  const names = readdirSync(folder)
  assert.equal(names.length, 1)
  const everything =
    readdirSync(place, { recursive: true }).join() + readFileSync(join(folder, names[0]!), 'utf8')
  assert.doesNotMatch(everything, /s3cret|h\.example/)
})

test('file and folder are for their owner alone, even where the folder was open', {
  skip: isWindows,
}, async (t) => {
  const { remember, folder, file } = world(t)
  mkdirSync(folder, { recursive: true, mode: 0o777 })
  chmodSync(folder, 0o777)
  await remember(RESULT)
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  assert.equal(statSync(file).mode & 0o777, 0o600)
})

test('folders that are made are private as well', { skip: isWindows }, async (t) => {
  const { remember, folder } = world(t)
  await remember(RESULT)
  assert.equal(statSync(join(folder, '..')).mode & 0o777, 0o700)
})

test('the same handshake is written once a day at most, another one at once', async (t) => {
  const { remember, recall, file } = world(t)
  await remember(RESULT)
  const first = statSync(file, { bigint: true })
  await remember(RESULT, NOW + DAY_MS - 1)
  assert.equal(statSync(file, { bigint: true }).ino, first.ino)
  assert.equal((await recall())?.learnedAt, NOW)
  await remember(RESULT, NOW + DAY_MS)
  assert.equal((await recall())?.learnedAt, NOW + DAY_MS)
  await remember('{"new":1}', NOW + DAY_MS + 1)
  assert.deepEqual(await recall(), { result: '{"new":1}', learnedAt: NOW + DAY_MS + 1 })
})

test('after 30 days it is forgotten, and so is one from the far future', async (t) => {
  const { remember, recall } = world(t)
  await remember(RESULT)
  assert.ok(await recall(NOW + 30 * DAY_MS))
  assert.equal(await recall(NOW + 30 * DAY_MS + 1), undefined)
  assert.ok(await recall(NOW - 30 * DAY_MS))
  assert.equal(await recall(NOW - 30 * DAY_MS - 1), undefined)
})

test('a damaged file counts as none, is told, and is written anew', async (t) => {
  const { remember, recall, file, failures } = world(t)
  await remember(RESULT)
  const whole = readFileSync(file, 'utf8')
  const inside = (result: unknown, learnedAt: unknown = NOW): string => JSON.stringify({ result, learnedAt })
  const damaged = [
    '',
    'x',
    'null',
    '[]',
    '{}',
    whole.slice(0, -1),
    inside({}),
    inside('{"a":'),
    inside('null'),
    inside('[]'),
    inside('{}', String(NOW)),
    inside('{}', null),
    inside(`{"x":"${'x'.repeat(600_000)}"}`),
  ]
  for (const text of damaged) {
    writeFileSync(file, text)
    assert.equal(await recall(), undefined, text.slice(0, 80))
    assert.match(failures.pop() ?? '', /cannot be read/, text.slice(0, 80))
    await remember(RESULT)
    assert.equal((await recall())?.result, RESULT)
  }
})

test('a cut at any place of the file is never taken for a handshake', async (t) => {
  const { remember, recall, file } = world(t)
  await remember(RESULT)
  const whole = readFileSync(file)
  for (let length = 0; length < whole.length; length++) {
    writeFileSync(file, whole.subarray(0, length))
    assert.equal(await recall(), undefined, `${length} bytes`)
  }
})

test('what is over 256 KiB is not kept, told, and takes the older one away', async (t) => {
  const { remember, recall, failures } = world(t)
  const sized = (bytes: number): string => `{"x":"${'é'.repeat((bytes - 8) / 2)}"}`
  assert.equal(Buffer.byteLength(sized(256 * 1024)), 256 * 1024)
  await remember(sized(256 * 1024))
  assert.equal((await recall())?.result, sized(256 * 1024))
  assert.deepEqual(failures, [])
  await remember(sized(256 * 1024 + 2))
  assert.equal(failures.length, 1)
  assert.equal(await recall(), undefined)
})

test('the largest result can be read back even if every character doubles in the file', async (t) => {
  const { remember, recall } = world(t)
  const result = `{"x":0${'\n'.repeat(256 * 1024 - 7)}}`
  await remember(result)
  assert.equal((await recall())?.result, result)
})

test('the newest 100 are kept; files of others and what others are writing stay', async (t) => {
  const { remember, recall, folder } = world(t)
  mkdirSync(folder, { recursive: true })
  const put = (name: string, ageMs: number): void => {
    const at = (Date.now() - ageMs) / 1000
    writeFileSync(join(folder, name), '{}')
    utimesSync(join(folder, name), at, at)
  }
  const name = (at: number): string => `${String(at).padStart(64, '0')}.json`
  const suffix = '01234567-0123-4123-8123-0123456789ab'
  for (let at = 0; at < 110; at++) put(name(at), (at + 1) * 60_000)
  put('notes.json', 1000 * DAY_MS)
  put(`${name(1)}.${suffix}`, DAY_MS)
  put(`${name(2)}.${suffix}`, 60_000)
  await remember(RESULT)
  const names = new Set(readdirSync(folder))
  assert.ok(await recall())
  for (let at = 0; at < 110; at++) assert.equal(names.has(name(at)), at < 99, `number ${at}`)
  assert.ok(names.has('notes.json'))
  assert.ok(!names.has(`${name(1)}.${suffix}`))
  assert.ok(names.has(`${name(2)}.${suffix}`))
})

test('a folder that cannot be made is told without its path, and nothing is thrown', async (t) => {
  const { place, remember, recall, failures, folder } = world(t)
  writeFileSync(join(place, 'cache'), 'a file where the folder should be')
  await remember(RESULT)
  assert.equal(await recall(), undefined)
  assert.equal(failures.length, 2)
  assert.match(failures[0] ?? '', /cannot be remembered \([A-Z]+\)/)
  assert.match(failures[1] ?? '', /cannot be read \([A-Z]+\)/)
  assert.ok(!failures.join().includes(place))
  await rememberHandshake({ folder }, KEY, { result: RESULT, learnedAt: NOW })
  assert.equal(await recallHandshake({ folder }, KEY, NOW), undefined)
})

test('something else in the place of the file is told, survives, and leaves nothing unfinished', async (t) => {
  const { remember, recall, failures, file, folder } = world(t)
  mkdirSync(join(file, 'inside'), { recursive: true })
  assert.equal(await recall(), undefined)
  await remember(RESULT)
  assert.equal(failures.length, 2)
  assert.ok(existsSync(join(file, 'inside')))
  assert.deepEqual(readdirSync(folder), [`${KEY}.json`])
})

test('many who remember at once leave one whole handshake and nothing unfinished', async (t) => {
  const { remember, recall, folder, failures } = world(t)
  const results = Array.from({ length: 20 }, (_, at) => `{"n":${at},"x":"${'x'.repeat(at * 5000)}"}`)
  await Promise.all(results.map((result) => remember(result)))
  assert.ok(results.includes((await recall())?.result ?? ''))
  assert.deepEqual(readdirSync(folder), [`${KEY}.json`])
  assert.deepEqual(failures, [])
})

test('the folder is where the variable says, else where the platform keeps caches', async () => {
  assert.equal(await cacheFolder({ MCP_FERRY_CACHE_DIR: '/x/y' }), '/x/y')
  assert.equal(await handshakeFolder({ MCP_FERRY_CACHE_DIR: '/x/y' }), join('/x/y', 'handshakes'))
  for (const env of [{}, { MCP_FERRY_CACHE_DIR: '' }]) {
    const folder = await cacheFolder(env)
    assert.match(folder, /mcp-ferry/)
    assert.doesNotMatch(folder, /nodejs/)
  }
})
