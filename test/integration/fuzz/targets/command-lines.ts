// What people and editors write on the command line: arguments, the URL, headers and their files, quantities. arguments.md 4.
import assert from 'node:assert/strict'
import { isBridgeError } from '../../../../src/errors.ts'
import { repairArgv } from '../../../../src/options/argv.ts'
import { findFlag } from '../../../../src/options/flags.ts'
import { readHeaderFile } from '../../../../src/options/header-file.ts'
import { type HeaderText, parseHeader } from '../../../../src/options/headers.ts'
import { readCount, readDuration, readSize } from '../../../../src/options/quantities.ts'
import { readUrl } from '../../../../src/options/url.ts'
import type { Environment } from '../../../../src/options/variables.ts'
import { open, readCases } from '../../../unit/options/command-lines.ts'
import { bytesOf, type Target } from '../target.ts'
import { checkRefusal, quietly, refusalOf, SECRET } from './sentences.ts'

const CASES = [...readCases('argv-corpus.json'), ...readCases('argv-own.json')]
const ENV = {
  TOK: SECRET,
  HOST: 'h.example',
  EMPTY: '',
  REF: '${TOK}',
  QUOTED: '"a b"',
  X_URL: 'https://h.example/mcp',
}
const ENVIRONMENT: Environment = { values: ENV, windows: false }
/** Between arguments: none can hold it. */
const NUL = '\0'

const FLAGS = CASES.flatMap(({ argv }) => argv ?? []).filter((word) => /^--?\w/.test(word))

export const ARGV: Target = {
  name: 'argv',
  few: 150,
  seeds: CASES.flatMap(({ argv }) => (argv === null ? [] : [argv.join(NUL)])),
  tokens: [...new Set(FLAGS.slice(0, 80))].concat([
    NUL,
    '--',
    '=',
    ':',
    `${NUL}--header${NUL}`,
    `Bearer ${SECRET}`,
    SECRET,
    '${TOK}',
    'https://h.example/mcp',
    '3334',
    'help',
    'login',
    'trace',
  ]),
  make: (chance) =>
    [
      chance.pick(['https://h.example/mcp', 'http://localhost:3000/mcp?key=1', '${X_URL}']),
      ...Array.from({ length: chance.number(4) }, () =>
        chance.pick([
          '--header=X-A: 1',
          `--header${NUL}Authorization:${NUL}Bearer${NUL}${SECRET}`,
          '--transport=http',
          '--request-timeout=5s',
          '-v',
        ]),
      ),
    ].join(NUL),
  async check(text) {
    const argv = text.split(NUL)
    const repaired = repairArgv(argv)
    const { argv: once, command, problem } = repaired
    if (problem !== undefined) checkRefusal('usage', problem)
    else if (once[0] !== '--help') {
      const again = repairArgv([...(command === 'bridge' ? [] : [command]), ...once])
      assert.deepEqual(again.argv, once.map(trimmed), 'repaired twice it is another')
    }
    try {
      const door = open(argv, { env: ENV })
      if (door.kind === 'bridge') await door.whole?.()
    } catch (thrown) {
      checkRefusal('usage', thrown)
    }
  },
  parse: (text) => quietly(() => repairArgv(text.split(NUL))),
}

/** A script with Windows line ends has one behind its last word. */
function trimmed(word: string): string {
  return /^--\S*[ \t\r\n]+$/.test(word) ? word.trimEnd() : word
}

