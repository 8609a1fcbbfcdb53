// What is kept of a list has bounds; what is beyond them is not taken for the whole. protocol.md 0.9.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read } from '../../../src/message/envelope.ts'
import { createPages } from '../../../src/stages/pages.ts'

const MB = 1024 * 1024

function listOf(prefix: string, count: number, size: number) {
  const tool = (n: number) => `{"name":"${prefix}${n}","description":"${'x'.repeat(size)}"}`
  const tools = Array.from({ length: count }, (_, n) => tool(n)).join(',')
  const reading = read(Buffer.from(`{"jsonrpc":"2.0","id":1,"result":{"tools":[${tools}]}}`))
  assert.equal(reading.kind, 'message')
  return reading.envelope
}

const pagesOfTools = () =>
  createPages({
    method: 'tools/list',
    member: 'tools',
    key: 'name',
    keep: (_, { end, start }) => end - start,
    sizeOf: (size) => size,
  })

test('a list of one page that is larger than what is kept is not whole', () => {
  const pages = pagesOfTools()
  assert.equal(pages.learn(pages.ask(''), listOf('a', 34, MB)), 'endless')
  assert.equal(pages.isWhole, false)
  assert.equal(pages.items.has('a0'), true, 'what is known of it is of use')
})

test('a list with other names than the one before it is whole, though both together are larger than what is kept', () => {
  const pages = pagesOfTools()
  assert.equal(pages.learn(pages.ask(''), listOf('a', 20, MB)), 'end')
  pages.outdate()
  assert.equal(pages.learn(pages.ask(''), listOf('b', 20, MB)), 'end')
  assert.equal(pages.isWhole, true)
  assert.deepEqual(
    [...pages.items.keys()],
    Array.from({ length: 20 }, (_, n) => `b${n}`),
  )
})

test('what takes the place of what was known before its list was whole is counted as well', () => {
  const pages = pagesOfTools()
  const first = (count: number, size: number) => {
    const { cursor, epoch } = pages.ask('')
    return pages.learn({ cursor, epoch: epoch - 1 }, listOf('a', count, size))
  }
  first(100, 1)
  for (let at = 0; at < 2; at++) first(100, MB)
  const kept = [...pages.items.values()].reduce((sum, size) => sum + size, 0)
  assert.ok(kept > 30 * MB && kept <= 32 * MB, `${kept} bytes are kept`)
})
