// Trace files that somebody has changed by hand: what is no record is counted, and nothing breaks.
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { readTraceFile } from '../../../../src/shell/traces/reading.ts'
import { sequenceOf } from '../../../../src/shell/traces/sequence.ts'
import { viewOf } from '../../../../src/shell/traces/sequence-view.ts'

const MOMENT = { run: 'r', ms: 1, at: '2026-01-01T00:00:00.000Z' }
const MESSAGE = { ...MOMENT, kind: 'message', side: 'host', dir: 'toRemote', text: 'x' }

test('a message that is not whole may have anything in its place', async () => {
  const good = { ...MESSAGE, cut: 9, rpc: { kind: 'request', id: '1', method: 'tools/list' } }
  const bad = [
    { ...MESSAGE, rpc: null },
    { ...MESSAGE, rpc: 'request' },
    { ...MESSAGE, rpc: { kind: 'request', method: 7 } },
    { ...MESSAGE, text: 7, rpc: { kind: 'request' } },
    { ...MESSAGE, cut: 'x', rpc: { kind: 'request' } },
  ]
  const lines = [good, ...bad].map((record) => `${JSON.stringify(record)}\n`)
  const { runs, unreadable } = await readTraceFile('-', Readable.from(lines))
  assert.equal(unreadable, bad.length)
  assert.deepEqual(
    runs[0]?.entries.map(({ message }) => [message?.method, message?.sizeBytes]),
    [['tools/list', 9]],
  )
  assert.match(viewOf(sequenceOf(runs[0]!), false).join('\n'), /never answered:\n {2}tools\/list 1/)
})

test('what a newer version wrote is told as such, whatever its shape', async () => {
  const start = JSON.stringify({ ...MOMENT, kind: 'start', trace: 99 })
  await assert.rejects(readTraceFile('-', Readable.from([`${start}\n`])), /was written by a newer mcp-ferry/)
})
