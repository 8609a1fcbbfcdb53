// Signing in where everything is behind a proxy, under names that this machine does not know: the proxy resolves them.
// protocol.md 0.6, G.8.
import assert from 'node:assert/strict'
import { openSslMissing } from './certificate.ts'
import { call, resultOf, test } from './harness.ts'
import { CLIENT, FLAGS, serveBoth } from './https-sign-in.ts'
import { identity, REMOTE, serveProxy } from './proxying.ts'
import { person, refusedStart, start } from './signing-in.ts'

const ISSUER = 'sign-in.test'
const NAMES = { remote: REMOTE, issuer: ISSUER }

test(
  'the remote refuses, its authorization server is found and asked, all by the proxy',
  async (t) => {
    const own = identity(t, `DNS:${REMOTE},DNS:${ISSUER}`)
    const server = await serveBoth(t, own, NAMES)
    const proxy = await serveProxy(t)
    const user = person(t)
    Object.assign(user.env, {
      ...CLIENT,
      NODE_EXTRA_CA_CERTS: own.caFile,
      HTTPS_PROXY: proxy.url,
    })
    const host = await start(user, `https://${REMOTE}:${server.port}/mcp`, FLAGS)
    host.send(call(1, { n: 1 }))
    assert.deepEqual(resultOf(await host.answer(1)).structuredContent, { n: 1 })
    await host.finish({ stderr: 'any' })
    const targets = new Set(proxy.connects.map(({ target }) => target))
    assert.deepEqual(targets, new Set([`${REMOTE}:${server.port}`, `${ISSUER}:${server.port}`]))
  },
  openSslMissing(),
)

test(
  'a proxy that lets us through to the remote alone: the error names the proxy and what was asked',
  async (t) => {
    const own = identity(t, `DNS:${REMOTE},DNS:${ISSUER}`)
    const server = await serveBoth(t, own, NAMES)
    const proxy = await serveProxy(t, {
      onConnect: (asked) => (asked.target.startsWith(REMOTE) ? asked.carry() : asked.refuse(403)),
    })
    const user = person(t)
    Object.assign(user.env, {
      ...CLIENT,
      NODE_EXTRA_CA_CERTS: own.caFile,
      MCP_FERRY_PROXY: proxy.url,
    })
    const host = user.bridge(`https://${REMOTE}:${server.port}/mcp`, ['--start-budget', '0', ...FLAGS])
    const { value } = await refusedStart(host, 'auth-failed')
    assert.match(
      value.error?.message ?? '',
      new RegExp(
        `the proxy 127\\.0\\.0\\.1:\\d+ \\(MCP_FERRY_PROXY\\) does not let you through to ${ISSUER}:\\d+ \\(HTTP 403\\)`,
      ),
    )
    await host.finish({ stderr: 'any' })
    assert.ok(proxy.connects.length < 20, `CONNECTs: ${proxy.connects.length}`)
  },
  openSslMissing(),
)
