// What is said of a file names it as it was written, unless a secret was written in its place. arguments.md 4.3.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nameFile } from '../../../src/options/file-name.ts'

for (const path of [
  '/run/keys/x9Fk2',
  '/x.conf',
  '${HOME}/k1a2b3c4d5',
  '\\\\server\\a1b2c3\\k',
  './k',
  '..\\k1a2b3',
  '~/a8s7d6f5g4h3/k',
  'C:\\k\\a1',
  'keys/mcp',
  'a1b2c3/x.conf',
  'headers',
])
  test(`${path} is shown`, () => assert.equal(nameFile('the header file', path), `the header file ${path}`))

for (const text of [
  'ghp_Zq7Kx4f9W2mN8sR1tV6y',
  'ghp_Zq7Kx4f9W2mN8sR1tV6y/',
  'q8Zk/3vB7+xY9w==',
  '/q8Zk3vB7xY9w5Kd2/Ab',
  'Bearer abc/def',
  'X-Key: a/b',
])
  test(`${text.slice(0, 6)}… is no path, and is not shown`, () =>
    assert.equal(nameFile('the header file', text), 'the header file'))
