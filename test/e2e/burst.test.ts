// Notifications that come in one burst with their result. SDK hosts run an answer at once and notification handlers
// a tick later, so progress that shares a chunk with its result is lost to them. protocol.md 0.3 (Output).
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Message } from '../fixtures/hosts/raw-json.ts'
import { startSdkHost } from '../fixtures/hosts/sdk-host.ts'
import type { Exchange, Handler } from '../fixtures/servers/raw-server.ts'
import { bridge, call, notify, request, serve, test } from './harness.ts'

const COUNT = 50
/** Half of them are calls of a tool, the others ask for the list. */
const CALLS = 40
/** Four, less what timers and clocks are early. */
const GAP_MS = 2.5

/** Notes of one kind and then the answer: progress for `tools/call`, log messages for `tools/list`. */
function burst(x: Exchange): string[] {
  const meta = x.message.params?._meta as { progressToken?: unknown } | undefined
  const notes = Array.from({ length: COUNT }, (_, n) =>
    x.message.method === 'tools/call'
      ? notify('notifications/progress', {
          progressToken: meta?.progressToken ?? 't',
          progress: n + 1,
          total: COUNT,
        })
      : notify('notifications/message', { level: 'info', data: n }),
  )
  return [...notes, `{"jsonrpc":"2.0","id":${x.rawId},"result":{"content":[],"tools":[]}}`]
}

const BURSTS: Readonly<Record<string, Handler>> = {
  'SSE events in one chunk': (x) => {
    const stream = x.sse()
    const events = burst(x).map((text) => `data: ${text}\n\n`)
    void stream.raw(events.join(''))
    stream.end()
  },
  'a JSON array': (x) => x.reply(200, `[${burst(x).join(',')}]`),
}

const RECORDER = fileURLToPath(new URL('../fixtures/hosts/record-writes.cjs', import.meta.url))

for (const [name, handler] of Object.entries(BURSTS)) {
  test(`${name}: the answer is never in one write with a notification that came before it, and comes a moment after progress`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'ferry-writes-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'writes.jsonl')
    const server = await serve(t, { on: { 'tools/call': handler, 'tools/list': handler } })
    const env = { NODE_OPTIONS: `--require "${RECORDER}"`, RECORD_WRITES: file }
    const host = bridge(t, { url: server.url, env })
    await host.initialize()
    for (let id = 1; id <= CALLS; id++) {
      host.send(id % 2 === 0 ? call(id) : request(id, 'tools/list'))
      await host.answer(id)
    }
    await host.finish()
    assert.equal(host.lines.length, 1 + CALLS * (COUNT + 1))
    const writes = readFileSync(file, 'utf8').trimEnd().split('\n')
    const recorded = writes.map((line) => JSON.parse(line) as { readonly at: number; readonly text: string })
    const texts = recorded.map(({ text }) => text)
    assert.equal(texts.join(''), host.lines.map(({ raw }) => `${raw}\n`).join(''), 'every write was recorded')
    for (const text of texts) {
      const messages = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Message)
      const firstNote = messages.findIndex(({ method }) => method !== undefined)
      const lastAnswer = messages.findLastIndex(({ method }) => method === undefined)
      assert.ok(
        firstNote < 0 || lastAnswer < firstNote,
        `one write holds ${messages.length} messages, the answer after a notification`,
      )
    }
    const gaps = recorded.flatMap(({ at, text }, n) => {
      const before = recorded[n - 1]
      if (before === undefined || text.includes('"method"')) return []
      return before.text.includes('notifications/progress') ? [at - before.at] : []
    })
    assert.equal(gaps.length, CALLS / 2)
    // A machine that stands still between a look at the clock and a write may spoil one of them, and hardly another.
    const kept = gaps.filter((ms) => ms >= GAP_MS).length
    assert.ok(
      kept > gaps.length / 2,
      `the answer came ${gaps.map((ms) => ms.toFixed(2))} ms after the progress`,
    )
  })

  test(`${name}: an SDK host sees all the progress before the answer`, async (t) => {
    const server = await serve(t, { on: { 'tools/call': handler } })
    const host = await startSdkHost(server.url)
    t.after(() => host.close())
    // A busy machine may hand this process two writes at once, and the SDK then loses the progress; never each time.
    let seen = 0
    let calls = 0
    for (; seen < COUNT && calls < 200; calls++) {
      seen = 0
      await host.client.callTool({ name: 'echo', arguments: {} }, undefined, {
        onprogress: ({ progress }) => {
          seen++
          assert.equal(progress, seen)
        },
      })
    }
    assert.equal(seen, COUNT, `progress was lost in each of ${calls} calls`)
    await host.close()
    assert.equal(host.stderr, '')
  })
}
