// Which door a command line opens, what --help says, and that what comes out is frozen.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isBridgeError } from '../../../src/errors.ts'
import { COMMANDS } from '../../../src/options/command-names.ts'
import { TOLD_FLAGS } from '../../../src/options/flag-help.ts'
import { FLAGS } from '../../../src/options/flag-list.ts'
import { valueNameOf } from '../../../src/options/flag-values.ts'
import { URL_VARIABLE } from '../../../src/options/flags.ts'
import { readHeaderFile } from '../../../src/options/header-file.ts'
import { helpText } from '../../../src/options/help.ts'
import { answerTo, findMcpRemoteFlag, MCP_REMOTE_NAMES } from '../../../src/options/mcp-remote-flags.ts'
import { open, run } from './command-lines.ts'

const URL_TEXT = 'https://h.example/mcp'

function printed(...argv: string[]): string {
  const door = open(argv)
  if (door.kind === 'help') return helpText(door.command, '1.2.3')
  assert.equal(door.kind, 'print')
  return door.kind === 'print' ? door.text : ''
}

function codeOf(...argv: string[]): string | undefined {
  try {
    open(argv)
  } catch (thrown) {
    if (isBridgeError(thrown)) return thrown.facts.code
    throw thrown
  }
  return undefined
}

test('--help tells every flag, with its default and its variable', () => {
  const help = printed('--help')
  assert.match(
    help.replace(/\s+/g, ' '),
    /http\+unix:\/\/%2Fpath%2Fto%2Fit\.sock\/mcp for one behind a Unix socket/,
  )
  const flowing = help.replace(/\s+/g, ' ')
  assert.deepEqual(new Set(TOLD_FLAGS.map(({ name }) => name)), new Set(FLAGS.map(({ name }) => name)))
  for (const flag of TOLD_FLAGS) {
    const value = valueNameOf(flag.name)
    assert.equal(value === undefined, flag.kind === 'switch', flag.name)
    assert.ok(help.includes(`${flag.name}${value === undefined ? '' : ` ${value}`}`), flag.name)
    for (const part of [flag.short, flag.env, flag.default && `default: ${flag.default}`])
      if (part !== undefined) assert.ok(flowing.includes(part), part)
  }
  for (const part of [
    URL_VARIABLE,
    'Precedence',
    'Exit codes',
    'mcp-ferry 1.2.3',
    'npx -y mcp-ferry',
    '--header-env Authorization=MCP_AUTH',
    'printf',
    'mcp-ferry demo',
  ])
    assert.ok(help.includes(part), part)
  assert.match(help, / {2}0 .*\n {2}1 .*\n {2}2 .*\n$/)
  assert.doesNotMatch(help, /[ \t]$/m)
})

test('help fits a narrow terminal, and says the same in it', () => {
  for (const command of ['bridge', ...COMMANDS.filter((name) => name !== 'help')] as const) {
    const wide = helpText(command, '1.2.3')
    const narrow = helpText(command, '1.2.3', 80)
    assert.equal(narrow.replace(/\s+/g, ' '), wide.replace(/\s+/g, ' '), command)
    const [told = ''] = narrow.split('Examples:')
    for (const line of told.split('\n').filter((each) => !/^ {2}(?:mcp-ferry|npx) /.test(each)))
      assert.ok(line.length <= 80, `of ${command}: ${line}`)
    assert.doesNotMatch(narrow, /[ \t]$/m)
    assert.equal(helpText(command, '1.2.3', 300), wide)
    assert.equal(helpText(command, '1.2.3', 1), helpText(command, '1.2.3', 64))
  }
})

