// What doctor --editor tells of a bridge that refuses the handshake: what is wrong, and what to do. users.md 1.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stepsOf, type Telling } from '../../../src/shell/doctor/entry-telling.ts'

function toldOf(message: string) {
  const telling = { name: 'one', how: 'by node', redact: (text: string) => text } as Telling
  const outcome = { kind: 'refused', tookMs: 1, message } as const
  const [step] = stepsOf({ outcome, noise: undefined, stderr: '', ending: 'by-itself' }, telling)
  return [step?.sees, step?.advice]
}

test('what was tried as well is no advice, and its own advice neither', () => {
  const start = 'one, started by node, refuses the handshake: '
  const failed = 'mcp-ferry: HTTP 404 from https://h/mcp: nothing is there; check the path'
  const wanted = [`${start}HTTP 404 from https://h/mcp: nothing is there`, 'check the path']
  assert.deepEqual(toldOf(failed), wanted)
  assert.deepEqual(toldOf(`${failed} (5 attempts)`), wanted)
  const second = (why: string) => `${failed} (HTTP+SSE was tried as well, its GET ${why})`
  assert.deepEqual(toldOf(second('answered HTTP 404')), wanted)
  assert.deepEqual(toldOf(second('failed: h cannot be reached (x); check the network')), wanted)
})
