// What a schema may not say, as words for the model: in the description, which every model takes. Short, and always the same for
// the same schema. Pure.
import { isObject, type Json, writeJson } from './json.ts'
import type { Level } from './level.ts'

/** Longer than this a value is not of use to a model. */
const LONGEST_VALUE = 200
const LONGEST_WORDS = 2000

/** `pattern ^a+$`, `default 5`. */
export function sayKeyword(keyword: string, value: Json): string {
  return `${WORDS[keyword] ?? keyword} ${sayValue(value)}`
}

const WORDS: Readonly<Record<string, string>> = { examples: 'for example', example: 'for example' }

/** The same rule may be met again and again. */
const said = new WeakMap<object, string>()

function sayValue(value: Json): string {
  const known = value instanceof Object ? said.get(value) : undefined
  if (known !== undefined) return known
  const text = typeof value === 'string' && value !== '' ? value : writeJson(value)
  const short = clip(text, LONGEST_VALUE)
  if (value instanceof Object) said.set(value, short)
  return short
}

export function sayValues(values: readonly Json[]): string {
  const all = values.map(writeJson).join(', ')
  return clip(values.length === 1 ? `always ${all}` : `one of ${all}`, LONGEST_WORDS)
}

/** What the places of a list hold. */
export function sayPlaces(places: readonly Json[]): string {
  const words = places.map((place) => {
    const known = isObject(place) ? (place.get('title') ?? place.get('type')) : undefined
    return typeof known === 'string' ? known : 'any'
  })
  return clip(`in this order: ${words.join(', ')}`, LONGEST_WORDS)
}

export function sayAlternatives(union: readonly Level[]): string {
  const sets = union.map(({ properties, required, title, description, types }) => {
    const names = [...new Set([...required, ...properties.keys()])]
    return names.length > 0 ? names.join(', ') : (title ?? description ?? types?.join(' or ') ?? 'anything')
  })
  return clip(`one of these: ${[...new Set(sets)].map((set) => `(${set})`).join(' or ')}`, LONGEST_WORDS)
}

/** Members that are not shown. */
export function sayMembers(names: readonly string[]): string {
  return clip(`an object with ${names.join(', ')}`, LONGEST_VALUE)
}

/** The description with these words behind it; they are not said twice. */
export function describe(description: string | undefined, told: readonly string[]): string | undefined {
  const text = description?.trimEnd() ?? ''
  const words = [...new Set(told)].filter((word) => !text.includes(word))
  if (words.length === 0) return description
  const sentence = `Constraints: ${clip(words.join('; '), LONGEST_WORDS)}.`
  if (text.includes(sentence)) return description
  return text === '' ? sentence : `${text}${/[.!?:]$/.test(text) ? '' : '.'} ${sentence}`
}

/** By code points, so that no character is cut in two. */
function clip(text: string, most: number): string {
  if (text.length <= most) return text
  return `${[...text.slice(0, most)].slice(0, -1).join('')}…`
}
