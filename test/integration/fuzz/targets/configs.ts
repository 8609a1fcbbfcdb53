// Editors' configs, JSON with comments and TOML: a change changes the server and nothing else. arguments.md 6.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createScanner, type ParseError, parse as parseJsonc } from 'jsonc-parser'
import { getStaticTOMLValue, parseTOML } from 'toml-eslint-parser'
import { isBridgeError } from '../../../../src/errors.ts'
import {
  readServers,
  type ServerFields,
  type Table,
  withInputs,
  withoutInputs,
  withoutServer,
  withServer,
} from '../../../../src/shell/files/servers.ts'
import { createChance } from '../chance.ts'
import { numberOf, type Target } from '../target.ts'
import { makeJson, makeToml, NEW } from './config-texts.ts'
import { quietly, refusalOf } from './sentences.ts'

const JSON_TABLE: Table = { format: 'json', path: ['mcpServers'] }
const TOML_TABLE: Table = { format: 'toml', path: ['mcp_servers'] }

const SERVERS: readonly ServerFields[] = [
  { command: 'npx', args: ['-y', 'mcp-ferry', 'https://h.example/mcp'] },
  { command: 'C:\\x y\\node.exe', args: [], env: { TOKEN: 'a "q" \\ \u00e9', 'odd name': '' } },
  { type: 'stdio', command: '', args: ["it's", '\x7f', 'x'.repeat(90)] },
]

function vector(name: string): string {
  return readFileSync(new URL(`../../../fixtures/vectors/configs/${name}`, import.meta.url), 'utf8')
}

type Fields = Record<string, unknown>

export const JSON_CONFIGS: Target = {
  name: 'json-configs',
  few: 120,
  seeds: ['cursor.json', 'claude-desktop.json', 'gemini.json']
    .map(vector)
    .concat(
      vector('vscode.jsonc').replace('"servers"', '"mcpServers"'),
      vector('zed.jsonc').replace('"context_servers"', '"mcpServers"'),
      '{"mcpServers":{}}',
      '{}',
    ),
  tokens: [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '// c\n',
    '/* c */',
    '/*',
    '//',
    '\n',
    '\r\n',
    '\t',
    '  ',
    '"mcpServers"',
    '"mcpServers":{',
    '"a":1',
    '"command":"x"',
    '"url":"https://h"',
    `"${NEW}":{`,
    '"__proto__":{}',
    '\\u006d',
    'null',
    'true',
    '\ufeff',
  ],
  make: makeJson,
  check: (text) => checkTable(text, JSON_TABLE, readJsonc),
  parse(text) {
    quietly(() => withServer(text, JSON_TABLE, NEW, SERVERS[0]!))
    return quietly(() => withoutServer(text, JSON_TABLE, NEW))
  },
}

export const TOML_CONFIGS: Target = {
  name: 'toml-configs',
  few: 80,
  seeds: [
    vector('codex.toml'),
    '[mcp_servers]\na.command = "x"\nb = { command = "y", args = [] }\n',
    'mcp_servers = { a = { command = "x" } }\n',
  ],
  tokens: [
    '[',
    ']',
    '[[',
    ']]',
    '{',
    '}',
    '=',
    '.',
    ',',
    '"',
    "'",
    '"""',
    "'''",
    '# c\n',
    '#',
    '\n',
    '\r\n',
    '\t',
    '[mcp_servers.a]\n',
    '[mcp_servers."ferry new"]\n',
    '[mcp_servers]\n',
    'a = 1\n',
    'command = "x"\n',
    'env.X = "1"\n',
    '1979-05-27T07:32:00Z',
    '0x_1',
    'inf',
    '__proto__',
    '\\u0061',
  ],
  make: makeToml,
  check: (text) => checkTable(text, TOML_TABLE, readToml),
  parse: (text) => quietly(() => withServer(text, TOML_TABLE, NEW, SERVERS[0]!)),
}

/** SyntaxKind.EOF, which only exists for the compiler. */
const END = 17

interface Reading {
  readonly value: Fields
  readonly comments: readonly string[]
}

