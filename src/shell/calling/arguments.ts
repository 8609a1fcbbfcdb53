// `name=value` and `--args` → the JSON of a call's arguments, checked by the tool's schema before anything is sent. Values are
// in no sentence: one may be a secret. Pure.
//
//   message=hello     as the schema wants it: a string, a number, …
//   tags=a tags=b     an array
//   filter.name=x     a member of an object
//   filter:={"a":1}   JSON, whatever the schema says
import { type BridgeError, usage } from '../../errors.ts'
import { nearest } from '../../options/nearest.ts'
import { printable } from '../foreign-text.ts'
import { type Shape, shapeOf } from '../schema.ts'
import { isJson, membersIn, put, type Tree, textOf } from './json-text.ts'
import { allows, namedStrings, typed, typedAll, wanted } from './typing.ts'

export interface Tool {
  readonly name: string
  readonly inputSchema: unknown
}

export interface Given {
  /** Behind the tool's name. */
  readonly words: readonly string[]
  /** Each text of --args, and where it came from. */
  readonly objects: readonly { readonly text: string; readonly from: string }[]
}

interface Word {
  readonly name: string
  readonly value: string
  readonly isJson: boolean
}

interface Place {
  readonly path: readonly string[]
  readonly schema: unknown
}

/** The JSON of `arguments`, in one line. Throws BridgeError `usage`. */
export function readArguments({ words, objects }: Given, tool: Tool): string {
  const root = tool.inputSchema
  const shape = shapeOf(root, root)
  const tree = new Map<string, Tree>()
  for (const { text, from } of objects) {
    const members = membersIn(text)
    if (members === undefined)
      throw usage('args', `${from} is no JSON object; write {"name": value}, or name=value behind the tool`)
    for (const [name, value] of members) {
      checkMember(name, value, { tool, shape })
      tree.set(name, value)
    }
  }
  const named = new Map<string, Word[]>()
  words.forEach((word, at) => {
    const read = readWord(word, at, { tool, shape })
    named.set(read.name, [...(named.get(read.name) ?? []), read])
  })
  for (const [name, same] of named) {
    const place = placeOf(name, shape, root)
    if (place === undefined) throw unknownArgument(name, { tool, shape })
    put(tree, place.path, jsonOf(same, place, tool))
  }
  checkRequired(tree, { tool, shape })
  return textOf(tree)
}

interface Wanting {
  readonly tool: Tool
  readonly shape: Shape
}

function readWord(word: string, at: number, { tool, shape }: Wanting): Word {
  const equals = word.indexOf('=')
  if (equals <= 0) {
    const [name] = shape.required.length > 0 ? shape.required : shape.properties.keys()
    const instead = name === undefined ? 'name=value, or --args and a JSON object' : `${shown(name)}=<value>`
    throw usage(
      'argument-form',
      `argument ${at + 1} of ${shown(tool.name)} has no name; write ${instead}, and quotes around the whole of it if there are blanks in it`,
    )
  }
  const name = word.slice(0, equals)
  const value = word.slice(equals + 1)
  if (!name.endsWith(':') || shape.properties.has(name)) return { name, value, isJson: false }
  return { name: name.slice(0, -1), value, isJson: true }
}

/** Where a name leads: to a member of that very name, or by its dots into objects. */
function placeOf(name: string, shape: Shape, root: unknown): Place | undefined {
  if (shape.properties.has(name)) return { path: [name], schema: shape.properties.get(name) }
  for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
    const outer = name.slice(0, dot)
    if (!shape.properties.has(outer)) continue
    const within = shapeOf(shape.properties.get(outer), root)
    const inner = placeOf(name.slice(dot + 1), within, root)
    if (inner !== undefined) return { path: [outer, ...inner.path], schema: inner.schema }
  }
  return shape.isOpen ? { path: [name], schema: shape.others } : undefined
}

function jsonOf(words: readonly Word[], { schema }: Place, tool: Tool): string {
  const root = tool.inputSchema
  const [first] = words
  const { name, value, isJson: isRaw } = first!
  if (words.length > 1) {
    const all = typedAll(
      words.map((word) => word.value),
      schema,
      root,
    )
    if (all !== undefined && !words.some((word) => word.isJson)) return all
    throw usage(
      'argument-twice',
      `${shown(name)} is given ${words.length} times, and ${shown(tool.name)} wants ${shown(wanted(schema, root))}; write it once`,
    )
  }
  if (isRaw && !isJson(value))
    throw usage(
      'argument-json',
      `what stands behind ${shown(name)}:= is no JSON; write ${shown(name)}=<value>`,
    )
  const json = isRaw ? (allows(value, schema, root) ? value : undefined) : typed(value, schema, root)
  if (json === undefined) throw wrongValue(name, value, schema, tool)
  return json
}

function checkMember(name: string, value: string, { tool, shape }: Wanting): void {
  const known = shape.properties.has(name)
  // Who writes JSON means it: what a schema does not forbid may be there.
  const isForbidden = !known && !shape.isOpen && isClosed(tool.inputSchema)
  if (isForbidden) throw unknownArgument(name, { tool, shape })
  const schema = shape.properties.get(name)
  if (known && !allows(value, schema, tool.inputSchema)) throw wrongValue(name, '', schema, tool)
}

function isClosed(schema: unknown): boolean {
  return (schema as { additionalProperties?: unknown } | null)?.additionalProperties === false
}

function checkRequired(tree: ReadonlyMap<string, Tree>, { tool, shape }: Wanting): void {
  const root = tool.inputSchema
  // Some libraries write as required what they fill in themselves.
  const hasDefault = (name: string): boolean => {
    const schema = shape.properties.get(name)
    return typeof schema === 'object' && schema !== null && 'default' in schema
  }
  const missing = shape.required.filter((name) => !tree.has(name) && !hasDefault(name))
  if (missing.length === 0) return
  const all = missing.map((name) => `${shown(name)} (${shown(wanted(shape.properties.get(name), root))})`)
  const write = missing.map((name) => `${shown(name)}=<value>`).join(' ')
  const what = missing.length === 1 ? 'the argument' : 'the arguments'
  throw usage('argument-missing', `${shown(tool.name)} needs ${what} ${all.join(' and ')}; write ${write}`)
}

function unknownArgument(name: string, { tool, shape }: Wanting): BridgeError {
  const names = [...shape.properties.keys()]
  const near = nearest(name, names, 1)[0]
  const known = names.length === 0 ? 'it takes none' : `it takes ${names.map(shown).join(', ')}`
  const hint = near === undefined ? known : `did you mean ${shown(near)}?`
  return usage('argument-unknown', `${shown(tool.name)} has no argument ${shown(name)}; ${hint}`)
}

function wrongValue(name: string, value: string, schema: unknown, tool: Tool): BridgeError {
  const root = tool.inputSchema
  const near = nearest(value, namedStrings(schema, root), 1)[0]
  const hint =
    near === undefined
      ? `mcp-ferry tools <url> ${shown(tool.name)} --schema shows all that it takes`
      : `did you mean ${shown(near)}?`
  return usage(
    'argument-type',
    `${shown(tool.name)} wants ${shown(wanted(schema, root))} for ${shown(name)}; ${hint}`,
  )
}

function shown(text: string): string {
  return printable(text).slice(0, 400)
}
