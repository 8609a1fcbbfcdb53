// What is said of other names, descriptions and fixed arguments: on the command line and in variables, and what cannot be meant.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ShapingOptions } from '../../../src/options/shaping.ts'
import { runWhole } from './command-lines.ts'

const URL_TEXT = 'https://h.example/mcp'

async function read(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ShapingOptions> {
  const { options, sentences } = await runWhole({ argv: [URL_TEXT, ...argv], env })
  assert.ok(options !== undefined, sentences.join())
  return options.shaping ?? {}
}

/** The sentence with which the command line is refused. */
async function refused(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { error, sentences } = await runWhole({ argv: [URL_TEXT, ...argv], env })
  assert.equal(error, 'bad-value', sentences.join())
  return sentences.join()
}

const mapped = (map: ReadonlyMap<string, unknown> | undefined): unknown =>
  map &&
  Object.fromEntries([...map].map(([key, value]) => [key, value instanceof Map ? mapped(value) : value]))

test('names: flags and variables say the same', async () => {
  const ways = [
    await read(['--rename', 'a=b', '--rename=c = d,e.=f', '--tool-prefix', 'x_', '--max-tool-name', '60']),
    await read([], {
      MCP_FERRY_RENAME: 'a=b\r\n\nc=d , e.=f,',
      MCP_FERRY_TOOL_PREFIX: 'x_',
      MCP_FERRY_MAX_TOOL_NAME: '60',
    }),
  ]
  for (const { rename } of ways) {
    assert.deepEqual(mapped(rename?.tools), { a: 'b', c: 'd', 'e.': 'f' })
    assert.equal(rename?.toolPrefix, 'x_')
    assert.equal(rename?.mostCharacters, 60)
    assert.equal(rename?.prompts, undefined)
  }
  const { rename } = await read(['--rename-prompt', 'a=b=c', '--prompt-prefix', 'p'])
  assert.deepEqual(mapped(rename?.prompts), { 'a=b': 'c' }, 'an old name may have = in it')
  assert.equal(rename?.promptPrefix, 'p')
  assert.deepEqual(
    await read([], { MCP_FERRY_RENAME: '', MCP_FERRY_TOOL_PREFIX: '', MCP_FERRY_SET: ' \n' }),
    {},
  )
})

test('names that cannot be are refused, by a sentence that says which', async () => {
  const cases: readonly (readonly [argv: readonly string[], says: RegExp])[] = [
    [['--rename', 'a'], /^--rename does not say what is renamed to what; write old=new$/],
    [['--rename', '=b'], /does not say what is renamed/],
    [
      ['--rename', 'a='],
      /^the new name of a from --rename is empty; write letters, digits, _, - and \. alone$/,
    ],
    [['--rename', 'a=b c'], /has a character in it/],
    [['--rename', 'a=é'], /has a character in it/],
    [['--rename', `a=${'b'.repeat(129)}`], /has more than 128 characters/],
    [['--rename', 'a=b', '--rename', 'a=c'], /^--rename renames a twice; write it once$/],
    [['--rename', 'a=c,b=c'], /^--rename gives the name c twice; take another name$/],
    [
      ['--rename', `a=${'b'.repeat(17)}`, '--max-tool-name', '16'],
      /more than the 16 characters of --max-tool-name/,
    ],
    [['--tool-prefix', 'a/b'], /^the prefix from --tool-prefix has a character in it/],
    [['--prompt-prefix', 'a b'], /^the prefix from --prompt-prefix has a character in it/],
    [['--tool-prefix', 'a_long_', '--max-tool-name', '16'], /^--tool-prefix leaves no room for names/],
    [
      ['--max-tool-name', '15'],
      /^--max-tool-name cannot be "15"; that is too little; write a whole number such as 20/,
    ],
    [['--max-tool-name', 'x'], /^--max-tool-name cannot be "x"/],
  ]
  for (const [argv, says] of cases) assert.match(await refused(argv), says, argv.join(' '))
  assert.match(await refused([], { MCP_FERRY_RENAME: 'a' }), /^MCP_FERRY_RENAME does not say/)
  assert.deepEqual(mapped((await read(['--rename', 'a=b,a=b'])).rename?.tools), { a: 'b' }, 'the same twice')
  const secret = 'ghp_0123456789abcdefghij'
  assert.doesNotMatch(await refused(['--rename', `${secret}=`]), /ghp_/)
})

test('descriptions: the first = parts them; a variable has one per line', async () => {
  const flags = await read(['--describe', 'a=b = c\nd', '--describe', 'x='])
  assert.deepEqual(mapped(flags.descriptions), { a: 'b = c\nd', x: '' })
  const variable = await read([], { MCP_FERRY_DESCRIBE: 'a = b, c\\n${V}\nx=', V: 'v' })
  assert.deepEqual(mapped(variable.descriptions), { a: 'b, c\\nv', x: '' })
  assert.match(await refused(['--describe', 'a']), /does not say which tool it describes; write tool=text/)
  assert.match(await refused(['--describe', 'a=b', '--describe', 'a=c']), /describes a twice/)
})

test('fixed arguments: the last dot in front of the first =', async () => {
  const { fixed } = await read(['--set', 'a.b=c.d=e', '--set', 'a.c=', '--set', 'x.y.z= 1,2 '])
  assert.deepEqual(mapped(fixed), { a: { b: 'c.d=e', c: '' }, 'x.y': { z: '1,2' } })
  const variable = await read([], { MCP_FERRY_SET: 'a.b=https://h.example/x\na.c={"a":"b"}' })
  assert.deepEqual(mapped(variable.fixed), { a: { b: 'https://h.example/x', c: '{"a":"b"}' } })
  for (const text of ['a', 'a=b', 'a.=b', '.a=b', '=b', 'a.b'])
    assert.match(await refused(['--set', text]), /does not say which argument of which tool it sets/, text)
  assert.match(await refused(['--set', 'a.b=1', '--set', 'a.b=2']), /^--set sets b of a twice/)
})

test('a URL as a value is no remote', async () => {
  for (const argv of [['--set', 't.url=https://other.example/'], ['--set=t.url=https://other.example/']]) {
    const { options } = await runWhole({ argv: [...argv, URL_TEXT] })
    assert.equal(options?.url.href, URL_TEXT)
    assert.deepEqual(mapped(options?.shaping?.fixed), { t: { url: 'https://other.example/' } })
  }
})

test('what a variable holds is a secret, and is not looked into', async () => {
  const env = { TOKEN: 's3cr3t.x=y ${TOKEN2}', MCP_FERRY_SET: 'a.b=Bearer ${TOKEN}' }
  const { options } = await runWhole({ argv: [URL_TEXT], env })
  assert.deepEqual(mapped(options?.shaping?.fixed), { a: { b: 'Bearer s3cr3t.x=y ${TOKEN2}' } })
  assert.ok(options?.secrets.includes('s3cr3t.x=y ${TOKEN2}'), 'the log hides it')
  const { error, sentences } = await runWhole({ argv: [URL_TEXT, '--set', 'a.b=${NONE}'] })
  assert.equal(error, 'env-undefined')
  assert.match(sentences.join(), /the value from --set uses the variable NONE/)
})
