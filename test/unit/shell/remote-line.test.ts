// The command line of what asks a remote: which words are the command's, which are the bridge's, and where the URL is.
import assert from 'node:assert/strict'
import test from 'node:test'
import { type BridgeError, usage } from '../../../src/errors.ts'
import type { Options } from '../../../src/options/options.ts'
import type { ToolFlag } from '../../../src/options/tool-flags.ts'
import { readRemoteLine } from '../../../src/shell/remote-line.ts'

const FLAGS = [
  { name: '--json', help: '' },
  { name: '--count', short: '-n', value: '<n>', help: '' },
] as const satisfies readonly ToolFlag[]
const URL_A = 'https://mcp.example.com/mcp'

interface Setting {
  readonly env?: Readonly<Record<string, string>>
  readonly fewest?: number
  readonly terminals?: readonly [stdin: boolean, stderr: boolean]
}

async function read(argv: readonly string[], { env = {}, fewest = 0, terminals }: Setting = {}) {
  let bridge: readonly string[] = []
  const line = await readRemoteLine(
    argv,
    FLAGS,
    {
      env,
      read: async (given) => {
        bridge = given
        if (!given.some((word) => word.includes('://')) && env.MCP_FERRY_URL === undefined)
          throw usage('url-missing', 'there is no URL')
        return { kind: 'bridge', options: { limits: {}, signIn: {} } as Options }
      },
      ...(terminals && {
        program: { stdin: { isTTY: terminals[0] }, stderr: { isTTY: terminals[1] } } as never,
      }),
    },
    fewest,
  )
  const { asksNobody = false } = line.options.signIn
  return { bridge, words: line.words, flags: Object.fromEntries(line.flags), asksNobody }
}

test('own flags, words and the options of the bridge are told apart wherever they stand', async () => {
  const { bridge, words, flags } = await read([
    ...['--json', URL_A, 'echo', '-n', '5', '--header-env', 'A=B', 'a=b', '-n7', '--count=9'],
    ...['--log-level=debug', '-', '--keep-alive', '--', '--json', '-x'],
  ])
  assert.deepEqual(flags, { '--json': [''], '--count': ['5', '7', '9'] })
  assert.deepEqual(words, ['echo', 'a=b', '-', '--json', '-x'])
  assert.deepEqual(bridge, ['--header-env=A=B', '--log-level=debug', '--keep-alive', URL_A])
})

test('the URL is the first word, unless it is known already and the word is needed', async () => {
  const env = { MCP_FERRY_URL: URL_A }
  assert.deepEqual((await read(['https://x/doc'], { env, fewest: 1 })).words, ['https://x/doc'])
  assert.deepEqual((await read(['https://x/mcp', 'a:b'], { env, fewest: 1 })).words, ['a:b'])
  assert.deepEqual((await read(['https://x/mcp'], { env })).words, [])
  assert.deepEqual((await read(['--url-env', 'X', 'https://x/doc'], { env })).words, ['https://x/doc'])
})

test('what is missing is told, and where', async () => {
  const refusal = async (argv: readonly string[]): Promise<string> => {
    const error = await read(argv).then(
      () => undefined,
      (thrown: BridgeError) => thrown,
    )
    return error?.message ?? ''
  }
  assert.match(await refusal([]), /^there is no URL; write https:\/\/host\/path behind the command/)
  assert.match(await refusal(['mcp.example.com']), /^behind the command stands no URL; .*https:\/\/ in front/)
  for (const host of ['localhost:3000/mcp', '127.0.0.1:3000', 'LOCALHOST'])
    assert.match(await refusal([host]), /; if it is the server, write http:\/\/ in front of it/, host)
  assert.match(await refusal([`'${URL_A}'`]), /stands a quote .*; write the URL without it$/)
  assert.match(await refusal([URL_A, '-n']), /^-n is not followed by a value; write -n <n>$/)
  assert.match(await refusal([URL_A, '--count', '--json']), /^--count is not followed by a value/)
  assert.match(await refusal([URL_A, '--json=yes']), /^--json takes no value/)
  assert.match(await refusal([URL_A, '--header-env']), /^--header-env is not followed by a value/)
})

test('a header that the shell has taken apart at its blanks is refused with the quotes that it lacks', async () => {
  const refusal = (argv: readonly string[]): Promise<string> =>
    read([URL_A, ...argv]).then(
      () => 'not refused',
      (thrown: BridgeError) => `${thrown.facts.code}: ${thrown.message}`,
    )
  const lacks =
    'header-empty-value: the header Authorization came in pieces; write --header "Authorization: value", with quotes around all of it'
  for (const argv of [
    ['--header', 'Authorization:', 'Bearer', 'tok-8b1f'],
    ['--header=Authorization:', 'Bearer', 'tok-8b1f', '--json'],
    ['-HAuthorization:', 'Bearer', 'tok-8b1f'],
    ['-H', 'Authorization:Bearer', 'tok-8b1f'],
    ['--header', 'Authorization', ':', 'Bearer', 'tok-8b1f'],
    ['--header', 'Authorization', ':Bearer', 'tok-8b1f'],
  ])
    assert.equal(await refusal(argv), lacks, argv.join(' '))
  const odd = await refusal(['--header', 'sk-4f1d9a7c2b8e6d3f5a1c9b7e:', 'x'])
  assert.match(odd, /^header-empty-value: the header came in pieces; write --header "Name: value", with/)
  for (const argv of [
    ['--header', 'X-A:', '--json'],
    ['--header', 'X-A:'],
    ['--header', 'X-A: b', 'c'],
    // A variable that the shell has not set: what it has taken apart ends with no blank.
    ['--header', 'X-A: ', 'c'],
    ['--header', 'Authorization: Bearer ', 'c'],
    ['--header', 'X-Auth-Type: token', 'c'],
    ['--header', 'X-A', 'b'],
    ['--header', '${ALL}', ':b'],
  ])
    assert.equal(await refusal(argv), 'not refused', argv.join(' '))
  assert.equal((await read(['--header', 'X-A:', URL_A])).bridge[0], '--header=X-A:')
})

test('only where somebody sits at a terminal is anybody asked', async () => {
  const asked = async (...terminals: [boolean, boolean]) => !(await read([URL_A], { terminals })).asksNobody
  assert.deepEqual(
    [await asked(true, true), await asked(false, true), await asked(true, false), await asked(false, false)],
    [true, false, false, false],
  )
})
