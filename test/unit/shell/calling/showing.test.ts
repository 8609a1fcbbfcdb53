import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { showResult } from '../../../../src/shell/calling/showing.ts'

test('a list of which each element is a text and which is structured content as well is read as often as it is long', async (t) => {
  const rows = Array.from({ length: 300 }, (_, id) => ({ id, name: `row ${id}` }))
  const content = rows.map((row) => ({ type: 'text', text: JSON.stringify(row) }))
  const json = JSON.stringify({ content, structuredContent: { result: rows } })
  const { mock } = t.mock.method(JSON, 'parse')
  const output = new PassThrough()
  const shown = text(output)
  const saver = { save: () => Promise.reject(new Error('nothing is to be saved')) }
  await showResult(json, { output, env: {}, saver, savesAll: false, tell: () => {} })
  output.end()
  assert.equal(await shown, content.map((block) => `${block.text}\n`).join(''))
  const read = mock.calls.reduce((sum, { arguments: [each] }) => sum + each.length, 0)
  assert.ok(read < 5 * json.length, `${read} characters of ${json.length}`)
})
