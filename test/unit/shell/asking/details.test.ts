import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toolArguments } from '../../../../src/shell/asking/details.ts'

test('what an argument refers to within the schema is told of it, as pydantic and zod write it', () => {
  const inputSchema = {
    type: 'object',
    properties: {
      colour: { $ref: '#/$defs/a~1b' },
      other: { $ref: '#/properties/colour', description: 'its own' },
      list: { type: 'array', items: { $ref: '#/$defs/a~1b' } },
      some: { anyOf: [{ $ref: '#/$defs/Point' }, { type: 'null' }] },
      circle: { $ref: '#/properties/circle' },
      gone: { $ref: '#/$defs/none' },
      elsewhere: { $ref: 'https://h.example/schema' },
      file: { $ref: 'other.json', description: 'its own' },
      anchor: { $ref: '#colour' },
      encoded: { $ref: '#/$defs/a%20b' },
    },
    $defs: {
      'a/b': { enum: ['red', 'green'], description: 'which one' },
      Point: { type: 'object' },
      'a b': { type: 'string' },
    },
  }
  assert.deepEqual(
    toolArguments({ inputSchema }).map(({ name, type, about }) => [name, type, about]),
    [
      ['colour', '"red" | "green"', 'which one'],
      ['other', '"red" | "green"', 'its own'],
      ['list', '"red" | "green"[]', ''],
      ['some', 'object | null', ''],
      ['circle', '', ''],
      ['gone', '', ''],
      ['elsewhere', '', ''],
      ['file', '', 'its own'],
      ['anchor', '', ''],
      ['encoded', 'string', ''],
    ],
  )
})
