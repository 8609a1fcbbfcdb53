// What an entry starts, in all the ways that people write it. users.md 3b.
import assert from 'node:assert/strict'
import test from 'node:test'
import { describe, launchOf, plainUrl, remoteOf } from '../../../src/shell/commands/config-launch.ts'

const URL = 'https://h.example/mcp'
const COPY = '/home/ann/.local/share/mcp-ferry/versions/0.2.0-0123456789ab/bin/mcp-ferry.cjs'

const CASES: readonly (readonly [
  words: readonly string[],
  product: string,
  form: string,
  version: string | undefined,
])[] = [
  [['npx', '-y', 'mcp-remote', URL], 'mcp-remote', 'npx', undefined],
  [['npx', 'mcp-remote@latest', URL], 'mcp-remote', 'npx', undefined],
  [['npx', '--yes', 'mcp-remote@0.1.18', URL], 'mcp-remote', 'npx', '0.1.18'],
  [['C:\\Program Files\\nodejs\\npx.cmd', '-y', 'mcp-ferry@0.1.0', URL], 'mcp-ferry', 'npx', '0.1.0'],
  [['cmd', '/c', 'npx', '-y', 'mcp-remote', URL], 'mcp-remote', 'npx', undefined],
  [
    ['C:\\Windows\\System32\\cmd.exe', '/d', '/s', '/c', 'npx', 'mcp-ferry', URL],
    'mcp-ferry',
    'npx',
    undefined,
  ],
  [['npx', '-p', 'mcp-ferry@0.1.0', 'mcp-ferry', URL], 'mcp-ferry', 'npx', '0.1.0'],
  [['npx', '--package=mcp-ferry@0.1.0', '--', 'mcp-ferry', URL], 'mcp-ferry', 'npx', '0.1.0'],
  [['bunx', 'mcp-remote', URL], 'mcp-remote', 'npx', undefined],
  [['pnpm', 'dlx', 'mcp-remote', URL], 'mcp-remote', 'npx', undefined],
  [['npm', 'exec', '-y', 'mcp-remote', URL], 'mcp-remote', 'npx', undefined],
  [['node', '/x/node_modules/mcp-remote/dist/proxy.js', URL], 'mcp-remote', 'file', undefined],
  [['/usr/bin/node', '--use-system-ca', COPY, URL], 'mcp-ferry', 'installed', '0.2.0'],
  [
    ['node', '-r', './x.cjs', '/x/node_modules/mcp-ferry/bin/mcp-ferry.cjs', URL],
    'mcp-ferry',
    'file',
    undefined,
  ],
  [['C:\\node.exe', COPY.replaceAll('/', '\\'), URL], 'mcp-ferry', 'installed', '0.2.0'],
  [['/usr/local/bin/mcp-ferry', URL], 'mcp-ferry', 'program', undefined],
  [['mcp-remote.cmd', URL], 'mcp-remote', 'program', undefined],
]

for (const [words, product, form, version] of CASES)
  test(words.join(' '), () => {
    const [command, ...args] = words
    for (const server of [{ command, args }, { command: words }]) {
      const launch = launchOf(server)
      assert.deepEqual([launch?.product, launch?.form, launch?.version], [product, form, version])
      assert.deepEqual(launch?.args, [URL])
    }
  })

test('one text with everything in it', () => {
  assert.deepEqual(launchOf({ command: `npx -y mcp-remote ${URL}` })?.args, [URL])
})

const OTHERS: readonly (readonly string[])[] = [
  ['npx', '-y', 'mcp-remote-client', URL],
  ['npx', '-y', 'server', 'mcp-remote', URL],
  ['npm', 'run', 'mcp-remote'],
  ['sh', '-c', `npx mcp-remote ${URL}`],
  ['cmd', '/c', `npx mcp-remote ${URL}`],
  ['node', '/x/mcp-remote/dist/client.js', URL],
  ['python', 'mcp-remote'],
  ['cmd', '/c'],
  [''],
]

test('what starts something else', () => {
  for (const [command, ...args] of OTHERS)
    assert.equal(launchOf({ command, args }), undefined, args.join(' '))
  for (const server of [{}, { url: URL }, { command: 7 }, { command: 'npx', args: 'mcp-remote' }])
    assert.equal(launchOf(server), undefined, JSON.stringify(server))
})

test('what it starts is told without its arguments', () => {
  const secret = 'hunter2'
  const told = [
    describe({ command: 'npx', args: ['-y', 'mcp-remote@1.0.0', `${URL}?key=${secret}`] }),
    describe({ command: '/x/uvx', args: [secret] }),
    describe({ url: `https://u:${secret}@h.example/mcp?key=${secret}` }),
    describe({ command: 'node', args: [COPY, secret] }),
    describe({}),
  ]
  assert.deepEqual(told, [
    'npx mcp-remote@1.0.0',
    'uvx',
    'the URL https://h.example/mcp',
    'mcp-ferry 0.2.0',
    'something else',
  ])
})

test('where it leads', () => {
  const lead = (args: readonly string[], env?: Readonly<Record<string, string>>) => {
    const server = { command: 'npx', args: ['mcp-ferry', ...args], env }
    return remoteOf(server, launchOf(server)!)
  }
  assert.equal(lead(['--log-level', 'debug', `${URL}?a=1`]), URL)
  assert.equal(lead(['--url-env', 'U'], { U: `${URL}?a=1` }), URL)
  assert.equal(lead(['--url-env=U'], { U: URL }), URL)
  assert.equal(lead([], { MCP_FERRY_URL: URL }), URL)
  assert.equal(lead(['--url-env', 'U']), undefined)
  assert.equal(lead(['--url-env', 'U'], { U: '${env:U}' }), undefined)
  assert.equal(plainUrl('http://[::1]:3000/x?y#z'), 'http://[::1]:3000/x')
})
