// What the flags and variables of hiding come to.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FilterOptions } from '../../../src/options/shaping.ts'
import { runWhole } from './command-lines.ts'

const URL_TEXT = 'https://h.example/mcp'

async function filterOf(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<FilterOptions | undefined> {
  const { options, error, sentences } = await runWhole({ argv: [URL_TEXT, ...args], env })
  assert.equal(error, undefined, sentences.join(' '))
  return options?.shaping?.filter
}

const SAID: readonly [
  string,
  readonly string[],
  Readonly<Record<string, string>>,
  FilterOptions | undefined,
][] = [
  ['nothing', ['--log-level', 'debug'], {}, undefined],
  ['one glob', ['--allow-tool', 'read_*'], {}, { tools: { allow: ['read_*'] } }],
  ['several times', ['--deny-tool=a', '--deny-tool', 'b'], {}, { tools: { deny: ['a', 'b'] } }],
  ['commas', ['--allow-prompt', ' a ,b,, c,'], {}, { prompts: { allow: ['a', 'b', 'c'] } }],
  ['line ends', ['--deny-prompt', 'a\nb\r\nc'], {}, { prompts: { deny: ['a', 'b', 'c'] } }],
  [
    'a URI is the flag’s, and not the remote’s',
    ['--allow-resource', 'https://h.example/x', '--deny-resource', 'a:{?x,y},b:*'],
    {},
    { resources: { allow: ['https://h.example/x'], deny: ['a:{?x,y}', 'b:*'] } },
  ],
  [
    'what mcp-remote calls it',
    ['--ignore-tool', 'a*', '--ignore-tool', 'b'],
    {},
    { tools: { deny: ['a*', 'b'] } },
  ],
  ['a switch', ['--read-only'], {}, { isReadOnly: true }],
  [
    'variables, as editors write them',
    [],
    { MCP_FERRY_ALLOW_TOOL: '"a","b c"\n d', MCP_FERRY_DENY_RESOURCE: "'x:*'", MCP_FERRY_READ_ONLY: 'true' },
    { tools: { allow: ['a', 'b c', 'd'] }, resources: { deny: ['x:*'] }, isReadOnly: true },
  ],
  [
    'empty variables',
    [],
    { MCP_FERRY_ALLOW_TOOL: '', MCP_FERRY_DENY_TOOL: ' ', MCP_FERRY_READ_ONLY: '0' },
    undefined,
  ],
  [
    'the flag beats the variable',
    ['--allow-tool', 'a'],
    { MCP_FERRY_ALLOW_TOOL: 'b' },
    { tools: { allow: ['a'] } },
  ],
  ['what a variable holds', ['--deny-tool', '${WHICH}'], { WHICH: 'a,b' }, { tools: { deny: ['a', 'b'] } }],
]

for (const [what, args, env, expected] of SAID)
  test(`hiding, as it is written: ${what}`, async () => {
    assert.deepEqual(await filterOf(args, env), expected)
  })

test('an allowing flag or variable that names nothing is an error, a denying one hides nothing and says so', async () => {
  for (const [args, env] of [
    [['--allow-tool', ''], {}],
    [['--allow-tool=, ,'], {}],
    [['--allow-prompt', '${NONE:-}'], {}],
    [[], { MCP_FERRY_ALLOW_RESOURCE: ',' }],
  ] as const) {
    const { error } = await runWhole({ argv: [URL_TEXT, ...args], env })
    assert.ok(error === 'bad-value' || error === 'missing-value', `${args.join(' ')}: ${error}`)
  }
  const { options, sentences } = await runWhole({ argv: [URL_TEXT, '--deny-tool', ','] })
  assert.equal(options?.shaping, undefined)
  assert.deepEqual(sentences, ['--deny-tool is empty and hides nothing'])
})
