// Servers put into real configs and taken out again: everything else stays, byte for byte.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'jsonc-parser'
import { getStaticTOMLValue, parseTOML } from 'toml-eslint-parser'
import {
  readServers,
  type Table,
  withInputs,
  withoutInputs,
  withoutServer,
  withServer,
} from '../../../src/shell/files/servers.ts'
import { CONFIGS, type Config, claudeCode, json, SERVER } from './config-texts.ts'

/** What another reader finds in it. */
function contentOf(text: string, { format }: Table): Record<string, Record<string, Record<string, unknown>>> {
  const body = text.replace(/^\uFEFF/, '')
  if (format === 'toml') return getStaticTOMLValue(parseTOML(body)) as ReturnType<typeof contentOf>
  const errors: never[] = []
  const value = parse(body, errors, { allowTrailingComma: true })
  assert.deepEqual(errors, [], body)
  return value
}

function withoutTable(text: string, table: Table): Record<string, unknown> {
  return { ...contentOf(text, table), [table.path[0]!]: undefined }
}

function tableOf(text: string, table: Table): Record<string, unknown> {
  return contentOf(text, table)[table.path[0]!] ?? {}
}

/** Each line of what stays is there still, in order, but for commas. */
function assertLinesKept(before: string, after: string): void {
  const lines = after.split('\n').map((line) => line.replace(/,/, ''))
  let at = 0
  for (const line of before.split('\n').map((line) => line.replace(/,/, ''))) {
    const found = lines.indexOf(line, at)
    assert.ok(found >= 0, `the line is there still: ${line}\n${after}`)
    at = found + 1
  }
}

const NAMES = ['ferry', 'a name: with "signs"', "it's", '__proto__', 'ünï', 'a.b']
const isOneLine = ({ text }: Config) => text.trim().split('\n').length === 1

for (const config of [...CONFIGS, claudeCode()]) {
  const { name, text, table, servers } = config

  test(`${name}: a new server comes in, and goes without a trace`, () => {
    for (const server of text.length > 1e5 ? NAMES.slice(0, 1) : NAMES) {
      const after = withServer(text, table, server, SERVER)
      assert.deepEqual(readServers(after, table).get(server), SERVER)
      // The other readers would set a prototype by it.
      if (server !== '__proto__') {
        assert.deepEqual(withoutTable(after, table), withoutTable(text, table))
        assert.deepEqual(tableOf(after, table), { ...tableOf(text, table), [server]: SERVER })
      }
      if (!isOneLine(config)) assertLinesKept(text, after)
      assert.equal(after.includes('\r\n'), text.includes('\r\n'))
      assert.equal(/[^\r]\n/.test(after), /[^\r]\n/.test(text), 'line ends are of one kind')
      assert.equal(withServer(after, table, server, SERVER), after, 'a second time changes nothing')
      assert.equal(withoutServer(after, table, server), text)
    }
  })

  test(`${name}: each server goes, the others stay`, () => {
    for (const server of servers) {
      const after = withoutServer(text, table, server)
      const { [server]: gone, ...others } = tableOf(text, table)
      assert.ok(gone !== undefined, 'it was there')
      assert.deepEqual(tableOf(after, table), others)
      assert.deepEqual(withoutTable(after, table), withoutTable(text, table))
      assert.equal(withoutServer(after, table, server), after)
    }
    assert.equal(withoutServer(text, table, 'nobody'), text)
  })

  test(`${name}: a server is replaced where it is; what is of another kind goes, what is the person's stays`, () => {
    for (const server of servers) {
      const after = withServer(text, table, server, SERVER)
      const { url, httpUrl, headers, type, ...kept } = tableOf(text, table)[server] as Record<string, unknown>
      const wanted: Record<string, unknown> = {
        ...kept,
        ...(type === 'stdio' ? { type } : {}),
        ...SERVER,
      }
      assert.deepEqual(tableOf(after, table), { ...tableOf(text, table), [server]: wanted })
      assert.deepEqual(Object.keys(tableOf(after, table)), Object.keys(tableOf(text, table)))
      assert.deepEqual(withoutTable(after, table), withoutTable(text, table))
      const without = withServer(after, table, server, { command: 'x' })
      const { args, env, ...rest } = wanted
      assert.deepEqual(tableOf(without, table)[server], { ...rest, command: 'x' })
    }
  })
}

