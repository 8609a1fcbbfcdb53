// Durations, sizes, counts and levels, by flag and by variable; and what the defaults are.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FLAGS } from '../../../src/options/flag-list.ts'
import type { Limits } from '../../../src/options/options.ts'
import { run } from './command-lines.ts'

const URL_TEXT = 'https://h.example/mcp'
const limits = (argv: readonly string[], env = {}): Limits | undefined =>
  run({ argv: [URL_TEXT, ...argv], env }).options?.limits

const DURATIONS: Readonly<Record<string, number>> = {
  '30': 30_000,
  '30s': 30_000,
  '30 s': 30_000,
  '500ms': 500,
  '2m': 120_000,
  '1.5s': 1500,
  '0.25': 250,
  '2M': 120_000,
  '15S': 15_000,
  '1h': 3_600_000,
}
const SIZES: Readonly<Record<string, number>> = {
  '1048576': 1_048_576,
  '64MB': 64e6,
  '64MiB': 67_108_864,
  '64mib': 67_108_864,
  '2kb': 2000,
  '2KiB': 2048,
  '0.25GiB': 268_435_456,
  '4096B': 4096,
  '512MiB': 536_870_912,
  '64 MiB': 67_108_864,
}
const BAD: Readonly<Record<string, readonly string[]>> = {
  '--connect-timeout': ['0', '-1', 'soon', '5d', '1e3', '30sec', '999999999', '0ms', '5,5', '∞'],
  '--drain-timeout': ['-5s', 's'],
  '--max-line': ['1', '64M', '64 megabytes', '2GiB', '-1', '1023'],
  '--max-event': ['lots'],
  '--retries': ['1.5', '-1', '101', 'two', '0x2'],
  '--log-level': ['loud', '5', 'warning'],
}

test('the defaults are those of protocol.md 0.6 to 0.10', () => {
  assert.deepEqual(limits([]), {
    connectTimeoutMs: 30_000,
    drainTimeoutMs: 5000,
    deleteTimeoutMs: 1500,
    retryWaitMs: 30_000,
    inputTimeoutMs: 900_000,
    retries: 2,
    startBudgetMs: 8000,
    requestTimeoutMs: 0,
    pingIntervalMs: 0,
    reopens: 3,
    lineLimitBytes: 64 * 1024 * 1024,
    eventLimitBytes: 256 * 1024 * 1024,
  })
})

for (const [text, ms] of Object.entries(DURATIONS))
  test(`the duration ${text} is ${ms} ms`, () => {
    assert.equal(limits(['--retry-wait', text])?.retryWaitMs, ms)
    assert.equal(limits([`--drain-timeout=${text}`])?.drainTimeoutMs, ms)
    assert.equal(limits([], { MCP_FERRY_DELETE_TIMEOUT: text })?.deleteTimeoutMs, ms)
  })

for (const [text, bytes] of Object.entries(SIZES))
  test(`the size ${text} is ${bytes} bytes`, () => {
    assert.equal(limits(['--max-line', text])?.lineLimitBytes, bytes)
    assert.equal(limits([], { MCP_FERRY_MAX_EVENT: text })?.eventLimitBytes, bytes)
  })

for (const [name, texts] of Object.entries(BAD))
  for (const text of texts)
    test(`${name} ${text} is refused, with what to write`, () => {
      const flag = FLAGS.find((known) => known.name === name)
      const byFlag = run({ argv: [URL_TEXT, name, text] })
      const byVariable = run({ argv: [URL_TEXT], env: { [flag?.env ?? '']: text } })
      assert.equal(byFlag.error, 'bad-value')
      assert.equal(byVariable.error, 'bad-value')
      assert.match(
        byFlag.sentences.join(),
        new RegExp(`^${name} cannot be .*; write |^${name} cannot be .* too (?:much|little); write`),
      )
      assert.ok(byVariable.sentences.join().startsWith(`${flag?.env} cannot be `))
    })

test('a bad value that may be a secret is not shown', () => {
  const { sentences } = run({ argv: [URL_TEXT, '--retries', 'Authorization: Bearer s3cr3t'] })
  assert.match(sentences.join(), /this text/)
})

test('zero means at once where waiting is optional', () => {
  assert.equal(limits(['--drain-timeout', '0'])?.drainTimeoutMs, 0)
  assert.equal(limits(['--delete-timeout', '0'])?.deleteTimeoutMs, 0)
  assert.equal(limits(['--retry-wait', '0'])?.retryWaitMs, 0)
  assert.equal(limits(['--retries', '0'])?.retries, 0)
})

test('of a flag that is given twice the last one counts', () => {
  assert.equal(limits(['--retries', '3', '--retries', '4'])?.retries, 4)
  assert.equal(run({ argv: [URL_TEXT, '--debug', '--log-level', 'info'] }).options?.log.level, 'info')
})

test('log settings come from flags and variables', () => {
  const { options } = run({
    argv: [URL_TEXT, '--log-json', '--log-file', `~/x/$\{NAME}.log`],
    env: { NAME: 'f', MCP_FERRY_LOG_LEVEL: 'TRACE' },
  })
  assert.deepEqual(options?.log, {
    level: 'trace',
    json: true,
    file: '/home/u/x/f.log',
    fileName: `the log file ~/x/$\{NAME}.log`,
  })
  assert.equal(run({ argv: [URL_TEXT], env: { MCP_FERRY_LOG_JSON: 'yes' } }).options?.log.json, true)
  assert.equal(run({ argv: [URL_TEXT], env: { MCP_FERRY_LOG_JSON: '0' } }).options?.log.json, false)
})

test('quotes round the value of an option are left out', () => {
  const { options } = run({ argv: [URL_TEXT, '--log-file', '"/my dir/x.log"'] })
  assert.equal(options?.log.file, '/my dir/x.log')
  assert.deepEqual(
    options?.warnings.map(({ code }) => code),
    ['stripped-quotes'],
  )
})
