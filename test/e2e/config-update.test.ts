// `mcp-ferry config --update`: entries of ours go to the version that runs, and copies that nothing names go. arguments.md 6.
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { copyPackage } from '../fixtures/programs/package-copy.ts'
import { serve, test } from './harness.ts'
import { callThrough, entriesIn, type Household, household, ONLY_LINUX } from './household.ts'

const URL = 'https://mcp.example.com/mcp'
const OTHER = '9.8.7'

/** The same program under another version. */
function otherVersion(user: Household): string {
  const folder = user.path('other', 'mcp-ferry')
  copyPackage(folder)
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  for (const name of readdirSync(join(folder, 'dist'))) {
    const file = join(folder, 'dist', name)
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(`"${version}"`, `"${OTHER}"`))
  }
  return join(folder, 'bin', 'mcp-ferry.cjs')
}

/** As if they had been made two hours ago. */
function age(user: Household, names: readonly string[]): void {
  const long = Date.now() / 1000 - 7200
  for (const name of names) utimesSync(user.path('ours', 'versions', name), long, long)
}

interface Updated {
  readonly version: string
  readonly updated: readonly { readonly name: string; readonly from: string }[]
  readonly removedCopies: readonly string[]
}

test(
  'what starts it is another, everything else of the entry stays, and the old copy goes the next time',
  async (t) => {
    const user = household(t)
    const server = await serve(t)
    const bin = otherVersion(user)
    await user.config(['cursor', 'a', server.url, '--header', 'X-Key: k-4711', '--write'], { bin })
    await user.config(['codex', 'b', URL, '--write', '--npx'], { bin })
    const [old = ''] = user.copies()
    assert.match(old, new RegExp(`^${OTHER}-`))
    const file = '.cursor/mcp.json'
    const before = entriesIn(user.read(file), file, 'mcpServers')
    const own = { command: 'npx', args: ['-y', '-p', 'mcp-ferry', 'mcp-ferry', URL], disabled: true }
    const global = { command: 'mcp-ferry', args: [URL] }
    const node = { ...before.a, command: '/no/such/node', args: ['--use-system-ca', ...before.a!.args] }
    user.write(JSON.stringify({ mcpServers: { ...before, own, global, node } }), file)
    age(user, [old])
    const first = await user.json<Updated>(['--update'])
    assert.deepEqual(
      first.updated.map(({ name, from }) => [name, from]),
      [
        ['a', OTHER],
        ['own', 'no version'],
        ['node', OTHER],
        ['b', OTHER],
      ],
    )
    assert.deepEqual(first.removedCopies, [], 'an editor that runs may still load from it')
    const now = entriesIn(user.read(file), file, 'mcpServers')
    const script = user.path(
      'ours',
      'versions',
      user.copies().find((name) => name !== old) ?? '',
      'bin',
      'mcp-ferry.cjs',
    )
    assert.deepEqual(now.a, { ...before.a, args: [script, ...before.a!.args.slice(1)] })
    assert.deepEqual(now.own, { ...own, args: ['-y', '-p', `mcp-ferry@${first.version}`, 'mcp-ferry', URL] })
    assert.deepEqual(now.global, global)
    assert.deepEqual(now.node, { ...now.a, args: ['--use-system-ca', ...now.a!.args] })
    assert.match(
      user.read('.codex', 'config.toml'),
      new RegExp(`mcp-ferry@${first.version.replaceAll('.', '\\.')}"`),
    )
    assert.deepEqual(await callThrough(now.a!, user), { text: 'through' })
    const second = await user.config(['--update'])
    assert.match(second.stderr, /every entry starts \S+ already; nothing to change/)
    assert.doesNotMatch(second.stderr, /starts \S+ now/)
    assert.match(second.stderr, /^removed the copy .*9\.8\.7-/m)
    assert.deepEqual(user.copies(), [script.split('/').at(-3)])
  },
  ONLY_LINUX,
)

test(
  'a copy stays that a file names, that is young, that runs, or that a broken file may name',
  async (t) => {
    const user = household(t)
    const bin = otherVersion(user)
    await user.config(['cursor', 'a', URL, '--write'], { bin })
    const [old = ''] = user.copies()
    age(user, [old])
    const runs = user.path('ours', 'versions', old, 'bin', 'mcp-ferry.cjs')
    rmSync(user.path('.cursor', 'mcp.json'))
    await user.config(['--update'], { bin: runs })
    assert.deepEqual(user.copies(), [old], 'it runs')
    user.write('{', '.gemini', 'settings.json')
    assert.equal((await user.run(['config', '--update'])).code, 2)
    assert.deepEqual(user.copies(), [old], 'a file is broken')
    user.write(`{ "mcpServers": {} } // ${old}`, '.gemini', 'settings.json')
    await user.config(['--update', 'cursor'])
    assert.deepEqual(user.copies(), [old], 'a file of another editor names it')
    user.write('{}', '.gemini', 'settings.json')
    mkdirSync(user.path('ours', 'versions', '1.1.1-0123456789ab'))
    const { removedCopies } = await user.json<Updated>(['--update'])
    assert.deepEqual(removedCopies, [user.path('ours', 'versions', old)])
    assert.deepEqual(user.copies(), ['1.1.1-0123456789ab'], 'it is young')
  },
  ONLY_LINUX,
)

test('without an entry of ours there is nothing to do, and nothing is copied', async (t) => {
  const user = household(t)
  assert.match((await user.config(['--update'])).stderr, /no entry starts mcp-ferry/)
  assert.deepEqual(user.copies(), [])
})