test('what editors refuse beside a command goes with the URL it was for', () => {
  const ofCodex =
    '[m.n]\nurl = "http://x"\noauth_resource = "http://x"\nscopes = ["a"]\n\n[m.n.oauth]\nclient_id = "c"\n'
  assert.equal(
    withServer(ofCodex, { format: 'toml', path: ['m'] }, 'n', { command: 'x' }),
    '[m.n]\nscopes = ["a"]\ncommand = "x"\n',
  )
  const ofGemini = { httpUrl: 'http://x', authProviderType: 'google_credentials', timeout: 5 }
  const after = withServer(JSON.stringify({ m: { n: ofGemini } }), json('m'), 'n', { command: 'x' })
  assert.deepEqual(JSON.parse(after), { m: { n: { timeout: 5, command: 'x' } } })
})

const ENTRY = { command: 'x', args: ['a', 'b'] }
const COMPACT: Readonly<Record<string, readonly [before: string, after: string]>> = {
  'an empty file': [
    '',
    '{\n  "m": {\n    "n": {\n      "command": "x",\n      "args": ["a", "b"]\n    }\n  }\n}\n',
  ],
  blanks: [
    ' \r\n\r\n',
    '{\r\n  "m": {\r\n    "n": {\r\n      "command": "x",\r\n      "args": ["a", "b"]\r\n    }\r\n  }\r\n}\r\n',
  ],
  'only a comment': [
    '// mine\n',
    '// mine\n{\n  "m": {\n    "n": {\n      "command": "x",\n      "args": ["a", "b"]\n    }\n  }\n}\n',
  ],
  'an empty object': [
    '{}',
    '{\n  "m": {\n    "n": {\n      "command": "x",\n      "args": ["a", "b"]\n    }\n  }\n}',
  ],
  'one line': ['{"a":1}', '{"a":1,"m":{"n":{"command":"x","args":["a","b"]}}}'],
  'one line with blanks': ['{ "m": {} }\n', '{ "m": { "n": { "command": "x", "args": ["a", "b"] } } }\n'],
  'a comma at the end of one line': [
    '{"m": {"o": {},}}',
    '{"m": {"o": {}, "n": { "command": "x", "args": ["a", "b"] },}}',
  ],
  'a comment behind the last': [
    '{\n\t"m": {\n\t\t"o": 1 // first\n\t\t// "p": 2\n\t}\n}',
    '{\n\t"m": {\n\t\t"o": 1, // first\n\t\t// "p": 2\n\t\t"n": {\n\t\t\t"command": "x",\n\t\t\t"args": ["a", "b"]\n\t\t}\n\t}\n}',
  ],
  'only comments in the table': [
    '{\n    "m": {\n        // none yet\n    }\n}',
    '{\n    "m": {\n        // none yet\n        "n": {\n            "command": "x",\n            "args": ["a", "b"]\n        }\n    }\n}',
  ],
  'a bracket on the last line': [
    '{\n  "m": { "o": 1,\n         "p": "//" } }',
    '{\n  "m": { "o": 1,\n         "p": "//",\n         "n": {\n           "command": "x",\n           "args": ["a", "b"]\n         } } }',
  ],
  'a byte order mark and nothing': [
    '\uFEFF',
    '\uFEFF{\n  "m": {\n    "n": {\n      "command": "x",\n      "args": ["a", "b"]\n    }\n  }\n}\n',
  ],
}
for (const [what, [before, after]] of Object.entries(COMPACT))
  test(`${what}: the layout is that of the text`, () => {
    assert.equal(withServer(before, json('m'), 'n', ENTRY), after)
    const back = withoutServer(after, json('m'), 'n')
    if (/"m"/.test(before) && !/none yet|o": \{\},\}/.test(before)) assert.equal(back, before)
    assert.deepEqual([...readServers(back, json('m'))], [...readServers(before, json('m'))])
  })

const REMOVALS: Readonly<Record<string, readonly [before: string, after: string]>> = {
  'the first of a line': ['{"m":{"n":{},"o":1}}', '{"m":{"o":1}}'],
  'the last of a line': ['{"m":{"o":"http://x", "n":{}}}', '{"m":{"o":"http://x"}}'],
  'the middle of a line': ['{"m": {"a": 1, "n": {}, "o": 1}}', '{"m": {"a": 1, "o": 1}}'],
  'a comment of its own line goes with it': [
    '{"m": {\n"a": 1, // a\n"n": {} // n\n}}',
    '{"m": {\n"a": 1 // a\n}}',
  ],
  'a comment above stays': [
    '{"m": {\n// n\n"n": {},\n/* a */ "a": 1\n}}',
    '{"m": {\n// n\n/* a */ "a": 1\n}}',
  ],
  'a bracket behind a comment': ['{"m": {"a": 1, // a\n"n": {} }}', '{"m": {"a": 1 // a\n }}'],
  'commas in front': ['{"m": {\n  "a": 1\n  , "n": {}\n  , "b": 2\n}}', '{"m": {\n  "a": 1\n  , "b": 2\n}}'],
  'a comment in front of the comma': ['{"m": {"a": 1 /* a */, "n": {}}}', '{"m": {"a": 1 /* a */}}'],
  'all but a comment': ['{"m": {\n  // c\n  "n": {},\n}}', '{"m": {\n  // c\n}}'],
}
for (const [what, [before, after]] of Object.entries(REMOVALS))
  test(`removed: ${what}`, () => assert.equal(withoutServer(before, json('m'), 'n'), after))

test('inputs come in once, in place of those with their id', () => {
  const { text } = CONFIGS.find(({ name }) => name.startsWith('vscode'))!
  const inputs = [
    { type: 'promptString', id: 'perplexity-key', description: 'changed', password: true },
    { type: 'promptString', id: 'ferry', description: 'the token', password: true },
  ]
  const after = withInputs(text, ['inputs'], inputs)
  assert.deepEqual(contentOf(after, json('servers')).inputs, inputs)
  assert.ok(after.includes('// asked for once'), 'comments stay')
  assert.equal(withInputs(after, ['inputs'], inputs), after)
  assert.equal(withInputs(text, ['inputs'], []), text)
  assert.deepEqual(JSON.parse(withInputs('', ['inputs'], inputs)), { inputs })
  assert.deepEqual(JSON.parse(withInputs('{"a":1}', ['inputs'], inputs)), { a: 1, inputs })
  assert.throws(() => withInputs('{"inputs":{}}', ['inputs'], inputs), /"inputs" is not an array/)
})

const REFUSED: Readonly<Record<string, readonly [text: string, message: RegExp]>> = {
  'a comma is missing': ['{\n  "a": 1\n  "m": {}\n}', /a comma is missing \(line 3, column 3\)/],
  'a comma too many': ['{"a": 1,,}', /name in double quotes is missing \(line 1, column 9\)/],
  'the end is missing': ['{"m": {', /closing brace is missing/],
  'something follows': ['{}\n}', /something \w+.*\(line 2, column 1\)/],
  'a comment without end': ['{} /* x', /a comment has no end/],
  'a text over lines': ['{"a": "b\n"}', /no closing quote/],
  'a bad escape': ['{"a": "C:\\Users"}', /backslash .* must be written/],
  'a null table': ['{"m": null}', /"m" is not an object \(line 1, column 7\)/],
  'an array for a table': ['{"m": []}', /"m" is not an object/],
  'an array': ['[]', /not an object in braces/],
  'a number': ['12', /not an object in braces/],
  'the table twice': ['{"m": {},\n "m": {}}', /"m" is there twice \(line 2, column 2\)/],
  'a server twice': ['{"m": {"n": {}, "n": {}}}', /"n" is there twice/],
  'brackets without end': [`{"m":${'['.repeat(1e6)}`, /nested too deeply|is missing/],
}
for (const [what, [text, message]] of Object.entries(REFUSED))
  test(`refused and not repaired: ${what}`, () => {
    const refusal = { facts: { code: 'config-unreadable' }, message }
    assert.throws(() => readServers(text, json('m')), refusal)
    assert.throws(() => withServer(text, json('m'), 'n', ENTRY), refusal)
    assert.throws(() => withoutServer(text, json('m'), 'n'), refusal)
  })

test('an entry that is no object is not listed, and replaced whole', () => {
  assert.deepEqual([...readServers('{"m": {"n": null}}', json('m'))], [])
  assert.deepEqual(JSON.parse(withServer('{"m": {"n": null}}', json('m'), 'n', ENTRY)), { m: { n: ENTRY } })
})

test('numbers that JavaScript has not stay as they are written', () => {
  const text = '{"m": {"n": {"a": 1e400, "b": 9007199254740993, "command": "old"}}}'
  assert.equal(
    withServer(text, json('m'), 'n', { command: 'new', env: undefined }),
    text.replace('old', 'new'),
  )
})

test('inputs go by their id, and nothing around them', () => {
  const text = '{"inputs": [\n  // one\n  {"id": "a"},\n  7, {"id": "b"},\n  {"id": "a"}, // last\n], "x": 1}'
  const after = withoutInputs(text, ['inputs'], new Set(['a']))
  assert.deepEqual(parse(after), { inputs: [7, { id: 'b' }], x: 1 })
  assert.match(after, /one/)
  assert.equal(withoutInputs(text, ['inputs'], new Set(['c'])), text)
  assert.equal(withoutInputs('{"x": 1}', ['inputs'], new Set(['a'])), '{"x": 1}')
  assert.equal(
    withoutInputs('\uFEFF{"inputs":[{"id":"a"}]}', ['inputs'], new Set(['a'])),
    '\uFEFF{"inputs":[]}',
  )
  assert.throws(() => withoutInputs('{"inputs":{}}', ['inputs'], new Set(['a'])), /"inputs" is not an array/)
})
