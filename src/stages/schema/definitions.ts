// The definitions that a schema with references needs, found as they are referred to: `$defs` of a dialect that has them. Pure.
import type { Document, Target } from './document.ts'
import { isArray, isObject, type Json, type JsonObject } from './json.ts'

export interface Reference {
  /** `#`, or `#/$defs/…`. */
  readonly path: string
  readonly name: string
  readonly isNew: boolean
  readonly isNullable: boolean
}

export interface Definitions {
  /** What the schema refers to, if it does nothing else than that, or null. */
  refTo(schema: Json): Reference | undefined
  /** The next definition that has been referred to, and not been taken yet. */
  next(): { readonly name: string; readonly schema: Json } | undefined
}

const LONGEST_NAME = 40

export function createDefinitions(document: Document): Definitions {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  const waiting: { readonly name: string; readonly schema: Json }[] = []

  function nameOf({ pointer, schema }: Target): { readonly name: string; readonly isNew: boolean } {
    const known = names.get(pointer)
    if (known !== undefined) return { name: known, isNew: false }
    const own = pointer.slice(pointer.lastIndexOf('/') + 1).replace(/[^\w-]+/g, '_')
    const base = own.slice(0, LONGEST_NAME) || 'schema'
    let name = base
    for (let count = 2; taken.has(name); count++) name = `${base}_${count}`
    names.set(pointer, name)
    taken.add(name)
    waiting.push({ name, schema })
    return { name, isNew: true }
  }

  return {
    refTo(schema) {
      const found = reference(schema)
      const target = found && followed(found.ref, document)
      if (found === undefined || target === undefined) return undefined
      const { isNullable } = found
      if (target.pointer === '#') return { path: '#', name: '', isNew: false, isNullable }
      const { name, isNew } = nameOf(target)
      return { path: `#/$defs/${name}`, name, isNew, isNullable }
    },
    next: () => waiting.shift(),
  }
}

/** What says nothing of its own beside a reference. */
const EMPTY_WORDS = new Set(['$comment', 'title'])

function reference(schema: Json): { readonly ref: string; readonly isNullable: boolean } | undefined {
  const members = isObject(schema) ? [...schema].filter(([name, value]) => !isEmptyWord(name, value)) : []
  const [[keyword, value] = []] = members
  if (members.length !== 1) return undefined
  if (keyword === '$ref' && typeof value === 'string') return { ref: value, isNullable: false }
  if ((keyword !== 'anyOf' && keyword !== 'oneOf') || !isArray(value) || value.length !== 2) return undefined
  const others = value.filter((branch) => !isNull(branch))
  const inner = others.length === 1 ? reference(others[0]!) : undefined
  return inner && { ...inner, isNullable: true }
}

function isEmptyWord(name: string, value: Json): boolean {
  return EMPTY_WORDS.has(name) || (name === 'default' && value === null)
}

function isNull(schema: Json): boolean {
  return isObject(schema) && schema.size === 1 && schema.get('type') === 'null'
}

/** Where the references end, if they do; not at a boolean. */
function followed(ref: string, document: Document): Target | undefined {
  const seen = new Set<string>()
  let target = document.resolve(ref)
  while (target !== undefined && !seen.has(target.pointer)) {
    const { schema } = target
    if (!isObject(schema)) return undefined
    const next: Json | undefined = schema.get('$ref')
    const isOnly = (schema as JsonObject).size === 1 && typeof next === 'string'
    if (!isOnly) return target
    seen.add(target.pointer)
    target = document.resolve(next)
  }
  return undefined
}
