// The form of an elicitation: its fields by their schemas, and what a person types for one → JSON, or why not. Numbers keep
// their text. Pure. Spec: 2025-11-25, client/elicitation, requested schema.

import { find, type Span } from '../../message/peek.ts'
import { elementsOf, membersOf } from '../../message/rewrite.ts'
import { textAt } from '../../message/utf8.ts'
import { shownLine } from '../foreign-text.ts'
import { isObject, type Schema } from '../schema.ts'
import { isInteger, isNumber } from './json-text.ts'

export interface Choice {
  readonly value: string
  readonly title: string
}

export interface Field {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly isRequired: boolean
  /** JSON, as it came. */
  readonly byDefault?: string
  readonly kind: 'string' | 'number' | 'integer' | 'boolean' | 'choice' | 'choices'
  readonly choices: readonly Choice[]
  readonly schema: Schema
}

export type ReadField = { readonly json: string } | { readonly wrong: string }

/** In their order. `schema`: where `requestedSchema` stands. */
export function fieldsOf(bytes: Uint8Array, schema: Span | undefined): Field[] {
  if (schema === undefined) return []
  const required = elementsOf(bytes, find(bytes, schema, 'required')).map((span) =>
    parse(textAt(bytes, span)),
  )
  return membersOf(bytes, find(bytes, schema, 'properties')).map(({ name, value }) => {
    const property = parse(textAt(bytes, value))
    const byDefault = find(bytes, value, 'default')
    return fieldOf(name, isObject(property) ? property : {}, {
      isRequired: required.includes(name),
      byDefault: byDefault && textAt(bytes, byDefault),
    })
  })
}

function fieldOf(
  name: string,
  schema: Schema,
  { isRequired, byDefault }: { readonly isRequired: boolean; readonly byDefault: string | undefined },
): Field {
  const several = schema.type === 'array'
  const choices = choicesOf(several && isObject(schema.items) ? schema.items : schema)
  const type = schema.type
  const plain = type === 'number' || type === 'integer' || type === 'boolean' ? type : 'string'
  return {
    name,
    title: text(schema.title) || name,
    description: text(schema.description),
    isRequired,
    ...(byDefault !== undefined && { byDefault }),
    kind: several ? 'choices' : choices.length > 0 ? 'choice' : plain,
    choices,
    schema,
  }
}

function choicesOf(schema: Schema): Choice[] {
  const { enum: values, enumNames: names } = schema
  if (Array.isArray(values))
    return values.map((value, at) => ({
      value: String(value),
      title: text(Array.isArray(names) ? names[at] : undefined),
    }))
  const titled = Array.isArray(schema.oneOf) ? schema.oneOf : schema.anyOf
  return (Array.isArray(titled) ? titled : [])
    .filter(isObject)
    .filter((one) => Object.hasOwn(one, 'const'))
    .map((one) => ({ value: String(one.const), title: text(one.title) }))
}

/** What is typed for a field; not for an empty line. */
export function readField(field: Field, typed: string): ReadField {
  const { kind, schema } = field
  switch (kind) {
    case 'boolean':
      if (/^(?:y|yes|true)$/i.test(typed)) return { json: 'true' }
      return /^(?:n|no|false)$/i.test(typed) ? { json: 'false' } : { wrong: 'type yes or no' }
    case 'number':
    case 'integer':
      return readNumber(typed, field)
    case 'choice': {
      const chosen = choose(field, typed)
      return chosen === undefined
        ? { wrong: 'type one of them, or its number' }
        : { json: JSON.stringify(chosen) }
    }
    case 'choices':
      return readChoices(typed, field)
    case 'string': {
      const wrong = wrongText(typed, schema)
      return wrong === undefined ? { json: JSON.stringify(typed) } : { wrong }
    }
  }
}

function readNumber(typed: string, { kind, schema }: Field): ReadField {
  if (!isNumber(typed)) return { wrong: 'type a number' }
  if (kind === 'integer' && !isInteger(typed)) return { wrong: 'type a whole number' }
  const { minimum, maximum } = schema
  if (typeof minimum === 'number' && Number(typed) < minimum) return { wrong: `type ${minimum} or more` }
  if (typeof maximum === 'number' && Number(typed) > maximum) return { wrong: `type ${maximum} or less` }
  return { json: typed }
}

function readChoices(typed: string, field: Field): ReadField {
  const { minItems, maxItems } = field.schema
  const words = typed.split(',').map((word) => word.trim())
  const chosen = words.filter((word) => word !== '').map((word) => choose(field, word))
  if (chosen.includes(undefined)) return { wrong: 'type some of them, or their numbers, with commas between' }
  const all = [...new Set(chosen)]
  if (typeof minItems === 'number' && all.length < minItems) return { wrong: `type ${minItems} or more` }
  if (typeof maxItems === 'number' && all.length > maxItems) return { wrong: `type ${maxItems} or fewer` }
  return { json: JSON.stringify(all) }
}

/** By its value, its title or its number. Where there is nothing to choose from, everything may be. */
function choose({ choices }: Field, typed: string): string | undefined {
  if (choices.length === 0) return typed
  const same = (text: string): boolean => text !== '' && text.toLowerCase() === typed.toLowerCase()
  const found =
    choices.find(({ value }) => value === typed) ??
    choices.find(({ value, title }) => same(value) || same(title)) ??
    (/^[1-9]\d*$/.test(typed) ? choices[Number(typed) - 1] : undefined)
  return found?.value
}

const FORMATS: Readonly<Record<string, readonly [fits: (typed: string) => boolean, wrong: string]>> = {
  email: [(typed) => /^[^\s@]+@[^\s@]+$/.test(typed), 'type an e-mail address'],
  uri: [(typed) => URL.canParse(typed), 'type a URL, such as https://example.com/'],
  date: [isDate, 'type a date, such as 2026-01-31'],
  'date-time': [
    (typed) =>
      isDate(typed.slice(0, 10)) &&
      /^T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i.test(typed.slice(10)),
    'type a date and a time, such as 2026-01-31T12:00:00Z',
  ],
}

function isDate(typed: string): boolean {
  const time = /^\d{4}-\d\d-\d\d$/.test(typed) ? Date.parse(`${typed}T00:00:00Z`) : Number.NaN
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(typed)
}

function wrongText(typed: string, { minLength, maxLength, format }: Schema): string | undefined {
  const length = [...typed].length
  if (typeof minLength === 'number' && length < minLength) return `type ${minLength} characters or more`
  if (typeof maxLength === 'number' && length > maxLength) return `type ${maxLength} characters or fewer`
  const known = typeof format === 'string' && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined
  return known === undefined || known[0](typed) ? undefined : known[1]
}

/** The JSON of the answers. */
export function contentOf(answers: ReadonlyMap<string, string>): string {
  return `{${[...answers].map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`
}

function text(value: unknown): string {
  return typeof value === 'string' ? shownLine(value) : ''
}

function parse(json: string): unknown {
  return JSON.parse(json)
}
