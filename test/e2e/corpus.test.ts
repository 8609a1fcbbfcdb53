// Every command line of the corpus through the built program, against a server that records what it got: the URL's
// path and query, the headers, or the refusal where the user looks. arguments.md 4.
import assert from 'node:assert/strict'
import { INITIALIZED, initializeLine } from '../fixtures/hosts/raw-host.ts'
import corpus from '../fixtures/vectors/argv-corpus.json' with { type: 'json' }
import { bridge, ownError, serve, test } from './harness.ts'

interface Case {
  readonly id: string
  readonly argv: readonly string[] | null
  readonly env: Readonly<Record<string, string | undefined>>
  readonly expect: {
    readonly url?: string
    readonly headers?: Readonly<Record<string, string | undefined>>
    readonly warnings?: readonly string[]
    readonly error?: string
  }
}

const cases = (corpus.cases as unknown as Case[]).filter(({ argv }) => argv !== null)
const SERVER = 'https://h.example/mcp'
/** No process can be started with a NUL in its arguments or environment; the parser's own tests have these. */
const cannotBeStarted = ({ argv, env }: Case): boolean => JSON.stringify([argv, env]).includes('\\u0000')
const startable = cases.filter((one) => !cannotBeStarted(one))

test('all but two of the cases that reach the bridge can be started', async () => {
  assert.equal(cases.length - startable.length, 2)
  assert.ok(startable.length >= 160)
})

for (const { id, argv, env, expect } of startable)
  test(`argv ${id}`, async (t) => {
    const server = await serve(t)
    const args = argv!.map((argument) => argument.replace(SERVER, server.url))
    const host = bridge(t, { args, env: env as Record<string, string> })
    host.send(initializeLine('i'))
    const answer = await host.answer('i')
    if (expect.error !== undefined) {
      assert.equal(ownError(answer, 'usage').code, expect.error)
      await host.finish({ code: 2, stderr: 'some' })
      assert.equal(host.stderr, `${answer.value.error?.message}\n`)
      assert.equal(server.connections, 0)
      return
    }
    host.send(INITIALIZED)
    await host.finish({ stderr: (expect.warnings ?? []).length > 0 ? 'some' : 'empty' })
    const wanted = new URL(expect.url!)
    for (const seen of server.requests) {
      assert.equal(seen.url, wanted.pathname + wanted.search)
      for (const [name, value] of Object.entries(expect.headers ?? {})) {
        const at = seen.rawHeaders.indexOf(name)
        assert.ok(at >= 0, `no ${name} in ${seen.rawHeaders}`)
        assert.equal(seen.rawHeaders[at + 1], value)
      }
    }
    assert.ok(server.requests.length >= 2)
  })
