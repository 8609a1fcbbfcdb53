// What the check of the docs finds: each defect is planted into pages that are right, and it is the only complaint.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blockComplaints } from '../../../scripts/docs/blocks.ts'
import { npmComplaints, programComplaints } from '../../../scripts/docs/complaints.ts'
import { linkComplaints, pathComplaints, startedComplaints } from '../../../scripts/docs/links.ts'
import { readPage } from '../../../scripts/docs/page.ts'
import { docPaths, packedIn } from '../../../scripts/docs/paths.ts'
import type { Facts } from '../../../scripts/docs/program-facts.ts'

const FACTS: Facts = {
  flags: [{ name: '--wind', env: 'MCP_FERRY_WIND' }, { name: '--help' }],
  takenFlags: ['--wind', '--help', '-h', '--old'],
  commands: [
    { name: 'sail', flags: ['--far'], exitCodes: [0, 1, 3, 130], asksServer: true },
    { name: 'moor', flags: [], exitCodes: [0, 4, 5], asksServer: false },
  ],
  editors: ['quill'],
  variables: ['MCP_FERRY_HOME'],
  kinds: ['fog', 'leak'],
  exitCodes: [0, 1, 3, 4, 5, 130],
}

const README = `# Ferry

Text with a \`mcp-ferry sail\` and [a link](docs/more.md#far-away), see [below](#kind-fog).

| option | variable |
|---|---|
| \`-h, --help\` | |
| \`--wind <n>\` | \`MCP_FERRY_WIND\` |

\`MCP_FERRY_HOME\` names a folder.

| kind | meaning |
|---|---|
| <a id="kind-fog"></a>\`fog\` | nothing is seen |
| <a id="kind-leak"></a>\`leak\` | water |

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | it has not worked; of \`moor\`: never |
| 4 to 5 | of \`moor\`, by the rope |
| 3 | of the commands that ask a server: not reached |
| 130 | Ctrl-C, of the commands that ask a server |

\`\`\`sh
npm run row && node --import tsx src/sea/rope.ts && npx -y mcp-ferry sail --far --wind 3
\`\`\`

## From a clone

[How](CONTRIBUTING.md).
`
const MORE = `# More

## Far *away*

\`quill\` has a file; \`moor <place>\` and \`sea/rope.ts\`. An error of kind \`fog\` exits with 3.

\`\`\`json
{ "command": "npx", "args": ["-y", "mcp-ferry", "--wind", "3"] }
\`\`\`
`
const FILES = new Set(['README.md', 'CONTRIBUTING.md', 'docs/more.md', 'src/sea/rope.ts', 'package.json'])
const tree = { files: FILES, isPacked: packedIn(['docs/*']) }

function complaints(readme: string, more: string): string[] {
  const pages = [readPage('README.md', readme), readPage('docs/more.md', more)]
  return [
    ...programComplaints(pages, FACTS),
    ...blockComplaints(pages),
    ...linkComplaints(pages, tree),
    ...pathComplaints(pages, tree),
    ...startedComplaints(pages, tree),
    ...npmComplaints(pages, () => ['row']),
  ]
}

test('pages that are right have no complaints', () => {
  assert.deepEqual(complaints(README, MORE), [])
})

