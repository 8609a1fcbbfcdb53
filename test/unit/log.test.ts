// The log: what a level shows, one line per event, and that no secret passes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLog, createRedactor, LOG_LEVELS, type LogLevel } from '../../src/log.ts'

function logged(level: LogLevel, json = false): string[] {
  const lines: string[] = []
  const log = createLog({
    level,
    json,
    secrets: ['Bearer s3cr3t-token'],
    write: (line) => lines.push(line),
    now: () => 0,
  })
  log.error('an error', { key: 's3cr3t-token' })
  log.warn('a warning\nin two lines')
  log.info('news')
  log.debug('detail', { missing: undefined })
  log.trace?.('a body')
  return lines
}

test('a level shows itself and what is more important', () => {
  assert.deepEqual(
    LOG_LEVELS.map((level) => logged(level).length),
    [0, 1, 2, 3, 4, 5],
  )
})

test('an event is one line, as text or as JSON', () => {
  assert.deepEqual(logged('warn'), [
    'mcp-ferry: an error key=[redacted]',
    'mcp-ferry: a warning in two lines',
  ])
  assert.deepEqual(JSON.parse(logged('error', true)[0]!), {
    time: '1970-01-01T00:00:00.000Z',
    level: 'error',
    message: 'an error',
    key: '[redacted]',
  })
})

test('in a file a line of text begins with its time and level', () => {
  const lines: string[] = []
  const log = createLog({
    level: 'warn',
    json: false,
    hasTime: true,
    secrets: [],
    write: (line) => lines.push(line),
    now: () => 0,
  })
  log.warn('a warning', { ms: 3 })
  assert.deepEqual(lines, ['1970-01-01T00:00:00.000Z warn: a warning ms=3'])
})

test('secrets do not pass, whole, without their scheme, encoded, or learned later', () => {
  const { redact, hide } = createRedactor(['Bearer a+b/c==', 'p@ss word', 'abc'])
  assert.equal(redact('x Bearer a+b/c== y'), 'x [redacted] y')
  assert.equal(redact('token a+b/c=='), 'token [redacted]')
  assert.equal(redact('?key=p%40ss%20word&x=1'), '?key=[redacted]&x=1')
  assert.equal(redact('abc'), 'abc', 'too short to hide anything')
  assert.equal(redact('session-77'), 'session-77')
  hide('session-77')
  assert.equal(redact('session-77'), '[redacted]')
})

test('what looks like a credential does not pass either', () => {
  const { redact } = createRedactor([])
  assert.equal(redact('got Bearer eyJhbGciOi.J9 there'), 'got Bearer [redacted] there')
  assert.equal(redact('https://user:pass@h.example/x'), 'https://[redacted]@h.example/x')
  assert.equal(redact('it asks for Bearer; nothing was sent'), 'it asks for Bearer; nothing was sent')
})
