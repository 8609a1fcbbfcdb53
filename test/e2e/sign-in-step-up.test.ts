// A token that is good, but not for this: more scopes are asked for once, with all that were there before, and what is
// not given is not asked for again. protocol.md G.6; T67.
import assert from 'node:assert/strict'
import type { Host } from '../fixtures/hosts/raw-host.ts'
import { GRANT } from '../fixtures/servers/auth-record.ts'
import { call, modernCall, ownError, PLATFORM_HAS_SIGNALS, resultOf, test } from './harness.ts'
import {
  listens,
  NO_FAKE_BROWSER,
  PATIENCE_MS,
  type Protected,
  person,
  serveProtected,
  start,
} from './signing-in.ts'

const TOOL = { scope: 'mcp:read', toolScopes: { echo: 'mcp:write' } }
/** No server grants that. */
const TOO_MUCH = { scope: 'mcp:read', toolScopes: { echo: 'mcp:everything' } }

/** The scopes of each authorization request, without those that are about refresh tokens. */
function asked({ issuer }: Protected): string[][] {
  return issuer
    .to('authorize')
    .map(({ params }) => String(params.scope).split(' '))
    .map((scopes) => scopes.filter((scope) => scope !== 'offline_access').sort())
}

test(
  'T67 a tool that needs more leads to a new sign-in for all scopes together, and is called again',
  async (t) => {
    const pair = await serveProtected(t, TOOL)
    const user = person(t)
    const host = await start(user, pair.server.url)
    host.send(call(1, { n: 1 }))
    assert.deepEqual(resultOf(await host.answer(1, PATIENCE_MS)).structuredContent, { n: 1 })
    host.send(call(2, { n: 2 }))
    resultOf(await host.answer(2))
    await host.finish({ stderr: 'any' })
    assert.deepEqual(asked(pair), [['mcp:read'], ['mcp:read', 'mcp:write']])
    assert.equal(pair.issuer.to('token', GRANT.refresh).length, 0)
    assert.equal(pair.issuer.to('register').length, 1)
    assert.deepEqual(
      pair.server.used('tools/call').map(({ verdict }) => verdict),
      ['scope', 'good', 'good'],
    )
    assert.equal(user.browser.opened().length, 2)
  },
  NO_FAKE_BROWSER,
)

test(
  'T67 a modern host too gets the result after the step up',
  async (t) => {
    const pair = await serveProtected(t, { ...TOOL, era: 'modern' })
    const host = person(t).bridge(pair.server.url)
    host.send(modernCall(1, { n: 1 }))
    assert.deepEqual(resultOf(await host.answer(1, PATIENCE_MS)).structuredContent, { n: 1 })
    await host.finish({ stderr: 'any' })
    assert.deepEqual(asked(pair).at(-1), ['mcp:read', 'mcp:write'])
  },
  NO_FAKE_BROWSER,
)

async function deniedCall(host: Host, id: number): Promise<void> {
  host.send(call(id))
  const line = await host.answer(id, PATIENCE_MS)
  ownError(line, 'auth-failed')
  assert.match(line.value.error?.message ?? '', /mcp:everything/, 'the sentence names what is missing')
}

test(
  'T67 a second 403 is an error that names the scope; it is not asked for again, by no process',
  async (t) => {
    const pair = await serveProtected(t, TOO_MUCH)
    const user = person(t)
    const host = await start(user, pair.server.url)
    await deniedCall(host, 1)
    await deniedCall(host, 2)
    await host.finish({ stderr: 'some' })
    const next = await start(user, pair.server.url)
    await deniedCall(next, 3)
    await next.finish({ stderr: 'some' })
    assert.equal(asked(pair).length, 2)
    assert.equal(user.browser.opened().length, 2)
    assert.equal(pair.issuer.to('token', GRANT.refresh).length, 0)
  },
  NO_FAKE_BROWSER,
)

test(
  'T67 calls that need more at the same time step up once',
  async (t) => {
    const pair = await serveProtected(t, TOOL)
    const host = await start(person(t), pair.server.url)
    for (let n = 0; n < 10; n++) host.send(call(n, { n }))
    for (let n = 0; n < 10; n++)
      assert.deepEqual(resultOf(await host.answer(n, PATIENCE_MS)).structuredContent, { n })
    await host.finish({ stderr: 'any' })
    assert.equal(asked(pair).length, 2)
  },
  NO_FAKE_BROWSER,
)

test(
  'T67 the token that was there stays good when the person says no to more',
  async (t) => {
    const pair = await serveProtected(t, { ...TOOL, toolScopes: { more: 'mcp:write' } })
    const host = await start(person(t), pair.server.url)
    pair.issuer.person = 'refusing'
    host.send(call(1, {}, 'more'))
    ownError(await host.answer(1, PATIENCE_MS), /^auth-/)
    host.send(call(2, { n: 2 }))
    assert.deepEqual(resultOf(await host.answer(2, PATIENCE_MS)).structuredContent, { n: 2 })
    await host.finish({ stderr: 'some' })
    assert.equal(asked(pair).length, 2)
  },
  NO_FAKE_BROWSER,
)

test(
  'T67 a bridge that ends while a person is asked for more: the next one goes on with that, without another tab',
  async (t) => {
    const { issuer, server } = await serveProtected(t, TOOL)
    const user = person(t)
    const first = await start(user, server.url)
    issuer.person = 'slow'
    first.send(call(1, { n: 1 }))
    await issuer.asked(2)
    first.kill('SIGTERM')
    ownError(await first.answer(1), 'auth-required')
    await first.finish({ stderr: 'any' })
    const next = await start(user, server.url, ['--callback-path', '/elsewhere'])
    next.send(call(2, { n: 2 }))
    await listens(new URL((await user.browser.url(2)).searchParams.get('redirect_uri') ?? ''))
    issuer.approve()
    assert.deepEqual(resultOf(await next.answer(2, PATIENCE_MS)).structuredContent, { n: 2 })
    await next.finish({ stderr: 'any' })
    assert.equal(user.browser.opened().length, 2)
  },
  NO_FAKE_BROWSER || (!PLATFORM_HAS_SIGNALS && 'no such signals here'),
)

test(
  'T67 where nobody is to be asked the error names the scope, and the command that asks for it and what was there',
  async (t) => {
    const { issuer, server } = await serveProtected(t, TOOL)
    const user = person(t)
    const first = await start(user, server.url)
    await first.finish({ stderr: 'any' })
    const next = await start(user, server.url, ['--non-interactive'])
    next.send(call(1, { n: 1 }))
    const line = await next.answer(1)
    ownError(line, 'auth-failed')
    assert.match(
      line.value.error?.message ?? '',
      /needs the scope mcp:write.*mcp-ferry login \S+ .*--scope mcp:read --scope mcp:write$/,
    )
    await next.finish({ stderr: 'some' })
    assert.equal(issuer.to('authorize').length, 1)
  },
  NO_FAKE_BROWSER,
)
