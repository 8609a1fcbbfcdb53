// The table of servers in a TOML config. A server is one table with a head line, `[mcp_servers.NAME]`, where it is ours; those
// of the person may be written in any way: sub-tables, dotted keys, inline. Pure. arguments.md 6.
import { isDeepStrictEqual } from 'node:util'
import { changed, changeOf, givenFields } from './fields.ts'
import type { ServerFields, Tables } from './servers.ts'
import { behindComments, blankLineAbove, lineEnd, lineStart, nextLine } from './text-lines.ts'
import { writtenKey, writtenValue } from './toml-text.ts'
import {
  keyOf,
  type Pair,
  type Path,
  pairsOf,
  parseToml,
  plainTable,
  restOf,
  startsWith,
  type TomlTable,
  type TomlTree,
  tablesOf,
} from './toml-tree.ts'
import { spoiled, unreadable } from './unreadable.ts'

export function tomlTables(text: string): Tables {
  const tree = parseToml(text)
  return (path) => serversOf(tree, path)
}

function serversOf(tree: TomlTree, path: Path): ReadonlyMap<string, ServerFields> {
  checkTable(tree, path)
  const whole = plainTable(pairsOf(tree))
  let table: unknown = whole
  for (const key of path) table = (table as Record<string, unknown> | undefined)?.[key]
  const servers = new Map<string, ServerFields>()
  // A table may have a head line and nothing in it.
  for (const head of tablesOf(tree).filter((head) => startsWith(keyOf(head), path))) {
    const name = keyOf(head)[path.length]
    if (name !== undefined && head.kind === 'standard') servers.set(name, {})
  }
  for (const [name, fields] of Object.entries(table ?? {}))
    if (typeof fields === 'object' && fields !== null && !Array.isArray(fields)) servers.set(name, fields)
  return servers
}

/** That what is at the path are tables. */
function checkTable(tree: TomlTree, path: Path): void {
  const { text } = tree
  const name = writtenKey(path)
  for (const { key, node } of pairsOf(tree))
    if (startsWith(path, key) && node.value.type !== 'TOMLInlineTable')
      throw unreadable(text, node.range[0], `${writtenKey(key)} is not a table`)
  for (const table of tablesOf(tree))
    if (table.kind === 'array' && startsWith(path, keyOf(table)))
      throw unreadable(text, table.range[0], `${name} is a list of tables and not a table`)
}

export function tomlWithServer(text: string, path: Path, name: string, server: ServerFields): string {
  const before = tomlTables(text)(path).get(name)
  const at = [...path, name]
  if (before === undefined) {
    const fields = Object.fromEntries(givenFields(server))
    return checked(text, withBlock(withoutPieces(text, at), at, linesOf(fields)), at, fields)
  }
  const change = changeOf(before, server)
  const wanted = changed(before, change)
  if (isDeepStrictEqual(before, wanted)) return text
  const set = change.set.filter(([key, value]) => !isDeepStrictEqual(before[key], value))
  const gone = [...change.remove, ...set.map(([key]) => key)]
  const after = headOf(parseToml(text), at)
    ? inPlace(text, at, set, gone)
    : anew(text, at, gone, linesOf(Object.fromEntries(set)))
  return checked(text, after, at, wanted)
}

export function tomlWithoutServer(text: string, path: Path, name: string): string {
  const isThere = tomlTables(text)(path).has(name)
  const at = [...path, name]
  return isThere ? checked(text, withoutPieces(text, at), at, undefined) : text
}

function headOf(tree: TomlTree, at: Path): TomlTable | undefined {
  return tablesOf(tree).find((table) => isDeepStrictEqual(table.resolvedKey, at))
}

/** The fields set and taken away in the table that has a head line of its own. */
function inPlace(text: string, at: Path, set: readonly (readonly [string, unknown])[], gone: Path): string {
  let after = text
  const values = new Map(set)
  for (const key of gone) {
    const tree = parseToml(after)
    const pair = pairsOf(tree).find((pair) => isDeepStrictEqual(pair.key, [...at, key]))
    if (pair !== undefined && values.has(key)) {
      const [start, end] = pair.node.value.range
      after = after.slice(0, start) + writtenValue(values.get(key)) + after.slice(end)
      continue
    }
    after = withoutPieces(after, [...at, key])
    if (values.has(key))
      after = withLine(after, at, `${writtenKey([key])} = ${writtenValue(values.get(key))}`)
  }
  return after
}

/** As the last of the table's own lines. */
function withLine(text: string, at: Path, line: string): string {
  const head = headOf(parseToml(text), at)
  if (head === undefined) throw spoiled()
  const last = head.body.at(-1)
  const indent = /^[ \t]*/.exec(text.slice(lineStart(text, (last ?? head).range[0])))?.[0] ?? ''
  return withLines(text, nextLine(text, (last ?? head.key).range[1]), indent + line)
}

