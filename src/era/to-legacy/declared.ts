// What a modern host declares of itself in each request, as a legacy session knows it once and for all: mapped, compared,
// united. Pure; values keep their text. protocol.md E.1.
import { type Envelope, spanAt, stringAt } from '../../message/envelope.ts'
import { isObjectAt, type Span } from '../../message/peek.ts'
import { membersOf } from '../../message/rewrite.ts'
import { textAt } from '../../message/utf8.ts'
import { META } from '../era.ts'

/** Capabilities by their names; what is no object, or lies deeper than anybody compares, is JSON text. */
export type Declared = ReadonlyMap<string, Declared | string>

const DEEPEST = 6

/** The capabilities at `span` as a legacy server may hear of them. */
export function readDeclared(bytes: Uint8Array, span: Span): Declared {
  const declared = new Map<string, Declared | string>()
  for (const [name, value] of readTree(bytes, span, 0)) {
    if (typeof value === 'string') continue
    if (name === 'roots') declared.set(name, new Map())
    else if (name === 'elicitation') declared.set(name, value.size === 0 ? FORM : value)
    else if (name === 'extensions') declared.set(name, without(value, `${META}tasks`))
    else if (name === 'sampling') declared.set(name, without(value, 'tasks'))
    else if (name === 'experimental') declared.set(name, value)
  }
  return declared
}

/** An empty `elicitation` means this (25 and 26, elicitation, Capabilities). */
const FORM: Declared = new Map([['form', new Map()]])

function readTree(bytes: Uint8Array, span: Span, depth: number): Declared {
  const tree = new Map<string, Declared | string>()
  for (const { name, value } of membersOf(bytes, span)) {
    const isTree = isObjectAt(bytes, value) && depth < DEEPEST
    tree.set(name, isTree ? readTree(bytes, value, depth + 1) : textAt(bytes, value))
  }
  return tree
}

function without(tree: Declared, unwanted: string): Declared {
  return new Map([...tree].filter(([name]) => name !== unwanted))
}

/** The JSON that declares this. */
export function textOf(declared: Declared | string): string {
  if (typeof declared === 'string') return declared
  return `{${[...declared].map(([name, value]) => `${JSON.stringify(name)}:${textOf(value)}`).join(',')}}`
}

/** Whether all that `asked` declares is in `declared`, by its names. */
export function covers(declared: Declared, asked: Declared): boolean {
  for (const [name, value] of asked) {
    const known = declared.get(name)
    if (known === undefined) return false
    if (typeof value === 'string') continue
    if (typeof known === 'string' || !covers(known, value)) return false
  }
  return true
}

/** All that either declares. */
export function union(declared: Declared, more: Declared): Declared {
  const all = new Map(declared)
  for (const [name, value] of more) {
    const known = all.get(name)
    if (known === undefined) all.set(name, value)
    else if (typeof value !== 'string') all.set(name, typeof known === 'string' ? value : union(known, value))
  }
  return all
}

/** Whether a host that declares this may be asked this by the server. */
export function permits(declared: Declared, question: Envelope): boolean {
  switch (question.method) {
    case 'roots/list':
      return has(declared, 'roots')
    case 'sampling/createMessage':
      if (spanAt(question, 'params', 'tools') === undefined) return has(declared, 'sampling')
      return has(declared, 'sampling', 'tools')
    case 'elicitation/create':
      return has(declared, 'elicitation', stringAt(question, 'params', 'mode') === 'url' ? 'url' : 'form')
    default:
      return false
  }
}

export function has(declared: Declared, ...path: readonly string[]): boolean {
  let within: Declared | string | undefined = declared
  for (const name of path) within = typeof within === 'string' ? undefined : within?.get(name)
  return within !== undefined
}
