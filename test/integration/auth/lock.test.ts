// Locks between real processes: one owner at a time, dead ones are succeeded, living ones are not.
import assert from 'node:assert/strict'
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import nodeTest, { type TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type LockTimes, withLock } from '../../../src/auth/kept/lock.ts'
import { BridgeError } from '../../../src/errors.ts'
import { createStop, stopNow } from '../../../src/remote/stop.ts'
import { ownProgram } from '../../fixtures/programs/own-program.ts'

const HOLDER = fileURLToPath(new URL('../../fixtures/auth/lock-holder.ts', import.meta.url))
/** Where a lock is lost for good, whoever waits for it waits for ever. */
function test(name: string, body: (t: TestContext) => Promise<void>): void {
  void nodeTest(name, { timeout: 240_000 }, body)
}

const QUICK: LockTimes = { pollMs: 5, touchMs: 10, staleMs: 30_000, watchMs: 10_000 }
const NONCE = '00000000-0000-4000-8000-000000000000'
const HOUR_MS = 3_600_000

function place(t: TestContext): { file: string; counter: string; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return { folder, file: join(folder, 'a.lock'), counter: join(folder, 'counter') }
}

type Child = ChildProcessByStdio<Writable, Readable, null>

function start(t: TestContext, settings: object): Child {
  const child = spawn(process.execPath, [...ownProgram(HOLDER), JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  return child
}

function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid
}

function leave(file: string, pid: number, more: object = {}, ageMs = 0): void {
  writeFileSync(file, JSON.stringify({ pid, startedAt: 1, host: hostname(), nonce: NONCE, ...more }))
  const then = (Date.now() - ageMs) / 1000
  utimesSync(file, then, then)
}

for (const how of ['count', 'abandon'] as const) {
  const what =
    how === 'count' ? 'of many processes one at a time has it' : 'of many that take it over only one gets it'
  test(what, async (t) => {
    const { file, counter, folder } = place(t)
    const rounds = 40
    writeFileSync(counter, '0')
    const settings = { file, counter, how, rounds, deadPid: deadPid() }
    const children = [1, 2, 3, 4].map(() => start(t, settings))
    await Promise.all(children.map((child) => once(child.stdout, 'data')))
    const ends = children.map((child) => once(child, 'exit'))
    for (const child of children) child.stdin.end()
    for (const [code] of await Promise.all(ends)) assert.equal(code, 0)
    assert.equal(readFileSync(counter, 'utf8'), String(4 * rounds))
    if (how === 'count') assert.deepEqual(readdirSync(folder), ['counter'], 'nothing is left')
  })
}

test('the lock of a process that was killed is taken over at once', async (t) => {
  const { file, folder } = place(t)
  const child = start(t, { file, how: 'hold' })
  await once(child.stdout, 'data')
  const gone = once(child, 'exit')
  let isGone = false
  const taken = withLock(
    { file, stop: createStop(), times: { ...QUICK, watchMs: HOUR_MS } },
    async () => isGone,
  )
  child.kill('SIGKILL')
  await gone
  isGone = true
  assert.equal(await taken, true)
  assert.deepEqual(readdirSync(folder), [])
})

test('a process that lives keeps it, however old the file looks, while it touches it', async (t) => {
  const { file } = place(t)
  const child = start(t, { file, how: 'hold' })
  await once(child.stdout, 'data')
  t.mock.timers.enable({ apis: ['setTimeout'] })
  // Three looks that find no touch between them would do.
  const times = { ...QUICK, staleMs: -HOUR_MS, pollMs: 500, watchMs: 1500 }
  let hasIt = false
  const taken = withLock({ file, stop: createStop(), times }, async () => {
    hasIt = true
  })
  for (let looks = 0; looks < 10; looks++) {
    const { mtimeMs } = statSync(file)
    while (statSync(file).mtimeMs === mtimeMs) await turn()
    t.mock.timers.tick(times.pollMs)
    await turn()
  }
  assert.equal(hasIt, false)
  child.stdin.end()
  await once(child, 'exit')
  t.mock.timers.tick(times.pollMs)
  await taken
})

test('what has not been touched for long, and is not while it is watched, has no owner', async (t) => {
  const { file } = place(t)
  const times = { ...QUICK, watchMs: 20 }
  for (const [pid, more] of [
    [process.ppid, {}],
    // Its number means nothing here.
    [deadPid(), { host: 'elsewhere.example' }],
  ] as const) {
    leave(file, pid, more, HOUR_MS)
    assert.equal(await withLock({ file, stop: createStop(), times }, async () => 'mine'), 'mine')
  }
  writeFileSync(file, '')
  utimesSync(file, 1, 1)
  assert.equal(
    await withLock({ file, stop: createStop(), times }, async () => 'mine'),
    'mine',
    'without an owner',
  )
})

test('our own number from an earlier life is a dead owner', async (t) => {
  const { file } = place(t)
  leave(file, process.pid)
  assert.equal(await withLock({ file, stop: createStop(), times: QUICK }, async () => 'mine'), 'mine')
})

test('who waits is let go by its stop, with the reason', async (t) => {
  const { file } = place(t)
  leave(file, process.ppid)
  const stop = createStop()
  const reason = new BridgeError('shutdown', 'the editor has gone')
  const waiting = assert.rejects(
    withLock({ file, stop, times: QUICK }, async () => assert.fail('it is not ours')),
    (thrown) => thrown === reason,
  )
  stopNow(stop, reason)
  await waiting
  assert.ok(existsSync(file), 'what another one holds stays')
})

test('within one process it is one at a time, too; an error gives it back', async (t) => {
  const { file, folder } = place(t)
  let inside = 0
  const work = async () => {
    assert.equal(++inside, 1)
    await new Promise(setImmediate)
    inside--
    throw new Error('no')
  }
  const all = [1, 2, 3, 4].map(() => withLock({ file, stop: createStop(), times: QUICK }, work))
  // At once: whose turn comes when is nobody's promise.
  await Promise.all(all.map((one) => assert.rejects(one, /^Error: no$/)))
  assert.deepEqual(readdirSync(folder), [])
})

test('a lock that another one has taken over is not removed', async (t) => {
  const { file } = place(t)
  await withLock({ file, stop: createStop(), times: QUICK }, async () => leave(file, process.ppid))
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).nonce, NONCE)
})

test('a right to remove that a killed process has left does not last', async (t) => {
  const { file } = place(t)
  leave(file, deadPid())
  writeFileSync(`${file}.${NONCE}`, '')
  utimesSync(`${file}.${NONCE}`, 1, 1)
  assert.equal(await withLock({ file, stop: createStop(), times: QUICK }, async () => 'mine'), 'mine')
})

test('a folder that is not there is an error that says what to do', async (t) => {
  const { folder } = place(t)
  await assert.rejects(
    withLock({ file: join(folder, 'none', 'a.lock'), stop: createStop() }, async () => {}),
    { kind: 'auth-failed', message: /cannot be kept \(ENOENT\).*MCP_FERRY_CONFIG_DIR/ },
  )
})
