// What is remembered of a remote, on a real disk: what is being written when the bridge ends is waited for. protocol.md 0.12.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createLog } from '../../src/log.ts'
import { createMemory } from '../../src/memory.ts'
import type { Options } from '../../src/options/options.ts'

test('a handshake that is just being written when the bridge ends is on the disk then', async (t) => {
  const place = mkdtempSync(join(tmpdir(), 'memory-'))
  t.after(() => rmSync(place, { recursive: true, force: true }))
  const options = { url: new URL('https://h.example/mcp'), headers: [] } as unknown as Options
  const log = createLog({ level: 'error', json: false, secrets: [], write: assert.fail })
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const memory = createMemory(options, log, {
    env: { MCP_FERRY_CACHE_DIR: place },
    platform: process.platform,
  })
  memory.remember('{"capabilities":{}}')
  t.mock.timers.tick(1000)
  await memory.flush()
  const files = readdirSync(place, { recursive: true }).filter((name) => String(name).endsWith('.json'))
  assert.equal(files.length, 1, 'one handshake is kept')
})
