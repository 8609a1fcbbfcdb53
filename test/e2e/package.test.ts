// The package as it is published: what is in the tarball, how large it is, and that the demo in it works when an
// editor starts it.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { HOT, SIBLINGS } from '../../scripts/siblings.mjs'
import { bridge, call, request, test } from './harness.ts'

const ROOT = new URL('../../', import.meta.url)
const read = (path: string) => JSON.parse(readFileSync(new URL(path, ROOT), 'utf8'))

test('the tarball has the launcher, the hot file and its lazy siblings, the docs that README links to, and nothing else', async () => {
  const packed = read('.cache/pack.json')
  const files = packed.files.map(({ path }: { path: string }) => path).sort()
  const built = [HOT, ...SIBLINGS]
    .filter(({ source }) => existsSync(new URL(source, ROOT)))
    .map(({ name }) => `dist/${name}.cjs`)
  const docs = readdirSync(new URL('docs/', ROOT)).map((name) => `docs/${name}`)
  const pages = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md'].filter((name) =>
    existsSync(new URL(name, ROOT)),
  )
  const wanted = [...pages, ...docs, 'bin/mcp-ferry.cjs', 'dist/licenses.txt', ...built, 'package.json']
  assert.deepEqual(files, wanted.sort())
  assert.ok(packed.size <= 600_000, `${packed.size} bytes`)
})

test('whose code is bundled is named with the terms of it', async () => {
  const text = readFileSync(
    new URL('.cache/installed/node_modules/mcp-ferry/dist/licenses.txt', ROOT),
    'utf8',
  )
  for (const name of ['commander', 'undici', 'oauth4webapi', 'jsonc-parser'])
    assert.match(text, new RegExp(`^${name}\\n\\n[\\s\\S]{0,300}Copyright`, 'm'))
})

test('each lazy sibling loads by itself and exports what its source does', async () => {
  const load = createRequire(new URL('.cache/installed/node_modules/mcp-ferry/dist/', ROOT))
  for (const { name, source } of SIBLINGS) {
    if (!existsSync(new URL(source, ROOT))) continue
    const exported = Object.keys(await import(new URL(source, ROOT).href)).sort()
    assert.ok(exported.length > 0, name)
    assert.deepEqual(Object.keys(load(`./${name}.cjs`)).sort(), exported, name)
  }
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
