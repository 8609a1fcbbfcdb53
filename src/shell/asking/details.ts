// The arguments of a tool or a prompt, as a person reads them, and all that is to be said of one. What the remote has sent may
// be anything: what is none of it is left out.
import kleur from 'kleur'
import { firstLine } from '../listing.ts'
import { asFields, type Fields } from '../raw-json.ts'
import { follow } from '../schema.ts'
import { harmless, type Screen } from '../screen.ts'
import { pad, widthOf } from '../wide-text.ts'

export interface Argument {
  readonly name: string
  readonly isRequired: boolean
  /** `number`, `"a" or "b"`; empty if nothing is known. */
  readonly type: string
  readonly about: string
}

/** Of the tool's schema. */
export function toolArguments({ inputSchema }: Fields): Argument[] {
  const { properties, required } = asFields(inputSchema)
  const needed = Array.isArray(required) ? required : []
  return Object.entries(asFields(properties)).map(([name, schema]) => ({
    name: firstLine(name),
    isRequired: needed.includes(name),
    type: typeOf(schema, inputSchema),
    about: firstLine(asFields(schema).description) || firstLine(follow(schema, inputSchema).description),
  }))
}

export function promptArguments({ arguments: all }: Fields): Argument[] {
  const list: readonly unknown[] = Array.isArray(all) ? all : []
  return list
    .map(asFields)
    .filter(({ name }) => typeof name === 'string')
    .map(({ name, title, description, required }) => ({
      name: firstLine(name),
      isRequired: required === true,
      type: '',
      about: firstLine(description) || firstLine(title),
    }))
}

/** Those that must be given first. */
export function argumentsInOrder(all: readonly Argument[]): Argument[] {
  return [...all.filter(({ isRequired }) => isRequired), ...all.filter(({ isRequired }) => !isRequired)]
}

const MOST_CHOICES = 8
const DEEPEST_TYPE = 3

function typeOf(schema: unknown, root: unknown, depth = 0): string {
  const { type, enum: choices, const: fixed, items, anyOf, oneOf } = follow(schema, root)
  const inner = (one: unknown): string => (depth < DEEPEST_TYPE && typeOf(one, root, depth + 1)) || 'any'
  if (fixed !== undefined) return valueWords(fixed)
  if (Array.isArray(choices)) {
    const shown = choices.slice(0, MOST_CHOICES).map(valueWords)
    return [...shown, ...(choices.length > MOST_CHOICES ? ['…'] : [])].join(' | ')
  }
  if (type === 'array') return `${inner(items)}[]`
  if (Array.isArray(type)) return type.map(firstLine).join(' | ')
  const some = Array.isArray(anyOf) ? anyOf : oneOf
  if (Array.isArray(some) && type === undefined) return some.slice(0, MOST_CHOICES).map(inner).join(' | ')
  return firstLine(type)
}

function valueWords(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : firstLine(JSON.stringify(value))
}

const HINTS = [
  ['readOnlyHint', true, 'changes nothing'],
  ['readOnlyHint', false, 'may change something'],
  ['destructiveHint', true, 'may destroy something'],
  ['idempotentHint', true, 'may be called twice to the same effect'],
  ['openWorldHint', true, 'reaches other systems'],
] as const

/** All of one tool or prompt, and how it is asked for. */
export async function showOne(screen: Screen, kind: 'tool' | 'prompt', fields: Fields): Promise<void> {
  const { name, title, description, annotations } = fields
  const all = argumentsInOrder(kind === 'tool' ? toolArguments(fields) : promptArguments(fields))
  const said = asFields(annotations)
  const shownTitle = firstLine(title) || firstLine(said.title)
  const hints = HINTS.filter(([hint, value]) => said[hint] === value).map(([, , words]) => words)
  const lines = [kleur.bold(firstLine(name)) + (shownTitle === '' ? '' : `  ${shownTitle}`)]
  if (typeof description === 'string' && description.trim() !== '')
    lines.push('', ...harmless(description.trim()).split('\n'))
  if (hints.length > 0) lines.push('', kleur.dim(`It says of itself: ${hints.join('; ')}.`))
  if (all.length > 0) lines.push('', ...argumentLines(all))
  await screen.lines(lines)
}

function argumentLines(all: readonly Argument[]): string[] {
  const widest = (texts: readonly string[]): number => Math.min(30, Math.max(...texts.map(widthOf)))
  const names = all.map(({ name, isRequired }) => (isRequired ? name : `[${name}]`))
  const types = all.map(({ type }) => type)
  const [nameWidth, typeWidth] = [widest(names), widest(types)]
  return all.map(({ about }, at) => {
    const type = typeWidth === 0 ? '' : `  ${kleur.dim(pad(types[at]!, typeWidth))}`
    return `  ${pad(names[at]!, nameWidth)}${type}  ${about}`.trimEnd()
  })
}