/** An entry of one line, or of dotted keys, gets a head line; tables within it stay where they are. */
function anew(text: string, at: Path, gone: Path, lines: readonly string[]): string {
  const kept = keptLines(text, at, gone)
  const bare = withoutLines(text, cutsOfPairs(text, at))
  const rest = gone.reduce((rest, key) => withoutPieces(rest, [...at, key]), bare)
  return withBlock(rest, at, [...kept, ...lines])
}

/** What the entry has beside those fields, as it is written. */
function keptLines(text: string, at: Path, gone: Path): string[] {
  return pairsOf(parseToml(text)).flatMap(({ key, node }) => {
    if (!startsWith(key, at) || isIn(node.parent, at)) return []
    if (key.length === at.length)
      return (node.value.type === 'TOMLInlineTable' ? node.value.body : [])
        .filter((pair) => !gone.includes(keyOf(pair)[0] ?? ''))
        .map((pair) => text.slice(...pair.range))
    const line = `${writtenKey(key.slice(at.length))} = ${text.slice(...node.value.range)}`
    return gone.includes(key[at.length] ?? '') ? [] : [line]
  })
}

function linesOf(fields: ServerFields): string[] {
  return Object.entries(fields).map(([key, value]) => `${writtenKey([key])} = ${writtenValue(value)}`)
}

/** Behind the last table of the servers, or at the end. */
function withBlock(text: string, at: Path, lines: readonly string[]): string {
  const tree = parseToml(text)
  const table = at.slice(0, -1)
  const last = tablesOf(tree).findLast((head) => startsWith(keyOf(head), table))
  const end = last && behindComments(text, nextLine(text, last.range[1]))
  const eol = lineEnd(text)
  const block = [`[${writtenKey(at)}]`, ...lines].join(eol)
  return withLines(text, end ?? text.length, text.trim() === '' ? block : eol + block)
}

function withLines(text: string, at: number, lines: string): string {
  const eol = lineEnd(text)
  const isOpen = at > 0 && text[at - 1] !== '\n'
  return `${text.slice(0, at)}${isOpen ? eol : ''}${lines}${eol}${text.slice(at)}`
}

type Cut = readonly [from: number, to: number]

/** The text without all that is at the path, whole lines each. */
function withoutPieces(text: string, at: Path): string {
  const tables = tablesOf(parseToml(text)).filter(({ resolvedKey }) =>
    startsWith(resolvedKey.map(String), at),
  )
  return withoutLines(text, [...tables.map((table) => cutOfTable(text, table)), ...cutsOfPairs(text, at)])
}

function withoutLines(text: string, cuts: readonly Cut[]): string {
  return [...cuts]
    .sort(([first], [second]) => second - first)
    .reduce((rest, [from, to]) => rest.slice(0, from) + rest.slice(to), text)
}

/** The lines of what is at the path and stands in a table above it. */
function cutsOfPairs(text: string, at: Path): Cut[] {
  const pairs = pairsOf(parseToml(text))
  for (const pair of pairs) refuseInline(text, pair, at)
  return pairs
    .filter(({ key, node }) => startsWith(key, at) && !isIn(node.parent, at))
    .map(({ node }) => [lineStart(text, node.range[0]), nextLine(text, node.range[1])])
}

function isIn(parent: Pair['node']['parent'], at: Path): boolean {
  return parent.type === 'TOMLTable' && startsWith(parent.resolvedKey.map(String), at)
}

function cutOfTable(text: string, table: TomlTable): Cut {
  const start = lineStart(text, table.range[0])
  const end = behindComments(text, nextLine(text, table.range[1]))
  return [blankLineAbove(text, start), end]
}

/** A table of one line is closed: nothing can be added to it, and what is taken out leaves commas. */
function refuseInline(text: string, { key, node }: Pair, at: Path): void {
  if (key.length < at.length && startsWith(at, key))
    throw unreadable(
      text,
      node.range[0],
      `${writtenKey(key)} is written in braces, which is not changed here: give each server a table of its own, as in [${writtenKey(at)}]`,
    )
}

/** That all else is as it was, and that what is at the path is as it is to be. */
function checked(before: string, after: string, at: Path, wanted: ServerFields | undefined): string {
  const found = tomlTables(after)(at.slice(0, -1)).get(at.at(-1) ?? '')
  const isRestKept = restOf(parseToml(before), at) === restOf(parseToml(after), at)
  if (!isRestKept || !isDeepStrictEqual(found, wanted)) throw spoiled()
  return after
}
