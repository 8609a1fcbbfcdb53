// Scopes in a command that a person pastes: the server has named them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scopeArguments } from '../../../src/auth/scopes.ts'

test('scopes that are plain words are asked for, each by its own option', () => {
  assert.equal(
    scopeArguments('mcp:read https://api.example/files.write'),
    ' --scope mcp:read --scope https://api.example/files.write',
  )
  assert.equal(scopeArguments(undefined), '')
})

for (const odd of [
  '$(id)',
  '`id`',
  'a;id',
  'a&id',
  "a'b",
  'a|b',
  '%PATH%',
  '!x',
  '>f',
  '--insecure',
  '-x',
  'é',
])
  test(`a scope that a shell or we would read otherwise is left out, and all with it: ${odd}`, () => {
    assert.equal(scopeArguments(`mcp:read ${odd}`), '')
  })
