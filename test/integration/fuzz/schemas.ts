// JSON Schemas as servers have them, and as they should not: references, also around in circles, unions, type arrays, booleans in the
// place of schemas, keywords that mean nothing.
import type { Chance } from './chance.ts'
import { object, odd, type Value } from './texts.ts'

const TYPES = ['string', 'number', 'integer', 'boolean', 'null', 'array', 'object']
const WORDS = ['a', 'b', 'path', 'n', '$ref', 'type', 'é', 'a.b', 'a/b', '', '__proto__', 'constructor']

export function makeSchema(chance: Chance): Value {
  const root = object({
    $schema: chance.percent(30) ? 'http://json-schema.org/draft-07/schema#' : undefined,
    type: chance.percent(95) ? 'object' : undefined,
    properties: properties(chance, 3),
    required: chance.percent(50) ? [chance.pick(WORDS), chance.pick(WORDS)] : undefined,
    additionalProperties: chance.percent(30) ? (chance.percent(60) ? false : schema(chance, 1)) : undefined,
    $defs: chance.percent(40) ? properties(chance, 2) : undefined,
    definitions: chance.percent(15) ? properties(chance, 2) : undefined,
  })
  return chance.percent(4) ? odd(chance) : root
}

function properties(chance: Chance, depth: number): Value {
  const count = chance.number(4)
  return {
    members: Array.from({ length: count }, () => [chance.pick(WORDS), schema(chance, depth)] as const),
  }
}

function schemas(chance: Chance, depth: number): Value {
  return Array.from({ length: 1 + chance.number(3) }, () => schema(chance, depth))
}

function schema(chance: Chance, depth: number): Value {
  const kind = depth <= 0 ? chance.number(4) : chance.number(12)
  switch (kind) {
    case 0:
      return object({ type: chance.pick(TYPES), description: 'words', default: odd(chance) })
    case 1:
      return object({
        $ref: chance.pick([
          '#',
          '#/$defs/a',
          '#/definitions/b',
          '#/properties/a',
          '#/$defs/é',
          'x.json',
          '#a',
        ]),
      })
    case 2:
      return object({ type: [chance.pick(TYPES), 'null'], format: 'date', pattern: '^[a-z]+$', minLength: 1 })
    case 3:
      return chance.percent(50) ? object({ enum: ['a', 1, null] }) : object({ const: odd(chance) })
    case 4:
      return object({ type: 'array', items: schema(chance, depth - 1), minItems: 1, uniqueItems: true })
    case 5:
      return object({
        type: 'object',
        properties: properties(chance, depth - 1),
        patternProperties: properties(chance, 1),
      })
    case 6:
      return object({ oneOf: schemas(chance, depth - 1), title: 'one' })
    case 7:
      return object({ anyOf: [schema(chance, depth - 1), object({ type: 'null' })] })
    case 8:
      return object({ allOf: schemas(chance, depth - 1), not: schema(chance, depth - 1) })
    case 9:
      return { members: ['if', 'then', 'else'].map((name) => [name, schema(chance, 0)] as const) }
    case 10:
      return chance.percent(50)
    default:
      return odd(chance)
  }
}