/** In the README if it is there, else in the other page. */
const DEFECTS: readonly (readonly [replaced: string, by: string, complaint: RegExp])[] = [
  ['| `--wind <n>` | `MCP_FERRY_WIND` |', '| | `MCP_FERRY_WIND` |', /option --wind is not documented/],
  ['`MCP_FERRY_WIND`', '', /variable MCP_FERRY_WIND is not documented/],
  ['`MCP_FERRY_HOME` names', 'It names', /variable MCP_FERRY_HOME is not documented/],
  ['Text with', 'Text with --sink', /^README\.md:3: there is no option --sink/],
  ['Text with', 'Text with MCP_FERRY_SINK', /^README\.md:3: there is no variable MCP_FERRY_SINK/],
  ['mcp-ferry sail`', 'mcp-ferry sale`', /^README\.md:3: there is no command sale/],
  ['mcp-ferry sail --far', 'mcp-ferry moor --far', /^README\.md:26: --far is no option of moor/],
  [
    'mcp-ferry sail --far',
    'mcp-ferry https://x.example --far',
    /^README\.md:26: --far is no option of the bridge/,
  ],
  ['"--wind"', '"--far"', /^docs\/more\.md:8: --far is no option of the bridge/],
  [' --far', '', /option --far of sail is in no page/],
  ['`moor <place>`', 'It', /command moor is not documented/],
  ['`quill`', 'The quill', /editor quill is in no page/],
  ['| <a id="kind-leak"></a>`leak` | water |\n', '', /kind of error leak has no row/],
  ['</a>`leak` | water |', '</a>`leak` | water |\n| <a id="kind-x"></a>`x` | |', /no kind of error x/],
  ['"kind-leak"', '"kind-leek"', /row of leak has the anchor kind-leek/],
  ['kind `fog`', 'kind `frog`', /^docs\/more\.md:5: there is no kind of error frog/],
  ['| 130 | Ctrl-C, of the commands that ask a server |\n', '', /exit code 130 is not documented/],
  ['| 4 to 5 |', '| 5 |', /exit code 4 is not documented/],
  ['of `moor`, by', 'of the commands that ask a server, by', /exit code 4 of moor is not documented/],
  ['| 4 to 5 |', '| 4 to 6 |', /^README\.md:21: nothing .* exit code 6/],
  ['| 130 | Ctrl-C', '| 4, 130 | Ctrl-C', /^README\.md:23: nothing .* exit code 4/],
  ['exits with 3', 'exits with 9', /^docs\/more\.md:5: there is no exit code 9/],
  ['docs/more.md#', 'docs/less.md#', /^README\.md:3: the link docs\/less\.md#far-away leads to no file/],
  ['#far-away', '#far', /^README\.md:3: the link docs\/more\.md#far leads to no heading/],
  ['(#kind-fog)', '(#fog)', /^README\.md:3: the link #fog leads to no heading/],
  ['## From a clone', '## Else', /the link CONTRIBUTING\.md leads to what the package has not/],
  ['`sea/rope.ts`', '`sea/robe.ts`', /^docs\/more\.md:5: there is no sea\/robe\.ts/],
  ['tsx src/sea/rope.ts', 'tsx src/rope.ts', /^README\.md:26: there is no src\/rope\.ts to start/],
  ['npm run row', 'npm run raw', /^README\.md:26: package\.json has no script raw/],
  ['```json\n{', '```json\n{,', /^docs\/more\.md:7: does not parse as json/],
  ['```json', '```bash', /^docs\/more\.md:7: bash is no language of the docs/],
  ['```sh\n', '```\n$ ', /^README\.md:25: has commands/],
  ['```sh\n', '<!-- not run -->\n```sh\n', /says why/],
]

for (const [replaced, by, complaint] of DEFECTS)
  test(`a planted defect is found: ${JSON.stringify(by)} for ${JSON.stringify(replaced)}`, () => {
    const inReadme = README.includes(replaced)
    assert.ok(inReadme || MORE.includes(replaced), 'there is such a place')
    const found = inReadme
      ? complaints(README.replaceAll(replaced, by), MORE)
      : complaints(README, MORE.replaceAll(replaced, by))
    assert.ok(
      found.some((one) => complaint.test(one)),
      `${complaint} was not among:\n${found.join('\n')}`,
    )
  })

test('the docs are the pages of the root, of docs and of the examples', () => {
  const files = [
    'README.md',
    'docs/a.md',
    'docs/b/c.md',
    'examples/x/README.md',
    'src/README.md',
    'SECURITY.md',
  ]
  const modules = 'examples/x/node_modules/y/README.md'
  assert.deepEqual(docPaths([...files, modules]), [
    'README.md',
    'SECURITY.md',
    'docs/a.md',
    'examples/x/README.md',
  ])
})
