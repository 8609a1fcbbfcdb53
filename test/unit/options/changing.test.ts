// Commands as texts → words, and which headers come from where. arguments.md 4.2.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isBridgeError } from '../../../src/errors.ts'
import { readChanging } from '../../../src/options/changing-options.ts'
import { readWords } from '../../../src/options/command-words.ts'
import type { ChangingOptions } from '../../../src/options/sign-in.ts'
import { explain } from '../../../src/options/unexpected.ts'
import { type Case, open } from './command-lines.ts'

const URL_TEXT = 'https://h.example/mcp'

function words(text: string, windows = false): readonly string[] {
  const environment = { values: { ACCOUNT: 'a b', EMPTY: '', HOST: '$(id)' }, windows }
  return readWords({ text, from: '--bearer-command' }, { environment, home: () => '/home/u' })
}

function refused(work: () => unknown): { readonly code: string | undefined; readonly text: string } {
  try {
    work()
  } catch (thrown) {
    if (!isBridgeError(thrown)) throw thrown
    return { code: thrown.facts.code, text: explain(thrown).message }
  }
  return { code: undefined, text: '' }
}

function changing(argv: readonly string[], world: Partial<Omit<Case, 'argv'>> = {}): ChangingOptions {
  const door = open([URL_TEXT, ...argv], world)
  assert.equal(door.kind, 'bridge')
  const { options } = door as Extract<typeof door, { kind: 'bridge' }>
  assert.ok(options.changing !== undefined, 'nothing changes')
  const written = Object.values(world.files ?? {}).flatMap((text) => text.split('\n'))
  return readChanging(options.changing, options.headers, written)
}

for (const [text, ...expected] of [
  ['gcloud auth print-access-token', 'gcloud', 'auth', 'print-access-token'],
  ['  a \t b  ', 'a', 'b'],
  [`prog "two words" 'single $HOME | x' ""`, 'prog', 'two words', 'single $HOME | x', ''],
  ['prog a\\ b \\"c\\" "d\\"e\\f"', 'prog', 'a b', '"c"', 'd"e\\f'],
  ['prog --x=${ACCOUNT} "${ACCOUNT}!" ${NONE:-none} ${HOST}', 'prog', '--x=a b', 'a b!', 'none', '$(id)'],
  [`prog '\${ACCOUNT}' \\\${ACCOUNT}`, 'prog', '${ACCOUNT}', '${ACCOUNT}'],
  ['~/bin/token ~ a~b "~/x"', '/home/u/bin/token', '/home/u', 'a~b', '~/x'],
  ['"gcloud auth print-access-token"', 'gcloud', 'auth', 'print-access-token'],
  ['"/opt/my tools/token"', '/opt/my tools/token'],
  ['curl "https://h/x?a=1&b=2"', 'curl', 'https://h/x?a=1&b=2'],
] as const)
  test(`the command ${text} is read as a shell would`, () => {
    assert.deepEqual(words(text), expected)
  })

test('on Windows a backslash is a part of a path', () => {
  assert.deepEqual(words('C:\\tools\\token.exe "C:\\my dir\\x" \\"q\\"', true), [
    'C:\\tools\\token.exe',
    'C:\\my dir\\x',
    '"q"',
  ])
  assert.equal(refused(() => words('token %USERNAME%', true)).code, 'command-shell')
})

