// The table of servers in a JSON config, comments and trailing commas and all. Pure. arguments.md 6.
import { isDeepStrictEqual } from 'node:util'
import { changed, changeOf, givenFields } from './fields.ts'
import { wholeText, withMember, withoutMember, withValue } from './json-splices.ts'
import {
  isRestKept,
  type Json,
  keyOf,
  type Node,
  parseJson,
  plainValue,
  propertyOf,
  twice,
  valueIn,
} from './json-tree.ts'
import type { ServerFields, Tables } from './servers.ts'
import { spoiled } from './unreadable.ts'

type Path = readonly string[]

export function jsonTables(text: string): Tables {
  const json = parseJson(text)
  return (path) => serversOf(json, path)
}

function serversOf(json: Json, path: Path): ReadonlyMap<string, ServerFields> {
  const { children = [] } = objectAt(json, path) ?? {}
  const names = new Set<string>()
  const servers = new Map<string, ServerFields>()
  for (const property of children) {
    const [name, value] = [keyOf(property), property.children?.[1]]
    if (names.has(name)) throw twice(json.text, property)
    names.add(name)
    if (value?.type === 'object') servers.set(name, plainValue(value) as ServerFields)
  }
  return servers
}

export function jsonWithServer(text: string, path: Path, name: string, server: ServerFields): string {
  const json = parseJson(text)
  const before = serversOf(json, path).get(name)
  const at = [...path, name]
  if (before === undefined) {
    const fields = Object.fromEntries(givenFields(server))
    return checked(json, withAt(json, at, fields), at, fields)
  }
  const change = changeOf(before, server)
  let after = json
  for (const [key, value] of change.set)
    if (!isDeepStrictEqual(before[key], value)) after = parseJson(withAt(after, [...at, key], value))
  for (const key of change.remove) after = parseJson(withoutAt(after, at, key))
  return checked(json, after.text, at, changed(before, change))
}

export function jsonWithoutServer(text: string, path: Path, name: string): string {
  const json = parseJson(text)
  serversOf(json, path)
  return checked(json, withoutAt(json, path, name), [...path, name], undefined)
}

export function jsonWithInputs(text: string, path: Path, inputs: readonly ServerFields[]): string {
  const given = inputs.map((input) => Object.fromEntries(givenFields(input)))
  if (given.length === 0) return text
  const json = parseJson(text)
  const list = listAt(json, path)
  if (list === undefined) return checked(json, withAt(json, path, given), path, given)
  const wanted = (list.children ?? []).map(plainValue)
  let after = json
  for (const input of given) {
    const index = wanted.findIndex((element) => idOf(element) === input.id)
    if (index >= 0 && isDeepStrictEqual(wanted[index], input)) continue
    after = parseJson(withElement(after, path, index, input))
    wanted[index < 0 ? wanted.length : index] = input
  }
  return checked(json, after.text, path, wanted)
}

/** A list that becomes empty stays. */
export function jsonWithoutInputs(text: string, path: Path, ids: ReadonlySet<string>): string {
  const isGone = (element: Node): boolean => ids.has(String(idOf(plainValue(element))))
  let json = parseJson(text)
  const before = json
  const kept = (listAt(json, path)?.children ?? []).filter((element) => !isGone(element)).map(plainValue)
  for (;;) {
    const list = listAt(json, path)
    const element = list?.children?.find(isGone)
    if (list === undefined || element === undefined) break
    json = parseJson(withoutMember(json.text, list, element))
  }
  return checked(before, json.text, path, kept)
}

function idOf(element: unknown): unknown {
  return (element as { readonly id?: unknown } | null)?.id
}

/** In place of the element at that index; below zero: as the last. */
function withElement(json: Json, path: Path, index: number, value: unknown): string {
  const { text, root } = json
  const list = listAt(json, path)
  if (root === undefined || list === undefined) throw spoiled()
  const element = list.children?.[index]
  return element === undefined
    ? withMember(text, root, list, { value })
    : withValue(text, root, list, element, value)
}

function listAt(json: Json, path: Path): Node | undefined {
  const parent = objectAt(json, path.slice(0, -1))
  return parent && valueIn(json.text, parent, path.at(-1) ?? '', 'array')
}

/** Undefined where one of the objects on the way is not there. */
function objectAt({ text, root }: Json, path: Path): Node | undefined {
  let node = root
  for (const key of path) node = node && valueIn(text, node, key, 'object')
  return node
}

/** The text with this value there; what is missing on the way is made. */
function withAt({ text, root }: Json, path: Path, value: unknown): string {
  if (root === undefined) return wholeText(text, nested(path, value))
  let box = root
  for (const [index, key] of path.entries()) {
    const rest = path.slice(index + 1)
    const property = propertyOf(text, box, key)
    if (property === undefined) return withMember(text, root, box, { key, value: nested(rest, value) })
    if (rest.length === 0) return withValue(text, root, box, property, value)
    box = valueIn(text, box, key, 'object') ?? box
  }
  throw new TypeError('the servers of an editor have a name in its config')
}

function withoutAt(json: Json, path: Path, key: string): string {
  const box = objectAt(json, path)
  const property = box && propertyOf(json.text, box, key)
  return box === undefined || property === undefined ? json.text : withoutMember(json.text, box, property)
}

function nested(path: Path, value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => Object.fromEntries([[key, inner]]), value)
}

/** That all else is as it was, and that what is at the path is as it is to be. */
function checked(before: Json, text: string, path: Path, wanted: unknown): string {
  if (text === before.text) return text
  const after = parseJson(text)
  const parent = objectAt(after, path.slice(0, -1))
  const value = (parent && propertyOf(text, parent, path.at(-1) ?? ''))?.children?.[1]
  const found = value && plainValue(value)
  if (!isDeepStrictEqual(found, wanted) || !isRestKept(before, after, path)) throw spoiled()
  return text
}
