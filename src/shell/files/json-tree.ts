// JSON with comments and trailing commas as a tree with places, or the reason why it is none. Pure.
import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import type { BridgeError } from '../../errors.ts'
import { unreadable } from './unreadable.ts'

export type { Node }

export interface Json {
  readonly text: string
  /** Undefined where there is nothing but blanks and comments. */
  readonly root: Node | undefined
}

const REASONS: Readonly<Record<string, string>> = {
  InvalidSymbol: 'something is neither a value nor a name in double quotes',
  InvalidNumberFormat: 'a number is malformed',
  PropertyNameExpected: 'a name in double quotes is missing',
  ValueExpected: 'a value is missing',
  ColonExpected: 'a colon is missing',
  CommaExpected: 'a comma is missing',
  CloseBraceExpected: 'a closing brace is missing',
  CloseBracketExpected: 'a closing bracket is missing',
  EndOfFileExpected: 'something follows after the end',
  UnexpectedEndOfComment: 'a comment has no end',
  UnexpectedEndOfString: 'a text has no closing quote',
  InvalidUnicode: 'a \\u in a text is malformed',
  InvalidEscapeCharacter: 'a backslash in a text must be written \\\\',
  InvalidCharacter: 'a text holds a control character',
}

/** The root is an object. Throws BridgeError `usage`, code `config-unreadable`. */
export function parseJson(text: string): Json {
  const errors: ParseError[] = []
  const root = parsed(text, errors)
  const [error] = errors
  if (error !== undefined) {
    const reason = REASONS[printParseErrorCode(error.error)] ?? 'something is malformed'
    throw unreadable(text, error.offset, `the config is not valid JSON: ${reason}`)
  }
  if (root !== undefined && root.type !== 'object')
    throw unreadable(text, root.offset, 'the config is not an object in braces')
  return { text, root }
}

function parsed(text: string, errors: ParseError[]): Node | undefined {
  try {
    return parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true })
  } catch (thrown) {
    // The parser calls itself for each bracket.
    if (thrown instanceof RangeError) throw unreadable(text, 0, 'the config is nested too deeply')
    throw thrown
  }
}

export function keyOf(property: Node): string {
  return String(property.children?.[0]?.value)
}

/** Undefined where there is no such property. Throws if there are two: which one the editor takes is not ours to guess. */
export function propertyOf(text: string, object: Node, key: string): Node | undefined {
  const [first, second] = (object.children ?? []).filter((property) => keyOf(property) === key)
  if (second !== undefined) throw twice(text, second)
  return first
}

export function twice(text: string, property: Node): BridgeError {
  return unreadable(text, property.offset, `${JSON.stringify(keyOf(property))} is there twice`)
}

/** The value of the property, which is to be of this kind. */
export function valueIn(text: string, object: Node, key: string, kind: 'object' | 'array'): Node | undefined {
  const value = propertyOf(text, object, key)?.children?.[1]
  if (value !== undefined && value.type !== kind)
    throw unreadable(text, value.offset, `${JSON.stringify(key)} is not an ${kind}`)
  return value
}

/** As JSON.parse makes it. */
export function plainValue(node: Node): unknown {
  const { children = [] } = node
  if (node.type === 'array') return children.map(plainValue)
  if (node.type !== 'object') return node.value
  return Object.fromEntries(
    children.map((property) => [keyOf(property), plainValue(property.children?.[1] ?? property)]),
  )
}

/** Whether two texts differ only in what is at the path: each member of the objects on the way to it is, but for the next one, the same text. */
export function isRestKept(before: Json, after: Json, path: readonly string[]): boolean {
  const [key, ...rest] = path
  if (key === undefined) return true
  const [was, is] = [membersOf(before.root), membersOf(after.root)]
  const others = (members: readonly Node[], text: string) =>
    members.filter((member) => keyOf(member) !== key).map((member) => sliceOf(text, member))
  const nextOf = (members: readonly Node[]) => members.find((member) => keyOf(member) === key)?.children?.[1]
  const [a, b] = [others(was, before.text), others(is, after.text)]
  if (a.length !== b.length || a.some((text, index) => text !== b[index])) return false
  return isRestKept({ ...before, root: nextOf(was) }, { ...after, root: nextOf(is) }, rest)
}

function membersOf(node: Node | undefined): readonly Node[] {
  return node?.type === 'object' ? (node.children ?? []) : []
}

function sliceOf(text: string, node: Node): string {
  return text.slice(node.offset, node.offset + node.length)
}
