// What is remembered of a remote, on a real disk: what is being written when the bridge ends is waited for. protocol.md 0.12.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { Memory } from '../../src/bridge.ts'
import { createLog } from '../../src/log.ts'
import { createMemory } from '../../src/memory.ts'
import type { Options } from '../../src/options/options.ts'
import { eraFile } from '../../src/remote/era-file.ts'

const URL_A = new URL('https://h.example/mcp')

/** Memory in a folder of its own, and no time that passes by itself. */
function world(t: TestContext): { memory: Memory; place: string } {
  const place = mkdtempSync(join(tmpdir(), 'memory-'))
  t.after(() => rmSync(place, { recursive: true, force: true }))
  const options = { url: URL_A, headers: [] } as unknown as Options
  const log = createLog({ level: 'error', json: false, secrets: [], write: assert.fail })
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const memory = createMemory(options, log, {
    env: { MCP_FERRY_CACHE_DIR: place },
    platform: process.platform,
  })
  return { memory, place }
}

function kept(place: string): string[] {
  const names = readdirSync(place, { recursive: true }).map(String)
  return names.filter((name) => name.endsWith('.json'))
}

test('a handshake that is just being written when the bridge ends is on the disk then', async (t) => {
  const { memory, place } = world(t)
  memory.remember('{"capabilities":{}}')
  t.mock.timers.tick(1000)
  await memory.flush()
  assert.equal(kept(place).length, 1, 'one handshake is kept')
})

test('a bridge that stalls while it reads, as on a busy machine, has what was read meanwhile', async (t) => {
  const { memory } = world(t)
  memory.remember('{"capabilities":{}}')
  await memory.flush()
  const recalled = memory.recall()
  t.mock.timers.tick(60_000)
  assert.equal(await recalled, '{"capabilities":{}}')
})

test('what was learned later is what is kept, also where the disk hung meanwhile', {
  skip: process.platform === 'win32' && 'no named pipes that are files',
}, async (t) => {
  const { memory, place } = world(t)
  const file = eraFile(place, URL_A)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // Reading it takes until somebody has opened it for writing.
  execFileSync('mkfifo', [file])
  const onward = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn++) await readdir(place)
  }
  memory.remember('{"capabilities":{}}')
  memory.rememberEra({ era: 'legacy' })
  const first = memory.flush()
  while (kept(place).length === 0) await onward()
  let isOver = false
  void first.then(() => {
    isOver = true
  })
  while (!isOver) {
    await onward()
    t.mock.timers.tick(500)
  }
  renameSync(file, join(place, 'hanging'))
  memory.rememberEra({ era: 'modern' })
  const second = memory.flush()
  await onward()
  await (await open(join(place, 'hanging'), 'r+')).close()
  await second
  await onward()
  assert.match(readFileSync(file, 'latin1'), /^modern /)
})
