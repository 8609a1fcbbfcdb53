// JSON as somebody who means no good may write it: white space and escapes anywhere, members twice or in another case, values of
// the wrong kind; and bytes changed at random. The meaning is the caller's business.
import type { Chance } from './chance.ts'

export type Value = null | boolean | number | string | readonly Value[] | Members | Raw
/** In this order, and as often as they stand here. */
export interface Members {
  readonly members: readonly (readonly [string, Value])[]
}
/** A token that no JavaScript value is. */
export interface Raw {
  readonly raw: string
}

export function object(members: Readonly<Record<string, Value | undefined>>): Members {
  const pairs = Object.entries(members).filter((pair): pair is [string, Value] => pair[1] !== undefined)
  return { members: pairs }
}

export function writeJson(value: Value, chance: Chance): string {
  const blank = (): string => (chance.percent(4) ? chance.pick([' ', '\t', '\r\n', '  ']) : '')
  const text = (string: string): string => {
    if (!chance.percent(12)) return JSON.stringify(string)
    const escaped = [...string].map((character) => {
      const code = character.charCodeAt(0).toString(16).padStart(4, '0')
      return character.length === 1 && chance.percent(40)
        ? `\\u${chance.percent(50) ? code : code.toUpperCase()}`
        : JSON.stringify(character).slice(1, -1)
    })
    return `"${escaped.join('')}"`
  }
  const write = (inner: Value): string => {
    if (typeof inner === 'string') return text(inner)
    if (inner === null || typeof inner !== 'object') return JSON.stringify(inner)
    if ('raw' in inner) return inner.raw
    if ('members' in inner) {
      const pairs = inner.members.map(
        ([name, value]) => `${blank()}${text(name)}${blank()}:${blank()}${write(value)}`,
      )
      return `{${pairs.join(',')}${blank()}}`
    }
    return `[${(inner as readonly Value[]).map((element) => `${blank()}${write(element)}`).join(',')}${blank()}]`
  }
  return write(value)
}

/** What the same message might look like from somebody who wants to slip something through. */
export function twist(value: Value, chance: Chance): Value {
  if (value === null || typeof value !== 'object' || 'raw' in value)
    return chance.percent(3) ? odd(chance) : value
  if (!('members' in value)) return (value as readonly Value[]).map((element) => twist(element, chance))
  const members = value.members.flatMap(([name, inner]): (readonly [string, Value])[] => {
    const twisted = chance.percent(30) ? twist(inner, chance) : inner
    if (chance.percent(3)) return []
    const other = chance.percent(50) ? 'secret_1' : odd(chance)
    if (chance.percent(4))
      return [
        [name, other],
        [name, twisted],
      ]
    if (chance.percent(4))
      return [
        [name, twisted],
        [name, other],
      ]
    const cased = chance.pick([name.toUpperCase(), capital(name)])
    if (chance.percent(3))
      return [
        [name, twisted],
        [cased, chance.percent(50) ? inner : other],
      ]
    return [[name, twisted]]
  })
  return { members }
}

function capital(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1)
}

export function odd(chance: Chance): Value {
  return chance.pick<Value>([
    null,
    // Never true: that would make a tool one that only reads.
    false,
    0,
    -1.5,
    '',
    'open_1',
    'secret_1',
    [],
    ['secret_2'],
    { members: [] },
    { members: [['name', 'secret_3']] },
    { raw: '1e400' },
    { raw: '9007199254740993' },
    { raw: `${'['.repeat(200)}${']'.repeat(200)}` },
  ])
}

/** Some bytes changed, added or lost. */
export function damage(text: string, chance: Chance): Uint8Array {
  const bytes = [...new TextEncoder().encode(text)]
  for (let times = 1 + chance.number(3); times > 0; times--) {
    const at = chance.number(bytes.length || 1)
    const byte = chance.percent(60)
      ? chance.pick([...'{}[]",:\\ntrue0sS'].map((c) => c.charCodeAt(0)))
      : chance.number(256)
    if (chance.percent(40)) bytes[at] = byte
    else bytes.splice(at, chance.number(3), ...(chance.percent(50) ? [byte] : []))
  }
  return Uint8Array.from(bytes)
}
