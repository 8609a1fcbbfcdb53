// The doors of login, logout and status: which command line opens them, and what they go by.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TOLD_FLAGS } from '../../../src/options/flag-help.ts'
import { helpText } from '../../../src/options/help.ts'
import type { AccountOptions } from '../../../src/options/sign-in-options.ts'
import { type Case, open, runAccount } from './command-lines.ts'

const URL_TEXT = 'https://h.example/mcp'
const COMMANDS = ['login', 'logout', 'status'] as const

async function account(argv: readonly string[], world: Partial<Case> = {}): Promise<AccountOptions> {
  const outcome = await runAccount({ ...world, argv })
  assert.ok('command' in outcome, `${argv.join(' ')}: ${'error' in outcome ? outcome.error : ''}`)
  return outcome
}

/** The code of the refusal and its sentence. */
async function refused(argv: readonly string[], world: Partial<Case> = {}): Promise<string> {
  const outcome = await runAccount({ ...world, argv })
  assert.ok('error' in outcome, argv.join(' '))
  return `${outcome.error}: ${outcome.sentences.join()}`
}

test('each command takes what the bridge takes, in any order', async () => {
  for (const command of COMMANDS)
    for (const argv of [
      [command, URL_TEXT, '3334', '--profile', 'p', '--header', 'X-A:', '1', '--json'],
      [command, '--header', 'X-A:', '1', '--json', '--profile=p', URL_TEXT, '3334'],
      ['--json', '--profile', 'p', command, URL_TEXT, '3334', '--header=X-A: 1'],
      [command, '--json', '--profile', 'p', '--callback-port', '3334', '--header', 'X-A:', '1', URL_TEXT],
    ]) {
      const { command: opened, remote, signIn, isJson, importsMcpRemote } = await account(argv)
      assert.equal(opened, command)
      assert.equal(remote?.url.href, URL_TEXT, argv.join(' '))
      assert.deepEqual(remote?.headers, [{ name: 'X-A', value: '1' }])
      assert.equal(signIn.profile, 'p')
      assert.equal(signIn.callbackPort, 3334, argv.join(' '))
      assert.equal(remote?.signIn, signIn)
      assert.ok(isJson && !importsMcpRemote, argv.join(' '))
    }
})

test('a URL in a variable is the one, and nothing else needs to be said', async () => {
  for (const command of COMMANDS) {
    const { remote } = await account([command], { env: { MCP_FERRY_URL: URL_TEXT, MCP_FERRY_PROFILE: 'p' } })
    assert.equal(remote?.url.href, URL_TEXT, command)
    const named = await account([command, '--url-env', 'U'], { env: { U: URL_TEXT } })
    assert.equal(named.remote?.url.href, URL_TEXT, command)
  }
})

test('login wants a URL; logout one or --all; status takes none for all', async () => {
  assert.match(await refused(['login']), /^url-missing: .*mcp-ferry login https/)
  assert.match(await refused(['login', '--header', 'Referer:', 'x', 'y']), /^url-missing/)
  assert.match(await refused(['logout']), /^url-missing: .*--all/)
  assert.match(await refused(['logout', '--all', URL_TEXT]), /^unexpected-argument: .*--all/)
  const all = await account(['logout', '--all', '--store', 'keychain'], { env: { MCP_FERRY_URL: URL_TEXT } })
  assert.equal(all.remote, undefined)
  assert.equal(all.signIn.store, 'keychain')
  const every = await account(['status', '--debug', '--profile', 'p'])
  assert.equal(every.remote, undefined)
  assert.equal(every.signIn.profile, 'p')
  assert.equal(every.log.level, 'debug')
  assert.ok(!every.isJson, 'no --json')
})

test('the options of one command are no options of another', async () => {
  assert.ok((await account(['login', URL_TEXT, '--import-mcp-remote'])).importsMcpRemote, 'login')
  for (const argv of [
    ['logout', URL_TEXT, '--import-mcp-remote'],
    ['status', '--import-mcp-remote'],
    ['status', '--all'],
    ['login', URL_TEXT, '--all'],
  ])
    assert.match(await refused(argv), /^unknown-option: --\S+ is an option of mcp-ferry log/, argv.join(' '))
  for (const flag of ['--json', '--all', '--import-mcp-remote'])
    for (const argv of [
      [URL_TEXT, flag],
      ['demo', flag],
    ])
      assert.throws(() => open(argv), { facts: { code: 'unknown-option' } }, argv.join(' '))
})

test('what is wrong is told as for the bridge', async () => {
  for (const command of COMMANDS) {
    assert.match(await refused([command, URL_TEXT, '--bogus']), /^unknown-option/)
    assert.match(await refused([command, URL_TEXT, 'more']), /^unexpected-argument/)
    assert.match(await refused([command, URL_TEXT, 'status', 'login']), /^unexpected-argument/)
    assert.match(await refused([command, URL_TEXT, '--store', 'cloud']), /^bad-value/)
    assert.match(await refused([command, 'http://h.example/']), /^http-not-allowed/)
    assert.match(await refused([command, '--bogus']), /^(unknown-option|url-missing)/)
  }
  assert.match(await refused(['status', '--bogus']), /^unknown-option/)
  assert.match(await refused(['status', '--profile', '../x']), /^bad-value/)
})

test('a URL first means the bridge', () => {
  for (const command of COMMANDS)
    assert.throws(() => open([URL_TEXT, command]), { facts: { code: 'unexpected-argument' } }, command)
})

test('help is there for each command, with its examples, which are command lines that we read', async () => {
  for (const command of COMMANDS) {
    for (const argv of [
      [command, '--help'],
      ['help', command],
      [command, 'help'],
      [command, '--bogus', '-h'],
    ])
      assert.deepEqual(open(argv), { kind: 'help', command }, argv.join(' '))
    const help = helpText(command, '1.2.3')
    assert.match(help, /^mcp-ferry 1\.2\.3\n/)
    assert.ok(help.includes(`mcp-ferry ${command} [options]`) && help.includes('--profile <name>'), help)
    assert.ok(help.includes('Exit codes') && !help.includes('--drain-timeout'), help)
    assert.doesNotMatch(help, /[ \t]$/m)
    const examples = help.match(/npx -y mcp-ferry .*$/gm) ?? []
    assert.ok(examples.length >= 2, help)
    for (const example of examples) {
      const argv = example.split(' ').slice(3)
      assert.equal((await account(argv)).command, command, example)
    }
  }
  assert.ok(!helpText('logout', '1').includes('--import-mcp-remote'), 'logout')
})

test('every flag has its value apart from its text', () => {
  for (const command of ['bridge', ...COMMANDS] as const)
    for (const { name } of TOLD_FLAGS)
      assert.doesNotMatch(helpText(command, '1'), new RegExp(`${name} <[^>]+>\\w`), name)
})

test('what an account goes by is frozen', async () => {
  for (const argv of [['status'], ['login', URL_TEXT]]) {
    const found = await account(argv)
    for (const part of [found, found.signIn, found.secrets, found.warnings, found.log])
      assert.ok(Object.isFrozen(part), argv.join(' '))
  }
})
