// What config and doctor take out of their command line, and what they leave to the bridge. arguments.md 4.1.
import assert from 'node:assert/strict'
import test from 'node:test'
import { CONFIG_FLAGS } from '../../../src/options/tool-flags.ts'
import { readToolLine } from '../../../src/shell/commands/tool-line.ts'

const read = (...argv: string[]) => {
  const { flags, rest } = readToolLine(argv, CONFIG_FLAGS)
  return [Object.fromEntries(flags), rest]
}

test('own flags are taken out wherever they stand, with their values', () => {
  assert.deepEqual(read('--write', 'cursor', '--for', 'macos', 'a', '--from=x=y', 'https://h/mcp'), [
    { '--write': [''], '--for': ['macos'], '--from': ['x=y'] },
    ['cursor', 'a', 'https://h/mcp'],
  ])
  assert.deepEqual(read('--file', 'a', '--file', 'b'), [{ '--file': ['a', 'b'] }, []])
})

test('everything else stays as it is and where it is', () => {
  const words = ['--header', 'A: 1', '--header-env=A=B', '--log-level', 'debug', '-H', 'x', '--writes']
  assert.deepEqual(read(...words), [{}, words])
})

test('what stands behind -- is ours no more', () => {
  assert.deepEqual(read('--json', '--', '--write', '--for'), [{ '--json': [''] }, ['--', '--write', '--for']])
})

test('a value that is missing, or that nothing takes, is refused', () => {
  for (const argv of [['--for'], ['--for', '--write'], ['--for='], ['--from', '--', 'x']])
    assert.throws(() => read(...argv), { facts: { code: 'missing-value' } }, argv.join(' '))
  assert.throws(() => read('--write=yes'), { facts: { code: 'bad-value' } })
})
