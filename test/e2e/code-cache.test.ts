// What V8 made of the hot file is kept beside it, and the next start runs from that: only where it is whole and of the
// same build, and where it cannot be kept nobody notices. bin/mcp-ferry.cjs.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Host } from '../fixtures/hosts/raw-host.ts'
import { copyPackage } from '../fixtures/programs/package-copy.ts'
import { bridge, serve, test } from './harness.ts'

interface Package {
  readonly dist: string
  readonly kept: () => readonly string[]
  /** Starts its bridge; which User-Agent the server heard. */
  readonly start: (env?: Record<string, string>) => Promise<{ readonly host: Host; readonly agent: string }>
}

/** A copy of the installed package; `change` is made to its hot file. */
function packageOf(t: TestContext, change = (text: string) => text): Package {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-code-cache-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  copyPackage(folder)
  const dist = join(folder, 'dist')
  const hot = join(dist, 'mcp-ferry.cjs')
  writeFileSync(hot, change(readFileSync(hot, 'utf8')))
  return {
    dist,
    kept: () => readdirSync(dist).filter((name) => name.includes('.cache')),
    start: async (env = {}) => {
      const server = await serve(t)
      const command = [process.execPath, join(folder, 'bin/mcp-ferry.cjs')]
      const host = bridge(t, { url: server.url, command, env })
      await host.initialize()
      return { host, agent: server.requests[0]?.header('user-agent') ?? '' }
    },
  }
}

/** The name of what is kept once a bridge has run for some seconds, and its bytes. */
async function keep(of: Package): Promise<{ readonly name: string; readonly bytes: Buffer }> {
  const { host } = await of.start()
  while (of.kept().length !== 1 || of.kept()[0]?.endsWith('.cache') !== true) await delay(50)
  await host.finish({ stderr: 'empty' })
  const name = of.kept()[0]!
  return { name, bytes: readFileSync(join(of.dist, name)) }
}

test('what V8 made of the hot file is kept, and run by the next start', async (t) => {
  // Another text of the same length, so that it can be seen which of the two runs.
  const other = await keep(packageOf(t, (text) => text.replaceAll('mcp-ferry/', 'MCP-FERRY/')))
  const own = packageOf(t)
  writeFileSync(join(own.dist, other.name), other.bytes)
  const { host, agent } = await own.start()
  assert.match(agent, /^MCP-FERRY\//)
  await host.finish({ stderr: 'empty' })
  const off = await own.start({ NODE_DISABLE_COMPILE_CACHE: '1' })
  assert.match(off.agent, /^mcp-ferry\//)
  await off.host.finish({ stderr: 'empty' })
})

test('the second start adds what the first one, which may have met no server, had no need of', async (t) => {
  const own = packageOf(t)
  const command = [process.execPath, join(own.dist, '../bin/mcp-ferry.cjs')]
  const first = bridge(t, { url: 'http://127.0.0.1:9/mcp', command })
  while (!own.kept()[0]?.endsWith('.cache')) await delay(50)
  await first.finish({ stderr: 'any' })
  const file = join(own.dist, own.kept()[0]!)
  const little = readFileSync(file).length
  const second = await own.start()
  while (readFileSync(file).length === little) await delay(50)
  await second.host.finish({ stderr: 'empty' })
  assert.ok(readFileSync(file).length > little * 1.2, `${little} became ${readFileSync(file).length} bytes`)
  const third = await own.start()
  assert.match(third.agent, /^mcp-ferry\//)
  await third.host.finish({ stderr: 'empty' })
})

test('what is kept of another build is not run', async (t) => {
  const other = await keep(
    packageOf(t, (text) =>
      text.replace(/^("use strict";)"\w{8}"/, '$1"00000000"').replaceAll('mcp-ferry/', 'MCP-FERRY/'),
    ),
  )
  const own = packageOf(t)
  writeFileSync(join(own.dist, other.name), other.bytes)
  const { host, agent } = await own.start()
  assert.match(agent, /^mcp-ferry\//)
  await host.finish({ stderr: 'empty' })
})

test('what is kept and spoiled is not run, and made anew', async (t) => {
  const own = packageOf(t)
  const { name, bytes } = await keep(own)
  const file = join(own.dist, name)
  const spoiled = Object.entries({
    empty: Buffer.alloc(0),
    'cut off': bytes.subarray(0, bytes.length - 1),
    'half of it': bytes.subarray(0, bytes.length / 2),
    'a block of zeros': Buffer.from(bytes).fill(0, 65_536, 69_632),
    'zeros from the middle on': Buffer.from(bytes).fill(0, bytes.length / 2),
    'nothing but zeros': Buffer.alloc(bytes.length),
    'something else': Buffer.from('x'.repeat(1000)),
  })
  for (const [what, wrong] of spoiled) {
    writeFileSync(file, wrong)
    const { host } = await own.start()
    const isLast = what === 'something else'
    while (isLast && readFileSync(file).length < 100_000) await delay(50)
    await host.finish({ stderr: 'empty' })
  }
})

test('where it cannot be kept nobody notices', async (t) => {
  const own = packageOf(t)
  const { name } = await keep(own)
  rmSync(join(own.dist, name))
  mkdirSync(join(own.dist, name, 'in the way'), { recursive: true })
  const { host } = await own.start()
  // It is tried after three seconds, and this is no limit: what comes too late cannot be seen.
  await delay(4000)
  // No part of it is left: it may be there yet on a machine that stands still just then.
  while (own.kept().length !== 1) await delay(50)
  assert.deepEqual(own.kept(), [name])
  await host.finish({ stderr: 'empty' })
})
