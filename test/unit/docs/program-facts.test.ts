// What the check of the docs takes out of the source's text: it is not empty, and what cannot be read is not passed over.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { exitCodesOf, kindsOf, programFacts, variablesOf } from '../../../scripts/docs/program-facts.ts'

test('the program has what we know it has', () => {
  const facts = programFacts(fileURLToPath(new URL('../../..', import.meta.url)))
  for (const kind of ['dns', 'internal', 'not-translatable', 'unsupported-version'])
    assert.ok(facts.kinds.includes(kind), kind)
  assert.deepEqual(facts.exitCodes, [0, 1, 2, 3, 4, 5, 6, 7, 8, 130])
  assert.deepEqual(facts.variables, ['MCP_FERRY_CACHE_DIR', 'MCP_FERRY_CONFIG_DIR', 'MCP_FERRY_URL'])
  const trace = facts.commands.find(({ name }) => name === 'trace')
  assert.ok(trace?.asksServer, 'trace replay asks a server')
  assert.deepEqual(trace.exitCodes, [0, 1, 2, 3, 4, 6, 130])
  assert.ok(
    facts.commands.some(({ flags }) => flags.includes('--dry-run')),
    'commands have their own options',
  )
})

test('kinds are those of the type, and those that a source writes by itself', () => {
  const errors = "export type ErrorKind =\n  | 'dns'\n  | 'too-large'\n\nexport type Other = 'x'\n"
  assert.deepEqual(kindsOf(errors, ["{ origin: 'mcp-ferry', kind: 'odd' }"]), ['dns', 'too-large', 'odd'])
  assert.throws(() => kindsOf('export enum ErrorKind {}', []), /no ErrorKind/)
})

test('exit codes are those under that heading', () => {
  assert.deepEqual(exitCodesOf('Options:\n  9  x\n\nExit codes, by step:\n  0    a\n  130  b\n'), [0, 130])
  assert.throws(() => exitCodesOf('Options:\n  9  x\n'), /no exit codes/)
})

test('variables are whole names in code', () => {
  const source = "env['MCP_FERRY_A'] env.MCP_FERRY_B_C `MCP_FERRY_${name}` // of MCP_FERRY_D"
  assert.deepEqual(variablesOf([source]), ['MCP_FERRY_A', 'MCP_FERRY_B_C'])
})
