// What is read at once is what argument repair and the reader of headers make of it, and what they refuse is left to them.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { repairArgv } from '../../../src/options/argv.ts'
import { FLAGS } from '../../../src/options/flag-list.ts'
import { type Given, readHeaders } from '../../../src/options/header-sources.ts'
import { readOrdinaryHeaders, readOrdinaryLine } from '../../../src/options/ordinary-line.ts'
import { readPlainly } from '../../../src/options/plain-words.ts'
import { readCases } from './command-lines.ts'

const URL_TEXT = 'https://remote.example/mcp'
const SECRETS = {
  TOK: 'abcdef0123456789',
  SHORT: 'Bearer',
  QUOTED: '"abcdef0123"',
  EMPTY: '',
  ENDS: 'abcdefgh\n',
}
const corpus = [...readCases('argv-corpus.json'), ...readCases('argv-own.json')].flatMap(({ argv }) =>
  argv === null ? [] : [argv],
)

const NAMES = [
  ...['Authorization', 'authorization', 'X-Api-Key', 'X-A', 'X-Authorization', 'x-proxy-authorization'],
  ...['Cookie', 'Host', 'Mcp-Session-Id', 'Accept', 'X-', 'X A', 'Api-Key', 'Authorization '],
]
const VALUES = [
  ...[
    'Bearer abcdef0123456789',
    'Api-Key abcdef+/0123==',
    'one',
    'Bearer',
    'Bearer Bearer',
    'bearer ',
    ' two',
    '',
  ],
  ...[
    'Api-Key Api-Key',
    'Bearer Bearer abcdefgh',
    'a  b',
    '"quoted"',
    '<your-token>',
    '$TOK',
    '%TOK%',
    'a\nb',
    'schön',
  ],
  ...[
    'Bearer ${TOK}',
    '${TOK}',
    'Bearer ${env:TOK}',
    'Bearer ${TOK:-x}',
    '${SHORT}',
    '${QUOTED}',
    '${EMPTY}',
    '${NONE}',
  ],
  ...[
    'Bearer ${SHORT}',
    '${ENDS}',
    '${TOK}${TOK}',
    'keychain:a/b',
    'dpop ${TOK}',
    'Bearer apikey',
    'token token',
  ],
]
const headers = NAMES.flatMap((name) =>
  VALUES.flatMap((value) => [`${name}: ${value}`, `${name}:${value}`, `${name}=${value}`]),
)

const reading = (given: Given, platform: string) => ({
  given,
  environment: { values: SECRETS, windows: platform === 'win32' },
  home: () => '/home/me',
  readFile: () => new Uint8Array(),
})

test('headers: each that is read at once is read as by the reader of all headers', () => {
  const lists = [...headers.map((text) => [text]), ...headers.map((text) => [text, 'X-A: one']), []]
  const atOnce = lists.filter((texts) => {
    const given: Given = new Map([['--header', texts]])
    return ['linux', 'win32'].every((platform) => {
      const request = reading(given, platform)
      const read = readOrdinaryHeaders(given, request.environment)
      if (read !== undefined) assert.deepEqual(read, readHeaders(request), texts.join())
      return read !== undefined
    })
  })
  for (const wanted of ['Authorization: Api-Key abcdef+/0123==', 'Authorization: Bearer ${TOK}', 'X-A: one'])
    assert.ok(
      atOnce.some((texts) => texts.length === 1 && texts[0] === wanted),
      wanted,
    )
})

test('lines: each that is read at once is one that argument repair has nothing to do with', () => {
  const words = [
    'x',
    '3',
    'http',
    'https://other.example',
    'Name: a',
    '"x"',
    "'x'",
    '-x',
    '--',
    '',
    ' ',
    '/a b',
    '${A}',
    '<https://x',
    '\\"x\\"',
    'help',
    'login',
    'HTTP:',
    '~/f',
    'x ',
  ]
  const flags = [
    ...FLAGS.map(({ name }) => name as string),
    '-H',
    '--debug',
    '--header=X-A: one',
    '--none',
    '-V',
  ]
  const options = flags.flatMap((name) => [[name], ...words.map((word) => [name, word])])
  const behind = [
    ['--header', 'X-A: one'],
    ['--header', 'X-A:'],
    ['--keep-alive'],
    ['3334'],
    ['demo'],
    ['more', 'words'],
  ]
  const lines = [
    ...corpus,
    ...words.map((word) => [word]),
    ...options.flatMap((option) => [
      [URL_TEXT, ...option],
      [...option, URL_TEXT],
      ...behind.flatMap((more) => [
        [URL_TEXT, ...option, ...more],
        [URL_TEXT, ...more, ...option],
      ]),
    ]),
  ]
  let atOnce = 0
  for (const line of lines)
    for (const isUrlNamed of [false, true]) {
      const read = readOrdinaryLine(line)
      if (read === undefined) continue
      atOnce++
      const { argv, ...rest } = repairArgv(line, isUrlNamed)
      assert.deepEqual(rest, { command: 'bridge', warnings: [] }, line.join(' '))
      assert.deepEqual(read, readPlainly('bridge', argv), line.join(' '))
    }
  assert.ok(atOnce > 2000, `only ${atOnce} of ${lines.length}`)
})

test('an ordinary start is read at once', () => {
  const line = [URL_TEXT, '--header', 'Authorization: Api-Key ${TOK}', '--transport', 'http', '--allow-http']
  assert.deepEqual(readOrdinaryLine(line), {
    given: new Map([
      ['--header', ['Authorization: Api-Key ${TOK}']],
      ['--transport', ['http']],
      ['--allow-http', ['']],
    ]),
    url: URL_TEXT,
    port: undefined,
  })
})