for (const [text, code, says] of [
  ['a | b', 'command-shell', /has \| in it.*script/],
  ['a && b', 'command-shell', /has && in it/],
  ['a; b', 'command-shell', /has ; in it/],
  ['a > /tmp/s3cret', 'command-shell', /has > in it/],
  ['curl https://h/x?a=1&b=2', 'command-shell', /has & in it.*in quotes/],
  ['echo $(cat s3cret)', 'command-shell', /has \$\( in it/],
  ['echo "$(cat s3cret)"', 'command-shell', /has \$\( in it/],
  ['echo `cat s3cret`', 'command-shell', /has a ` in it/],
  ['echo $TOKEN', 'command-shell', /has a \$ in it.*\$\{NAME\}/],
  ['A=s3cret prog', 'command-shell', /an assignment/],
  ['prog "s3cret', 'bad-value', /nothing closes/],
  ['""', 'bad-value', /names no program/],
  ['prog ${NOT_SET}', 'env-undefined', /NOT_SET/],
  ['prog ${', 'env-syntax', /without its own \}/],
] as const)
  test(`the command ${text} is refused, without showing it`, () => {
    const told = refused(() => words(text))
    assert.equal(told.code, code)
    assert.match(told.text, says)
    assert.doesNotMatch(told.text, /s3cret/)
  })

test('a command is for one header, for a bearer token, or prints all headers', () => {
  const { headers, ttlMs } = changing([
    '--header-command',
    'X-Api-Key=get-key --all',
    '--header-command=Name: other',
    '--bearer-command',
    'get-token',
    '--header-command',
    'helper.sh a=b',
    '--credential-ttl=60m',
  ])
  assert.equal(ttlMs, 3_600_000)
  assert.deepEqual(headers, [
    { kind: 'command', name: 'Authorization', command: ['get-token'], isBearer: true },
    { kind: 'command', name: 'X-Api-Key', command: ['get-key', '--all'], isBearer: false },
    { kind: 'command', name: 'Name', command: ['other'], isBearer: false },
    { kind: 'command', name: undefined, command: ['helper.sh', 'a=b'], isBearer: false },
  ])
})

test('the variables say the same, one command on a line, and a flag beats them', () => {
  const env = {
    MCP_FERRY_HEADER_COMMAND: 'X-A=one "x y"\nX-B=two',
    MCP_FERRY_BEARER_COMMAND: '"my prog" "a b"',
    MCP_FERRY_CREDENTIAL_TTL: '5',
  }
  const command = (options: ChangingOptions): unknown[] =>
    options.headers.map((header) => header.kind === 'command' && [header.name, ...header.command])
  const all = changing([], { env })
  assert.equal(all.ttlMs, 5000)
  assert.deepEqual(command(all), [
    ['Authorization', 'my prog', 'a b'],
    ['X-A', 'one', 'x y'],
    ['X-B', 'two'],
  ])
  const some = changing(['--header-command', 'x-a=mine', '--bearer-command=t'], { env })
  assert.deepEqual(command(some), [
    ['Authorization', 't'],
    ['x-a', 'mine'],
    ['X-B', 'two'],
  ])
})

for (const [argv, code] of [
  [['--header-command', 'Mcp-Name=x'], 'header-forbidden'],
  [['--header-command', 'X-A=x', '-H', 'x-a: 1'], 'header-duplicate'],
  [['--header-command', 'X-A=x', '--header-command', 'x-a=y'], 'header-duplicate'],
  [['--bearer-command', 'x', '-H', 'Authorization: Bearer abc'], 'header-duplicate'],
  [['--header-command', 'X-A='], 'bad-value'],
  [['--bearer-command', 'x', '--credential-ttl', 'long'], 'bad-value'],
  [['-H', 'X-A: keychain:alone'], 'bad-value'],
  [['-H', 'X-A: keychain:/account'], 'bad-value'],
] as const)
  test(`${argv.join(' ')} is refused with ${code}`, () => {
    assert.equal(refused(() => changing(argv)).code, code)
  })

test('keychain: counts where the user has written it, and not in what a variable holds', () => {
  const place = { kind: 'keychain', before: '', service: 'https://h.example/x', account: 'me' } as const
  const text = 'keychain:https://h.example/x/me'
  assert.deepEqual(changing(['-H', `X-A: ${text}`]).headers, [{ ...place, name: 'X-A' }])
  assert.deepEqual(changing(['-H', `Authorization: Bearer ${text}`]).headers, [
    { ...place, name: 'Authorization', before: 'Bearer ' },
  ])
  assert.deepEqual(changing([], { env: { MCP_FERRY_HEADER: `X-A: ${text}` } }).headers, [
    { ...place, name: 'X-A' },
  ])
  assert.deepEqual(changing(['--header-file', '/f'], { files: { '/f': `# x\nX-A: ${text}` } }).headers, [
    { ...place, name: 'X-A' },
  ])
  assert.deepEqual(changing(['-H', 'X-A: keychain:${S}/me'], { env: { S: 'svc' } }).headers, [
    { ...place, name: 'X-A', service: 'svc' },
  ])
  for (const argv of [
    ['-H', 'X-A: ${V}'],
    ['--header-env', 'X-A=V'],
  ])
    assert.deepEqual(changing(argv, { env: { V: text } }).headers, [])
})

test('without any of them nothing of it is looked at', () => {
  const door = open([URL_TEXT, '-H', 'X-A: in my keychain:x'])
  assert.equal(door.kind === 'bridge' && door.options.changing, undefined)
})
