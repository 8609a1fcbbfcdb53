// Whether the scripted authorization server is right as long as nothing of it is replaced, and notices what it is there
// to notice: otherwise a bridge that never signs in would pass every test against it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flood, hostileAuthServer, PATHS } from '../fixtures/servers/hostile-auth-server.ts'

const REDIRECT = 'http://127.0.0.1:1/callback'

async function json(url: string, init?: RequestInit): Promise<Readonly<Record<string, unknown>>> {
  return (await (await fetch(url, init)).json()) as Readonly<Record<string, unknown>>
}

test('with nothing replaced, the scripted servers lead to a token that is taken', async (t) => {
  const server = await hostileAuthServer()
  t.after(() => server.close())
  const refused = await fetch(server.url, { method: 'POST' })
  assert.equal(refused.status, 401)
  const at = /resource_metadata="([^"]*)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1] ?? ''
  const resource = await json(at)
  assert.deepEqual(resource, { resource: server.url, authorization_servers: [server.issuer] })
  const metadata = await json(`${server.issuer}${PATHS.metadata}`)
  assert.equal(metadata.issuer, server.issuer)
  const client = await json(String(metadata.registration_endpoint), {
    method: 'POST',
    body: JSON.stringify({ redirect_uris: [REDIRECT], response_types: ['code'] }),
  })
  server.assertNoCodeSent()
  const query = new URLSearchParams({
    redirect_uri: REDIRECT,
    state: 'a-state',
    client_id: String(client.client_id),
  })
  const moved = await fetch(`${String(metadata.authorization_endpoint)}?${query}`, { redirect: 'manual' })
  const back = new URL(moved.headers.get('location') ?? '')
  assert.equal(back.searchParams.get('state'), 'a-state')
  assert.equal(back.searchParams.get('iss'), server.issuer)
  server.assertNoCodeSent()
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
  })
  const tokens = await json(String(metadata.token_endpoint), { method: 'POST', body })
  const headers = { Authorization: `Bearer ${String(tokens.access_token)}` }
  const answer = await json(server.url, {
    method: 'POST',
    headers,
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
  })
  assert.deepEqual(answer.result, {})
  assert.throws(() => server.assertNoCodeSent(), /a code was sent/)
  assert.ok(server.secrets.has(String(tokens.access_token)), 'the token is known to be secret')
  server.assertNobodyElseAsked()
  await fetch(server.elsewhere)
  assert.throws(() => server.assertNobodyElseAsked(), /connected to/)
})

test('a document can be replaced, and one that never ends stops when nobody reads it any more', async (t) => {
  const server = await hostileAuthServer({
    metadata: (document) => ({ ...document, issuer: 'https://honest.example' }),
    on: { [PATHS.openid]: flood(Number.POSITIVE_INFINITY) },
  })
  t.after(() => server.close())
  assert.equal((await json(`${server.issuer}${PATHS.metadata}`)).issuer, 'https://honest.example')
  const stop = new AbortController()
  const endless = await fetch(`${server.issuer}${PATHS.openid}`, { signal: stop.signal })
  const reader = endless.body?.getReader()
  let read = 0
  while (read < 2 ** 20) read += (await reader?.read())?.value?.length ?? 2 ** 20
  stop.abort()
  const asked = server.auth.requests.find(({ path }) => path === PATHS.openid)
  assert.equal(await asked?.over, 'aborted')
})
