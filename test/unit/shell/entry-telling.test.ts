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
  const far = `failed: ${'h'.repeat(200)} cannot be reached (x); check the network`
  assert.deepEqual(toldOf(second(far)), wanted, 'also where so much is said that the end is cut')
})

test('how it would start faster is said in a command that no shell takes for another', () => {
  const advice = (name: string) => {
    const telling = {
      ...{ name, how: 'by npx', redact: (text: string) => text, editorWaitsMs: undefined },
      ...{ editor: { name: 'cursor' }, run: { program: 'mcp-ferry', through: 'fetcher' } },
    } as Telling
    const outcome = { kind: 'answered', tookMs: 1, server: 's', protocol: 'p', tools: 1 } as const
    return stepsOf({ outcome, noise: undefined, stderr: '', ending: 'by-itself' }, telling)[0]?.advice
  }
  const said = (name: string) => `it starts faster without npx: mcp-ferry config cursor ${name} URL --write`
  assert.equal(advice('mine'), said('mine'))
  assert.equal(advice('$(id)'), said('NAME'))
})

test('a secret with an escape in it is one when the escape is taken out', () => {
  const redact = (text: string): string => text.replaceAll('s3cret-4711', '[redacted]')
  const telling = { name: 'one', how: 'by node', redact } as Telling
  const said = 's3cret\x1b[m-4711'
  const outcome = { kind: 'refused', tookMs: 1, message: said } as const
  const [step] = stepsOf({ outcome, noise: undefined, stderr: said, ending: 'by-itself' }, telling)
  assert.equal(step?.sees, 'one, started by node, refuses the handshake: [redacted]')
  assert.deepEqual(step?.details, ['[redacted]'])
})
