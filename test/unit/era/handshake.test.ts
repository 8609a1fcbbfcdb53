// The answer to initialize that is made of what a modern remote says of itself. protocol.md D.1-2, D.3.
import assert from 'node:assert/strict'
import test from 'node:test'
import { initializeAnswer, offersOf } from '../../../src/era/to-modern/handshake.ts'
import { discovered, initialize, textOf } from './modern-line.ts'

function answered(version: string, offered?: string, about?: string): Record<string, unknown> {
  const text = textOf(initializeAnswer(initialize(version), discovered(offered, about), 'remote.example'))
  const { id, result } = JSON.parse(text) as { id: unknown; result: Record<string, unknown> }
  assert.equal(id, 0)
  return result
}

for (const [asked, spoken] of [
  ['2024-11-05', '2024-11-05'],
  ['2025-03-26', '2025-03-26'],
  ['2025-06-18', '2025-06-18'],
  ['2025-11-25', '2025-11-25'],
  ['2026-07-28', '2025-11-25'],
  ['1999-01-01', '2025-11-25'],
] as const)
  test(`a host that asks for ${asked} is answered ${spoken}`, () => {
    assert.equal(answered(asked).protocolVersion, spoken)
  })

test('the answer has what the older era knows, and nothing else', () => {
  const result = answered(
    '2025-11-25',
    '{"tools":{},"completions":{},"tasks":{"list":{}},"other":{},"experimental":{"x":{}},"extensions":{"a/b":{"n":1},"io.modelcontextprotocol/tasks":{}}}',
    '"ttlMs":1,"cacheScope":"public","supportedVersions":["2026-07-28"],"instructions":"say \\"é\\"","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s","version":"2"}}',
  )
  assert.deepEqual(result, {
    protocolVersion: '2025-11-25',
    capabilities: { tools: {}, completions: {}, experimental: { x: {} }, extensions: { 'a/b': { n: 1 } } },
    serverInfo: { name: 's', version: '2' },
    instructions: 'say "é"',
  })
})

for (const [what, about, name] of [
  ['in the result itself', '"serverInfo":{"name":"old place","version":"1"}', 'old place'],
  ['nowhere', '"ttlMs":0', 'remote.example'],
  [
    'without a version',
    '"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"no version"}}',
    'remote.example',
  ],
] as const)
  test(`a server that names itself ${what} is called ${name}`, () => {
    assert.equal((answered('2025-11-25', '{}', about).serverInfo as { name: string }).name, name)
  })

test('what is offered decides how the remote is spoken to', () => {
  assert.deepEqual(
    offersOf(discovered('{"tools":{"listChanged":true},"prompts":{},"resources":{"subscribe":true}}')),
    {
      lists: ['tools', 'prompts', 'resources'],
      changing: ['tools'],
      hasResourceUpdates: true,
      hasLogging: false,
    },
  )
  assert.deepEqual(offersOf(discovered('{"logging":{},"tools":true}')), {
    lists: [],
    changing: [],
    hasResourceUpdates: false,
    hasLogging: true,
  })
})
