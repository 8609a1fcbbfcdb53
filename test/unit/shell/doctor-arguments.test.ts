// The arguments as doctor shows them: numbered, recognizable, and without anything that may be secret. arguments.md 2.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { showArguments } from '../../../src/shell/doctor/shown-arguments.ts'

const CASES: Readonly<Record<string, readonly [argv: readonly string[], shown: readonly string[]]>> = {
  'a URL without its query and its user': [
    ['https://me:s3cret@h.example/mcp?key=abc'],
    ['1  https://…@h.example/mcp?… (8 characters)'],
  ],
  'a header in one argument': [
    ['--header', 'Authorization: Bearer abcdef'],
    ['1  --header', '2  Authorization: Bearer … (6 characters)'],
  ],
  'a header in pieces': [
    ['-H', 'Authorization:', 'Bearer', 'abcdef', 'https://h.example/mcp'],
    ['1  -H', '2  Authorization:', '3  Bearer', '4  … (6 characters)', '5  https://h.example/mcp'],
  ],
  'a header with quotes around it': [
    ['--header="X-Api-Key: abcdef"'],
    ['1  --header="X-Api-Key: … (6 characters)"'],
  ],
  'a header behind its flag': [
    ['-HX-Api-Key:abcdef', '--header=Cookie=a=b'],
    ['1  -HX-Api-Key:… (6 characters)', '2  --header=Cookie=… (3 characters)'],
  ],
  'a variable, its default hidden': [
    ['--header', 'X-A: ${TOKEN}', '--header', 'X-B: Bearer ${TOKEN:-abc}', '${URL}'],
    ['1  --header', '2  X-A: ${TOKEN}', '3  --header', '4  X-B: Bearer ${TOKEN:-…}', '5  ${URL}'],
  ],
  'names of variables, unless they look like the secret itself': [
    ['--bearer-env', 'MY_TOKEN', '--bearer-env=ghp_16C7e42F292c6912E7710c838347Ae178B4a'],
    ['1  --bearer-env', '2  MY_TOKEN', '3  --bearer-env=… (40 characters)'],
  ],
  'a header by a variable': [
    ['--header-env', 'Authorization=MCP_AUTH'],
    ['1  --header-env', '2  Authorization=MCP_AUTH'],
  ],
  'values that cannot be secret': [
    ['--start-budget', '8s', '--log-level=debug', '--transport', 'http', '--log-file', '~/x.log'],
    [
      '1  --start-budget',
      '2  8s',
      '3  --log-level=debug',
      '4  --transport',
      '5  http',
      '6  --log-file',
      '7  ~/x.log',
    ],
  ],
  'words that belong to nothing, and values of flags that nobody knows': [
    ['abcdef', '--token', 'abcdef', '--token=abcdef', ''],
    ['1  … (6 characters)', '2  --token', '3  … (6 characters)', '4  --token=… (6 characters)', '5  (empty)'],
  ],
  'a command and a port': [
    ['https://h.example/mcp', '3334'],
    ['1  https://h.example/mcp', '2  3334'],
  ],
  'commands of the person, which may have tokens in them': [
    ['--header-command', 'Authorization=print-token --for me'],
    ['1  --header-command', '2  … (34 characters)'],
  ],
}

for (const [name, [argv, shown]] of Object.entries(CASES))
  test(`arguments are shown: ${name}`, () => {
    assert.deepEqual(showArguments(argv), shown)
  })

test('no argument shows more than three characters of a secret, wherever it stands', () => {
  const secret = 's3cr3tPassw0rdThatNobodySees'
  const places: readonly (readonly string[])[] = [
    [secret],
    ['--header', secret],
    ['--header', `X: ${secret}`],
    ['--header', 'X:', secret],
    [`--header=${secret}`],
    [`-HX:${secret}`],
    ['--header-env', secret],
    ['--header-env', `X=${secret}`],
    ['--bearer-env', secret],
    ['--client-id', secret],
    ['--url-env', secret],
    ['--header-file', secret],
    ['--log-level', secret],
    ['--unknown', secret],
    [`--unknown=${secret}`],
    [`https://h.example/?a=${secret}`],
    [`https://${secret}@h.example/`],
    [`https://h.example/#${secret}`],
    [`\${X:-${secret}}`],
    [`$${secret}`],
    ['-t', secret],
  ]
  for (const argv of places) {
    const shown = showArguments(argv).join('\n')
    assert.ok(!shown.includes(secret.slice(0, 4)), `shown of ${argv.join(' ')}: ${shown}`)
  }
})
