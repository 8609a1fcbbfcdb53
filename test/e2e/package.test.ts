// The package as it is published: what is in the tarball, how large it is, and that the demo in it works when an
// editor starts it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { bridge, call, request, test } from './harness.ts'

const ROOT = new URL('../../', import.meta.url)
const read = (path: string) => JSON.parse(readFileSync(new URL(path, ROOT), 'utf8'))

test('the tarball has the launcher, the hot file, README and LICENSE, and nothing else', async () => {
  const packed = read('.cache/pack.json')
  const files = packed.files.map(({ path }: { path: string }) => path).sort()
  assert.deepEqual(files, ['LICENSE', 'README.md', 'bin/mcp-ferry.cjs', 'dist/mcp-ferry.cjs', 'package.json'])
  assert.ok(packed.size <= 400_000, `${packed.size} bytes`)
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