test('the examples in --help are command lines that we read ourselves', () => {
  const examples = printed('--help').match(/npx -y mcp-ferry .*$/gm) ?? []
  assert.ok(examples.length >= 5)
  for (const example of examples) {
    const argv = (example.match(/'[^']*'|\S+/g) ?? []).slice(3).map((word) => word.replace(/^'|'$/g, ''))
    const door = open(argv, { env: { MCP_AUTH: 'Bearer abc', TOKEN: 'abc' } })
    const kind = { demo: 'demo', login: 'account' }[argv[0] ?? ''] ?? 'bridge'
    assert.equal(door.kind, kind, example)
  }
})

test('help is printed in every way to ask for it, whatever else is wrong', () => {
  const help = printed('--help')
  for (const argv of [
    ['-h'],
    ['help'],
    [URL_TEXT, '--help'],
    ['--bogus', '-h'],
    ['--header', '--help'],
    ['--log-level', 'x', '-h'],
  ])
    assert.equal(printed(...argv), help, argv.join(' '))
  const demo = printed('demo', '--help')
  for (const argv of [
    ['demo', '-h'],
    ['help', 'demo'],
    ['demo', 'help'],
    ['--log-json', 'demo', '-h'],
  ])
    assert.equal(printed(...argv), demo, argv.join(' '))
  assert.ok(demo.includes('--log-level') && !demo.includes('--header-env'))
})

test('the version is printed alone', () => {
  assert.equal(printed('--version'), '1.2.3\n')
  assert.equal(printed('-V', URL_TEXT), '1.2.3\n')
  assert.equal(printed('demo', '-V'), '1.2.3\n')
})

test('demo takes the log options and nothing else', () => {
  const door = open(['demo', '--debug', '--log-json', '--log-file', '~/d.log'], {
    env: { MCP_FERRY_URL: URL_TEXT },
  })
  assert.deepEqual(door, {
    kind: 'demo',
    options: {
      log: { level: 'debug', json: true, file: '/home/u/d.log', fileName: 'the log file ~/d.log' },
      warnings: [],
    },
  })
  assert.equal(codeOf('demo', URL_TEXT), 'unexpected-argument')
  assert.equal(codeOf('demo', 'more'), 'unexpected-argument')
  assert.equal(codeOf('demo', '--header', 'X-A: 1'), 'unknown-option')
  assert.equal(codeOf('demo', '--allow-http'), 'unknown-option')
  assert.equal(codeOf('demo', '--bogus'), 'unknown-option')
  assert.equal(codeOf(URL_TEXT, 'demo'), 'unexpected-argument')
})

test('a word that is nearly a command is told so', () => {
  assert.match(run({ argv: ['dmeo'] }).sentences.join(), /did you mean demo\?/)
})

test('a word in the place of a command, before a URL, is told to be none', () => {
  const { sentences } = run({ argv: ['list', URL_TEXT] })
  assert.deepEqual(sentences, ['argument 1 is no command; mcp-ferry --help lists them'])
})

test('a word alone is told to be no command', () => {
  assert.deepEqual(run({ argv: ['list'] }).sentences, [
    'argument 1 is no command; mcp-ferry --help lists them',
  ])
})

test('a command behind the URL is told where it belongs', () => {
  const whole = {
    tools: 'tools <url>',
    config: 'config <editor> <name> <url>',
    demo: 'demo',
    trace: 'trace show|replay <file>',
  }
  for (const [command, line] of Object.entries(whole))
    assert.deepEqual(run({ argv: [URL_TEXT, command] }).sentences, [
      `argument 2 is the command ${command}, which stands first; write mcp-ferry ${line}`,
    ])
})

test('every flag of the table takes what its kind says, in both forms', () => {
  const values = {
    header: 'X-A: 1',
    text: 'X=V',
    path: '/f',
    duration: '1',
    size: '2KiB',
    count: '1',
    level: 'info',
    url: 'https://u.example/p',
    command: 'x',
  }
  for (const flag of FLAGS) {
    if (flag.kind === 'switch' || flag.kind === 'text') continue
    const env = flag.name === '--header-file' ? { files: { '/f': 'X-A: 1' } } : {}
    const value = flag.kind === 'choice' ? (flag.default ?? 'x') : values[flag.kind]
    for (const argv of [[flag.name, value], [`${flag.name}=${value}`]])
      assert.equal(run({ argv: [URL_TEXT, ...argv], ...env }).error, undefined, argv.join(' '))
    if (flag.kind !== 'header')
      assert.equal(run({ argv: [URL_TEXT, flag.name] }).error, 'missing-value', flag.name)
  }
})

test('every flag of mcp-remote is accepted, and its value is never a word by itself', () => {
  for (const name of MCP_REMOTE_NAMES) {
    const known = findMcpRemoteFlag(name)
    assert.ok(known !== undefined)
    const value = name === '--protocol' ? 'legacy' : '30'
    const more = known.takes === 'nothing' ? [] : [value]
    const { error, sentences } = run({ argv: [name, ...more, URL_TEXT] })
    assert.equal(error, undefined, name)
    assert.ok(answerTo(known, value) !== undefined, sentences.join())
  }
})

test('names and variables are unique, and no flag of mcp-remote hides one of ours', () => {
  const names = FLAGS.flatMap((flag) => [flag.name, flag.short ?? flag.name])
  assert.equal(new Set(names).size, FLAGS.length + FLAGS.filter((flag) => flag.short !== undefined).length)
  const variables = FLAGS.flatMap((flag) => flag.env ?? [])
  assert.equal(new Set(variables).size, variables.length)
  for (const flag of FLAGS) {
    if (flag.env !== undefined)
      assert.equal(flag.env, `MCP_FERRY_${flag.name.slice(2).replaceAll('-', '_').toUpperCase()}`)
    assert.ok(!MCP_REMOTE_NAMES.includes(flag.name))
  }
  assert.equal(new Set(COMMANDS).size, COMMANDS.length)
})

test('options are frozen, all the way down', () => {
  const { options } = run({ argv: [URL_TEXT, '-H', 'X-A: 1'] })
  for (const part of [
    options,
    options?.headers,
    options?.headers[0],
    options?.limits,
    options?.log,
    options?.warnings,
  ])
    assert.ok(Object.isFrozen(part))
})

test('the input is not changed', () => {
  const argv = Object.freeze([URL_TEXT, '--header', 'Authorization:', 'Bearer', `$\{T}`, '--debug'])
  assert.equal(run({ argv, env: Object.freeze({ T: 'x' }) }).error, undefined)
})

test('names that every object has are no variables', () => {
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty'])
    assert.equal(run({ argv: [URL_TEXT, '--bearer-env', name] }).error, 'env-undefined')
  assert.deepEqual(run({ argv: [URL_TEXT, '-H', '__proto__: 1'] }).options?.headers, [
    { name: '__proto__', value: '1' },
  ])
})

test('a header file in UTF-16 is refused with what to do, with and without its mark', () => {
  const text = 'Authorization: Bearer s3cr3t'
  const little = Uint8Array.from([...text].flatMap((letter) => [letter.charCodeAt(0), 0]))
  const big = Uint8Array.from([...text].flatMap((letter) => [0, letter.charCodeAt(0)]))
  for (const bytes of [
    little,
    big,
    Uint8Array.from([0xff, 0xfe, ...little]),
    Uint8Array.from([0xfe, 0xff, ...big]),
  ])
    assert.throws(
      () => readHeaderFile(bytes, '~/h'),
      (thrown) =>
        isBridgeError(thrown) &&
        thrown.facts.code === 'header-file-encoding' &&
        /UTF-8/.test(thrown.message) &&
        thrown.message.includes('~/h'),
    )
})

test('bytes of a header file that are no UTF-8 are refused where they stand', () => {
  const lines = readHeaderFile(Uint8Array.from([88, 58, 32, 97, 10, 89, 58, 32, 0xe9, 10]), '/h')
  assert.deepEqual(
    lines.map(({ from }) => from),
    ['line 1 of the header file /h', 'line 2 of the header file /h'],
  )
  assert.equal(run({ argv: [URL_TEXT, '-H', lines[1]?.text ?? ''] }).error, 'header-non-ascii')
})
