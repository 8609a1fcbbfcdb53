// TOML as a tree with places, what it holds by dotted path, and the reason why it is none. Pure.
import { type AST, ParseError, parseTOML } from 'toml-eslint-parser'
import { unreadable } from './unreadable.ts'

export type Path = readonly string[]
export type TomlTable = AST.TOMLTable
type TomlPair = AST.TOMLKeyValue
type TomlContent = AST.TOMLContentNode

export interface TomlTree {
  readonly text: string
  readonly body: readonly (TomlPair | TomlTable)[]
}

/** A pair outside of inline tables, or in one, with its whole key. */
export interface Pair {
  readonly key: Path
  readonly node: TomlPair
}

/** Throws BridgeError `usage`, code `config-unreadable`. */
export function parseToml(text: string): TomlTree {
  try {
    // A zero at the very end has no place for the parser (1.0.3), so a line end follows in any case.
    const whole = /[\r\n]$/.test(text) ? text : `${text}\n`
    // The newest version reads all that the older ones do.
    return { text, body: parseTOML(whole, { tomlVersion: 'latest' }).body[0].body }
  } catch (thrown) {
    if (thrown instanceof RangeError) throw unreadable(text, 0, 'the config is nested too deeply')
    if (!(thrown instanceof ParseError)) throw thrown
    const reason = thrown.message.replace(/^./, (first) => first.toLowerCase())
    throw unreadable(text, thrown.index, `the config is not valid TOML: ${reason}`)
  }
}

export function keyOf(node: TomlTable | TomlPair): Path {
  return node.key.keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value))
}

export function startsWith(key: Path, start: Path): boolean {
  return start.every((part, index) => key[index] === part)
}

/** The pairs as they are written: those of an inline table are within its own. */
export function pairsOf({ body }: TomlTree): Pair[] {
  return body.flatMap((node) => {
    if (node.type === 'TOMLKeyValue') return [{ key: keyOf(node), node }]
    const table = node.resolvedKey.map(String)
    return node.body.map((pair) => ({ key: [...table, ...keyOf(pair)], node: pair }))
  })
}

export function tablesOf({ body }: TomlTree): TomlTable[] {
  return body.filter((node) => node.type === 'TOMLTable')
}

/** A value, plain: integers too big for a number and dates as they are written. */
function plainValue(node: TomlContent): unknown {
  switch (node.type) {
    case 'TOMLArray':
      return node.elements.map(plainValue)
    case 'TOMLInlineTable':
      return plainTable(node.body.map((pair) => ({ key: keyOf(pair), node: pair })))
    case 'TOMLValue':
      if (node.kind === 'integer') return Number.isSafeInteger(node.value) ? node.value : node.number
      return node.value instanceof Date ? JSON.stringify(node.value) : node.value
  }
}

export function plainTable(pairs: readonly Pair[]): Record<string, unknown> {
  const table: Record<string, unknown> = {}
  for (const { key, node } of pairs) {
    let inner = table
    for (const part of key.slice(0, -1)) inner = innerTable(inner, part)
    define(inner, key.at(-1) ?? '', plainValue(node.value))
  }
  return table
}

function innerTable(table: Record<string, unknown>, key: string): Record<string, unknown> {
  const found = Object.hasOwn(table, key) ? table[key] : undefined
  if (typeof found === 'object' && found !== null) return found as Record<string, unknown>
  const made = {}
  define(table, key, made)
  return made
}

/** Even `__proto__`, which a file may name. */
function define(table: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(table, key, { value, enumerable: true, writable: true, configurable: true })
}

/** All that a text holds but for what is at the path, sorted: texts that differ only there have the same. */
export function restOf(tree: TomlTree, path: Path): string {
  const tables = tablesOf(tree)
    .filter(({ resolvedKey }) => !startsWith(resolvedKey.map(String), path))
    .map(({ resolvedKey }) => JSON.stringify(resolvedKey))
  const pairs = pairsOf(tree).flatMap(({ key, node }) => leavesOf(tree.text, key, node.value, path))
  return [...tables, ...pairs].sort().join('\n')
}

function leavesOf(text: string, key: Path, node: TomlContent, path: Path): string[] {
  if (startsWith(key, path)) return []
  if (node.type === 'TOMLInlineTable')
    return [
      ...(node.body.length === 0 ? [`${JSON.stringify(key)} {}`] : []),
      ...node.body.flatMap((pair) => leavesOf(text, [...key, ...keyOf(pair)], pair.value, path)),
    ]
  return [`${JSON.stringify(key)} ${text.slice(...node.range)}`]
}
