// JSON as values that lose nothing of it: a number stays the text that it was, members keep their order, and
// `__proto__` is a name like any other. What lies too deep is not followed. Pure. protocol.md 0.4.

/** A number as it is written. */
export class JsonNumber {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type JsonObject = ReadonlyMap<string, Json>
export type Json = null | boolean | string | JsonNumber | readonly Json[] | JsonObject

/** Deeper than any model follows. A schema within a schema takes two levels. */
const DEEPEST = 300
/** A number, or a word such as `true`. */
const WORD = /[-+.\w]*/y

/** Reads valid JSON; what lies deeper than DEEPEST is `true`, the schema that says nothing. Throws on what is not JSON. */
export function parseJson(text: string): Json {
  let at = 0

  function skipSpace(): void {
    while (' \t\r\n'.includes(text[at] ?? '.')) at++
  }

  function stringEnd(): number {
    let end = at + 1
    for (; text[end] !== '"'; end++) {
      if (end >= text.length) throw new TypeError('a string without an end')
      if (text[end] === '\\') end++
    }
    return end + 1
  }

  function readText(): string {
    const end = stringEnd()
    const read = JSON.parse(text.slice(at, end)) as string
    at = end
    return read
  }

  function skipValue(): Json {
    let open = 0
    do {
      const first = text[at]
      if (first === undefined) throw new TypeError('a value without an end')
      if (first === '"') {
        at = stringEnd()
        continue
      }
      if (first === '{' || first === '[') open++
      else if (first === '}' || first === ']') open--
      at++
    } while (open > 0)
    return true
  }

  function readObject(depth: number): Json {
    const members = new Map<string, Json>()
    at++
    for (skipSpace(); text[at] !== '}'; skipSpace()) {
      if (text[at] === ',') at++
      skipSpace()
      const name = readText()
      skipSpace()
      at++
      const value = readValue(depth + 1)
      // Of duplicate names the last counts, as in JSON.parse.
      members.set(name, value)
    }
    at++
    return members
  }

  function readArray(depth: number): Json {
    const elements: Json[] = []
    at++
    for (skipSpace(); text[at] !== ']'; skipSpace()) {
      if (text[at] === ',') at++
      elements.push(readValue(depth + 1))
    }
    at++
    return elements
  }

  function readValue(depth: number): Json {
    skipSpace()
    const first = text[at]
    if (first === '"') return readText()
    if (first === '{') return depth >= DEEPEST ? skipValue() : readObject(depth)
    if (first === '[') return depth >= DEEPEST ? skipValue() : readArray(depth)
    WORD.lastIndex = at
    const word = WORD.exec(text)?.[0] ?? ''
    if (word === '') throw new TypeError('no JSON')
    at += word.length
    if (word === 'true') return true
    if (word === 'false') return false
    return word === 'null' ? null : new JsonNumber(word)
  }

  return readValue(0)
}

/** The text of it, without white space. The depth of what is written must be limited. */
export function writeJson(value: Json): string {
  if (value instanceof JsonNumber) return value.text
  if (isObject(value)) {
    const members = [...value].map(([name, member]) => `${JSON.stringify(name)}:${writeJson(member)}`)
    return `{${members.join(',')}}`
  }
  if (isArray(value)) return `[${value.map(writeJson).join(',')}]`
  return JSON.stringify(value)
}

export function isObject(value: Json | undefined): value is JsonObject {
  return value instanceof Map
}

export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** A number of things, as many as anybody has. */
export function isCount(value: Json): boolean {
  return value instanceof JsonNumber && /^\d{1,9}$/.test(value.text)
}

export function isFiniteNumber(value: Json): boolean {
  return value instanceof JsonNumber && Number.isFinite(Number(value.text))
}

/** The strings of it, if it is an array. */
export function stringsOf(value: Json | undefined): string[] {
  return isArray(value) ? value.filter((element) => typeof element === 'string') : []
}

/** The object with those members that are given. */
export function objectOf(members: Readonly<Record<string, Json | undefined>>): JsonObject {
  return new Map(
    Object.entries(members).filter((member): member is [string, Json] => member[1] !== undefined),
  )
}

/** The schema with this said of it as well. */
export function described(schema: JsonObject, text: string | undefined): JsonObject {
  if (text === undefined) return schema
  const own = schema.get('description')
  const description = typeof own === 'string' && !text.includes(own) ? `${text}\n${own}` : text
  return new Map<string, Json>([...schema, ['description', description]])
}
