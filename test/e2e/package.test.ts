// The package as it is published: what is in the tarball, how large it is, and that the demo in it works when an
// editor starts it.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import nodeTest from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { DEFERRED, HOT, SHARED, SIBLINGS } from '../../scripts/siblings.mjs'
import { BIN } from '../fixtures/hosts/raw-host.ts'
import { ownFile } from '../fixtures/programs/own-program.ts'
import { copyPackage } from '../fixtures/programs/package-copy.ts'
import { bridge, call, request, resultOf, serveSessions, test } from './harness.ts'

const ROOT = new URL('../../', import.meta.url)
const read = (path: string) => JSON.parse(readFileSync(new URL(path, ROOT), 'utf8'))

test('the tarball has the launcher, the hot file and those beside it, the docs that README links to, and nothing else', async () => {
  const packed = read('.cache/pack.json')
  const files = packed.files.map(({ path }: { path: string }) => path).sort()
  const built = [HOT, ...SIBLINGS, ...DEFERRED, ...SHARED].map(({ name }) => `dist/${name}.cjs`)
  const docs = readdirSync(new URL('docs/', ROOT)).map((name) => `docs/${name}`)
  const pages = ['CHANGELOG.md', 'LICENSE', 'README.md'].filter((name) => existsSync(new URL(name, ROOT)))
  const wanted = [
    ...pages,
    ...docs,
    'bin/mcp-ferry.cjs',
    'bin/old-node.cjs',
    'dist/licenses.txt',
    ...built,
    'package.json',
  ]
  assert.deepEqual(files, wanted.sort())
  assert.ok(packed.size <= 400_000, `${packed.size} bytes`)
})

test('whose code is bundled is named with the terms of it', async () => {
  const text = readFileSync(
    new URL('.cache/installed/node_modules/mcp-ferry/dist/licenses.txt', ROOT),
    'utf8',
  )
  for (const name of ['commander', 'undici', 'oauth4webapi', 'jsonc-parser'])
    assert.match(text, new RegExp(`^${name}\\n\\n[\\s\\S]{0,300}Copyright`, 'm'))
})

test('each lazy sibling loads behind the hot file alone and exports what its source does', async () => {
  const ask = fileURLToPath(new URL('test/fixtures/exported-at-end.cjs', ROOT))
  const told = execFileSync(process.execPath, ['--require', ask, BIN, '--version'], { encoding: 'utf8' })
  const exported = JSON.parse(told.split('\n')[1] ?? '')
  for (const { name, source } of SIBLINGS) {
    const wanted = Object.keys(
      await import(pathToFileURL(ownFile(fileURLToPath(new URL(source, ROOT)))).href),
    ).sort()
    assert.ok(wanted.length > 0, name)
    // What it gives to other files has a letter or two.
    assert.deepEqual(
      exported[name].filter((each: string) => each.length > 2),
      wanted,
      name,
    )
  }
  for (const { name } of [...DEFERRED, ...SHARED]) assert.ok(exported[name].length > 0, name)
})

nodeTest('a start loads the hot file alone, and one more for options that any start may have', () => {
  const ask = fileURLToPath(new URL('test/fixtures/loaded-at-end.cjs', ROOT))
  const loadedFor = (...options: string[]): unknown => {
    const argv = ['--require', ask, BIN, 'https://remote.example/mcp', ...options]
    const env = { ...process.env, KEY: 'from-the-environment' }
    return JSON.parse(execFileSync(process.execPath, argv, { encoding: 'utf8', input: '', env }))
  }
  assert.deepEqual(loadedFor(), ['mcp-ferry'])
  const ordinary = ['--header', 'Authorization: Api-Key ${KEY}', '--transport', 'http', '--debug']
  assert.deepEqual(loadedFor(...ordinary), ['mcp-ferry', 'command-line'])
})

nodeTest('a lazy sibling of another build, as while the program is updated: told as that', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-another-build-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  copyPackage(folder)
  const other = join(folder, 'dist/shell.cjs')
  const text = readFileSync(other, 'utf8')
  const changed = text.replace(/(\.build!==")[0-9a-f]{8}"/, '$100000000"')
  assert.notEqual(changed, text)
  writeFileSync(other, changed)
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'bin/mcp-ferry.cjs'), '--help'], {
    encoding: 'utf8',
  })
  assert.equal(
    stderr,
    'mcp-ferry: a file of mcp-ferry is gone, as it is while that is updated; start it anew\n',
  )
  assert.equal(status, 1)
})

test('all but what runs is gone, as when npx has cleaned up: a session that is lost is opened anew', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-cleaned-up-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  copyPackage(folder)
  const server = await serveSessions(t, {})
  const host = bridge(t, {
    url: server.url,
    command: [process.execPath, join(folder, 'bin/mcp-ferry.cjs')],
  })
  await host.initialize()
  await server.request(({ method }) => method === 'GET')
  rmSync(join(folder, 'dist'), { recursive: true })
  host.send(call(1, { n: 1 }))
  resultOf(await host.answer(1))
  server.forget()
  host.send(call(2, { n: 2 }))
  assert.deepEqual(resultOf(await host.answer(2)).structuredContent, { n: 2 })
  assert.equal(server.sessions.length, 2)
  await host.finish({ stderr: 'any' })
})

test('the installed package brings no other package', async () => {
  const { dependencies, optionalDependencies, peerDependencies } = read(
    '.cache/installed/node_modules/mcp-ferry/package.json',
  )
  assert.deepEqual(
    { dependencies, optionalDependencies, peerDependencies },
    {
      dependencies: undefined,
      optionalDependencies: undefined,
      peerDependencies: undefined,
    },
  )
})

test('the demo in an editor: a server to list and call, with no network and nothing on stderr', async (t) => {
  const host = bridge(t, { args: ['demo'] })
  const { value } = await host.initialize()
  assert.match(JSON.stringify(value.result), /"serverInfo"/)
  host.send(request('list', 'tools/list'))
  const names = JSON.stringify((await host.answer('list')).value.result)
  for (const name of ['echo', 'add', 'slow', 'fail']) assert.ok(names.includes(`"name":"${name}"`))
  host.send(call('sum', { a: 19, b: 23 }, 'add'))
  assert.match((await host.answer('sum')).raw, /42/)
  host.send(call('fail', {}, 'fail'))
  assert.match((await host.answer('fail')).raw, /"isError":true/)
  host.send(
    request('slow', 'tools/call', { name: 'slow', arguments: { seconds: 0.1 }, _meta: { progressToken: 1 } }),
  )
  await host.notification('notifications/progress')
  await host.answer('slow')
  await host.finish()
})