export const HEADERS: Target = {
  name: 'headers',
  few: 600,
  seeds: CASES.flatMap(({ argv }) => argv ?? []).filter((word) => /^[\w"'\\-]+ *[:=]/.test(word)),
  tokens: [
    'X-A',
    'Authorization',
    'Cookie',
    ':',
    '=',
    ' ',
    '\t',
    '"',
    "'",
    '\\"',
    'Bearer ',
    'Basic ',
    'Digest username="x"',
    '${TOK}',
    '${env:TOK}',
    '${NO:-}',
    '${EMPTY:-d}',
    '$${',
    '${',
    '}',
    '%TOK%',
    '$TOK',
    '<token>',
    SECRET,
    'Host',
    'Mcp-Session-Id',
    '\r\n',
  ],
  make: (chance) =>
    `${chance.pick(['X-A', 'Authorization', 'api-key', 'Cookie'])}${chance.pick([': ', ':', '=', ' : '])}${chance.pick(['', 'Bearer ', 'Bearer Bearer ', '"'])}${chance.pick([SECRET, '${TOK}', 'a=b; c=d', '${NO:-x}', 'a b'])}`,
  check(text) {
    const parsed = refusalOf('usage', () => parseHeader({ text, from: '--header' }, ENVIRONMENT))
    if (isBridgeError(parsed)) return
    for (const { text } of parsed.warnings) assert.match(text, /^[^\x00-\x1f]+$/, 'a warning is one line')
    for (const { text } of parsed.warnings)
      assert.ok(!text.includes(SECRET), `a warning with a secret: ${text}`)
    const { header } = parsed
    if (header === undefined) return
    assert.match(header.name, /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/, 'no name of a header')
    assert.match(header.value, /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/, 'no value of a header')
    const [, plain] = /^X-A: ([\w.]+)$/.exec(text) ?? []
    if (plain !== undefined) assert.deepEqual(header, { name: 'X-A', value: plain }, 'another header')
  },
  parse: (text) => quietly(() => parseHeader({ text, from: '--header' }, ENVIRONMENT)),
}

export const HEADER_FILES: Target = {
  name: 'header-files',
  few: 250,
  seeds: CASES.flatMap(({ files }) => Object.values(files ?? {})),
  tokens: [
    'X-A: 1',
    'Authorization: Bearer ${TOK}',
    '\n',
    '\r\n',
    '\r',
    '#',
    '# c',
    ' ',
    '\ufeff',
    '\0',
    '\udcff\udcfe',
  ],
  make: (chance) =>
    Array.from({ length: chance.number(6) }, () => chance.pick(HEADER_FILES.tokens)).join(
      chance.pick(['\n', '\r\n']),
    ),
  check(text) {
    const bytes = bytesOf(text)
    const found = refusalOf('usage', () => readHeaderFile(bytes, '/home/u/headers'))
    if (isBridgeError(found)) return
    const lines = new TextDecoder().decode(bytes).split(/\r?\n/)
    const meant = lines.filter((line) => !/^[ \t]*(?:#.*)?$/s.test(line))
    assert.deepEqual(
      found.map(({ text }) => text),
      meant,
      'not the lines that are not blank',
    )
    for (const each of found) refusalOf('usage', () => parseHeader(each as HeaderText, ENVIRONMENT))
  },
  parse: (text) => quietly(() => readHeaderFile(bytesOf(text), 'f')),
}

export const URLS: Target = {
  name: 'urls',
  few: 500,
  seeds: CASES.flatMap(({ argv }) => argv ?? []).filter((word) =>
    /^[<"']?(?:https?|http\+unix|\$\{)/.test(word),
  ),
  tokens: [
    'https://',
    'http://',
    'http+unix://',
    'localhost',
    '127.0.0.1',
    '[::1]',
    '192.168.0.1',
    'h.example',
    ':8080',
    ':99999',
    '/mcp',
    '/..',
    '?key=1',
    '#',
    '@',
    `u:${SECRET}@`,
    '%2Ftmp%2Fx.sock',
    '%',
    '${HOST}',
    '${TOK}',
    '${X_URL}',
    '"',
    '<',
    '>',
    '^',
    '\\',
    ' --header',
    '\u2028',
    'ü',
    '*',
  ],
  make: (chance) =>
    `${chance.pick(['https://', 'http://', 'http+unix://'])}${chance.pick(['', 'u:p@', 'u@'])}${chance.pick(['h.example', 'localhost', '[::1]', '%2Ftmp%2Fs.sock', '${HOST}', 'xn--bcher-kva.example'])}${chance.pick(['', ':8080', ':'])}${chance.pick(['', '/', '/mcp', '/v1/${TOK}/mcp'])}${chance.pick(['', '?a=b', '?k=${TOK}', '#f'])}`,
  check(text) {
    const request = {
      from: 'the command line',
      isData: false,
      allowHttp: text.length % 2 === 0,
      environment: ENVIRONMENT,
    }
    const found = refusalOf('usage', () => readUrl({ ...request, text }))
    if (isBridgeError(found)) return
    const { url } = found
    assert.ok(['https:', 'http:', 'http+unix:'].includes(url.protocol), `another scheme: ${url.protocol}`)
    assert.equal(url.username + url.password + url.hash, '', 'what is not sent is still in it')
    for (const { text } of found.warnings)
      assert.ok(!text.includes(SECRET), `a warning with a secret: ${text}`)
    const again = refusalOf('usage', () => readUrl({ ...request, isData: true, text: url.href }))
    // Blanks and marks that the parser has encoded are gone; what it leaves as it is may be refused as text.
    if (!isBridgeError(again)) assert.equal(again.url.href, url.href, 'read again it is another')
  },
  // Of what is filled in the user alone says how much it is: at each variable what stands before it is looked at.
  parse: (text) =>
    quietly(() => readUrl({ text, from: '', isData: true, allowHttp: true, environment: ENVIRONMENT })),
}

export const QUANTITIES: Target = {
  name: 'quantities',
  few: 300,
  seeds: ['30', '30s', '500ms', '2m', '1.5s', '64MiB', '64 MB', '1048576', '1e3', '-1', '0x10', '∞'],
  tokens: [
    '0',
    '9',
    '999999999999999',
    '.',
    's',
    'ms',
    'm',
    'h',
    'MiB',
    'kb',
    'B',
    ' ',
    'e',
    '-',
    '+',
    ',',
    '_',
  ],
  make: (chance) =>
    `${chance.number(100_000)}${chance.pick(['', '.5', '.123456789'])}${chance.pick(['', ' '])}${chance.pick(['', 's', 'ms', 'm', 'MB', 'GiB', 'b'])}`,
  check(text) {
    const given = { text, from: '--x' }
    for (const [read, name] of QUANTITY_READERS) {
      const flag = findFlag(name)!
      const value = refusalOf('usage', () => read(flag, given))
      if (isBridgeError(value)) continue
      assert.ok(Number.isSafeInteger(value) && value >= 0, `${name}: ${value} is no quantity`)
      assert.match(text.trim(), /^[\d.]+ ?[A-Za-z]*$/, `${name} takes it for ${value}`)
    }
  },
  parse: (text) =>
    QUANTITY_READERS.map(([read, name]) => quietly(() => read(findFlag(name)!, { text, from: '' }))),
}

const QUANTITY_READERS = [
  [readDuration, '--request-timeout'],
  [readSize, '--max-event'],
  [readCount, '--retries'],
] as const
