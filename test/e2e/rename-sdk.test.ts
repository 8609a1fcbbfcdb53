// Other names and fixed arguments between real hosts and real servers of both eras: what each SDK checks of names and schemas
// it checks of those that it sees. users.md 18, 34; protocol.md LL, MM, LM, ML.
import assert from 'node:assert/strict'
import { after, type TestContext } from 'node:test'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import { test } from './harness.ts'
import { isEverything } from './matrix/behaviour.ts'
import { HOSTS, type HostKind, type MatrixHost } from './matrix/host.ts'
import { REMOTES, type Remote, type RemoteKind } from './matrix/remote.ts'
import { stopEverything } from './matrix/remote-everything.ts'

const LONGEST = 24
const LONG = 'trigger-long-running-operation'
const NAMES = {
  MCP_FERRY_TOOL_PREFIX: 'm_',
  MCP_FERRY_RENAME: 'get-sum=add',
  MCP_FERRY_MAX_TOOL_NAME: String(LONGEST),
  MCP_FERRY_PROMPT_PREFIX: 'p_',
  MCP_FERRY_SET: 'get-sum.b=40\necho.message=fixed words',
  MCP_FERRY_DESCRIBE: 'echo=says what is fixed',
}

after(stopEverything)

async function start(t: TestContext, kind: HostKind, { url }: Remote): Promise<MatrixHost> {
  const env = { ...bareEnv(), ...NAMES }
  const host = await kind.start({ kind: 'bridge', command: process.execPath, args: [BIN, url], env })
  t.after(() => host.close())
  return host
}

async function startRemote(t: TestContext, kind: RemoteKind): Promise<Remote> {
  const remote = await kind.start()
  t.after(() => remote.close())
  return remote
}

const isUnknown = (name: string) => (error: { readonly code?: unknown; readonly message?: string }) => {
  assert.equal(error.code, -32602)
  assert.ok(error.message?.includes(`Unknown tool: ${name}`), error.message)
  return true
}

/** One of each era: what lies between is the matrix's. */
const ONE_OF_EACH = new Set(['everything', 'v2 reject'])

for (const hostKind of HOSTS)
  for (const remoteKind of REMOTES.filter(({ name }) => ONE_OF_EACH.has(name)))
    test(`${hostKind.name} × ${remoteKind.name}`, async (t) => {
      const remote = await startRemote(t, remoteKind)
      const host = await start(t, hostKind, remote)
      assert.equal(host.era, hostKind.era)
      const names = await host.listTools()
      assert.ok(names.includes('m_echo') && names.includes('add'), names.join())
      assert.ok(
        names.every((name) => name.length <= LONGEST && (name === 'add' || name.startsWith('m_'))),
        names.join(),
      )
      const long = names.find((name) => /^m_trigger-long-ru_[0-9a-f]{6}$/.test(name)) ?? ''
      const duration = { duration: 0.01, steps: 1 }

      assert.equal(
        (await host.call('add', { a: 2, b: 'ignored' })).text,
        'The sum is 42.'.replace('sum is', sumWords(remote)),
      )
      assert.equal((await host.call('m_echo')).text, 'Echo: fixed words')
      assert.deepEqual((await host.call('m_get-structured-content', { location: 'Chicago' })).isError, false)
      assert.match((await host.call(long, duration)).text, /completed|Duration/i)
      for (const name of ['echo', 'get-sum', 'm_get-sum', LONG, `m_${LONG}`])
        await assert.rejects(host.call(name, { a: 1, b: 2, message: 'x' }), isUnknown(name))

      const prompts = await host.listPrompts()
      assert.ok(
        prompts.includes('p_args-prompt') && prompts.every((name) => name.startsWith('p_')),
        prompts.join(),
      )
      assert.match(await host.prompt('p_args-prompt', { city: 'Tromsø' }), /Tromsø/)
      await assert.rejects(host.prompt('args-prompt', { city: 'x' }), { code: -32602 })
      const ref = { prompt: 'p_completable-prompt' }
      assert.notEqual((await host.complete(ref, { name: 'department', value: 'S' })).length, 0)
      assert.deepEqual(host.notes.errors, [])

      // Another start, and no list before the call.
      const again = await start(t, hostKind, remote)
      assert.match((await again.call(long, duration)).text, /completed|Duration/i)
      assert.deepEqual(again.notes.errors, [])
    })

/** server-everything tells the summands as well. */
function sumWords(remote: Remote): string {
  return isEverything(remote) ? 'sum of 2 and 40 is' : 'sum is'
}