/** By the libraries alone; undefined where they refuse it. */
function readJsonc(text: string): Reading | undefined {
  const body = text.replace(/^\ufeff/, '')
  const errors: ParseError[] = []
  const value: unknown = parseJsonc(body, errors, { allowTrailingComma: true, allowEmptyContent: true }) ?? {}
  if (errors.length > 0 || typeof value !== 'object' || Array.isArray(value)) return undefined
  const scanner = createScanner(body)
  const comments: string[] = []
  while (scanner.scan() !== END) {
    const token = scanner.getTokenValue()
    if (/^\/[/*]/.test(token)) comments.push(token)
  }
  return { value: value as Fields, comments }
}

function readToml(text: string): Reading | undefined {
  try {
    const tree = parseTOML(text.replace(/^\ufeff/, ''), { tomlVersion: 'latest' })
    return {
      value: getStaticTOMLValue(tree) as Fields,
      comments: tree.comments.map(({ value }) => value.trimEnd()),
    }
  } catch {
    return undefined
  }
}

function checkTable(text: string, table: Table, read: (text: string) => Reading | undefined): void {
  const known = refusalOf('usage', () => readServers(text, table))
  if (isBridgeError(known)) return
  const before = read(text)
  assert.ok(before, 'what the library refuses is taken')
  const chance = createChance(numberOf(text))
  const server = chance.pick(SERVERS)
  const name = chance.pick([NEW, ...known.keys()])
  const isNew = !known.has(name) && (before.value[table.path[0]!] as Fields | undefined)?.[name] === undefined
  const after = refusalOf('usage', () => withServer(text, table, name, server))
  if (!isBridgeError(after)) {
    const now = read(after)
    assert.ok(now, `what comes out is broken: ${after}`)
    assert.deepEqual(
      othersOf(now.value, table, name),
      othersOf(before.value, table, name),
      'something else has changed',
    )
    const fields = readServers(after, table).get(name)
    assert.deepEqual({ ...fields, ...server }, { ...fields }, 'the server is not what it is to be')
    if (isNew) {
      assert.deepEqual(now.comments, before.comments, 'comments are lost')
      assertWithin(text, after)
    }
    const same = refusalOf('usage', () => withServer(after, table, name, server))
    assert.equal(same, after, 'set again it changes')
  }
  const without = refusalOf('usage', () => withoutServer(text, table, name))
  if (isBridgeError(without)) return
  const now = read(without)
  assert.ok(now, `what is left is broken: ${without}`)
  assert.deepEqual(
    othersOf(now.value, table, name),
    othersOf(before.value, table, name),
    'something else has gone',
  )
  assert.ok(!readServers(without, table).has(name), 'the server is still there')
  assertWithin(without, text)
}

/** All but the server: a table that is empty counts as not there. */
function othersOf(value: Fields, { path }: Table, name: string): Fields {
  const key = path[0]!
  const { [key]: servers, ...others } = value
  if (typeof servers !== 'object' || servers === null) return others
  const rest = Object.entries(servers).filter(([other]) => other !== name)
  return rest.length === 0 ? others : { ...others, [key]: Object.fromEntries(rest) }
}

/** That all bytes but blanks are there, in their order. */
function assertWithin(small: string, large: string): void {
  let at = 0
  for (const one of small) {
    if (/[\s,]/.test(one)) continue
    at = large.indexOf(one, at)
    if (at < 0) assert.fail(`of ${JSON.stringify(small)} not all is in ${JSON.stringify(large)}`)
    at += one.length
  }
}

export const INPUTS: Target = {
  name: 'config-inputs',
  few: 120,
  seeds: [
    '{"inputs":[{"id":"a","type":"promptString"},{"id":"b"}],"servers":{}}',
    '{\n  // all\n  "inputs": [\n    { "id": "a" }, // one\n  ],\n}',
    '{}',
  ],
  tokens: [
    '{',
    '}',
    '[',
    ']',
    ',',
    '"id":"a"',
    '"id":1',
    '{"id":"new"}',
    '// c\n',
    '/* c */',
    '\n',
    'null',
    '"inputs":[',
  ],
  make: (chance) =>
    `{${chance.pick(['', '\n  '])}"inputs":${chance.pick([' ', ''])}[${Array.from({ length: chance.number(4) }, () => chance.pick(['{"id":"a"}', '{ "id": "b", "x": [] }', '1', '{"id":"new"}'])).join(chance.pick([',', ',\n    ', ', // c\n']))}]}`,
  check(text) {
    const before = readJsonc(text)
    const list = before?.value.inputs
    const path = ['inputs']
    const after = refusalOf('usage', () => withInputs(text, path, [{ id: 'new', type: 'promptString' }]))
    if (!isBridgeError(after)) {
      const now = readJsonc(after)?.value
      assert.deepEqual({ ...now, inputs: 0 }, { ...before?.value, inputs: 0 }, 'something else has changed')
      const known = Array.isArray(list) ? (list as unknown[]) : []
      const at = known.findIndex((one) => (one as Fields | null)?.id === 'new')
      const wanted =
        at < 0
          ? known.concat({ id: 'new', type: 'promptString' })
          : known.with(at, { id: 'new', type: 'promptString' })
      assert.deepEqual(now?.inputs, wanted, 'not the inputs')
      if (at < 0) assertWithin(text, after)
    }
    const without = refusalOf('usage', () => withoutInputs(text, path, new Set(['a'])))
    if (isBridgeError(without)) return
    assertWithin(without, text)
    if (Array.isArray(list))
      assert.deepEqual(
        readJsonc(without)?.value.inputs,
        (list as unknown[]).filter((one) => String((one as Fields | null)?.id) !== 'a'),
        'not the inputs that stay',
      )
  },
  parse: (text) => quietly(() => withInputs(text, ['inputs'], [{ id: 'new' }])),
}
