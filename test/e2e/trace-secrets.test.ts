// No secret is in a trace: neither how the user has given it, nor where the remote repeats it, nor what a sign-in brings. protocol.md
// 0.8, G.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Handler } from '../fixtures/servers/raw-server.ts'
import { bridge, call, connectedSse, request, resultOf, serve, test } from './harness.ts'
import { assertNoSecret, NO_FAKE_BROWSER, PATIENCE_MS, person, serveProtected, start } from './signing-in.ts'
import { linesOf, traceFile } from './tracing.ts'

const SESSION = 'session-5ecret-id'
const COOKIE = 'cookie-5ecret=='
const QUERY = 'query-5ecret-value'
const PASSWORD = 'pass-5ecret-word'
const GIVEN = 'given-5ecret/+=&value'

/** Answers with everything that it was sent, as text, as JSON, and with each `=` and `/` as an escape. */
const gossip: Handler = (x) => {
  const told = [x.url, ...x.rawHeaders, SESSION, COOKIE].join(' ')
  const json = JSON.stringify({ content: [{ type: 'text', text: told }] })
  const name = x.message.params?.name
  if (name === 'page') x.reply(410, `<b>${told}</b>`, { 'Content-Type': 'text/html', 'X-Told': told })
  else if (name === 'away')
    x.reply(302, undefined, { Location: `http://u:${PASSWORD}@127.0.0.1:9/x?k=${QUERY}` })
  else if (name === 'denied')
    x.reply(403, told, { 'WWW-Authenticate': `Bearer realm="r", nonce="${GIVEN}", error="nope", x=${QUERY}` })
  else if (name === 'escaped')
    x.result(json.replace(/[=/&+]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`))
  else if (name === 'events') {
    const stream = x.sse({ 'Set-Cookie': `other=${COOKIE}` })
    stream.result(JSON.parse(json))
  } else x.result(json)
}

const WAYS: Readonly<
  Record<string, (folder: string) => { args?: readonly string[]; env?: Readonly<Record<string, string>> }>
> = {
  '--header': () => ({ args: ['--header', `X-Mine: ${GIVEN}`] }),
  'a header that is ours otherwise': () => ({ args: ['--header', `User-Agent: ${GIVEN}`] }),
  '--header with a scheme': () => ({ args: ['--header', `Authorization: Bearer ${GIVEN}`] }),
  '--header with a variable': () => ({ args: ['--header', `X-Mine: \${VALUE}`], env: { VALUE: GIVEN } }),
  '--header-env': () => ({ args: ['--header-env', 'X-Mine=VALUE'], env: { VALUE: GIVEN } }),
  '--bearer-env': () => ({ args: ['--bearer-env', 'VALUE'], env: { VALUE: GIVEN } }),
  MCP_FERRY_HEADER: () => ({ env: { MCP_FERRY_HEADER: `X-Mine: ${GIVEN}` } }),
  '--header-file': (folder) => {
    writeFileSync(join(folder, 'headers'), `X-Mine: ${GIVEN}\n`)
    return { args: ['--header-file', join(folder, 'headers')] }
  },
  '--header-command': () => ({
    args: ['--header-command', `X-Mine=${process.execPath} -p process.env.VALUE`],
    env: { VALUE: GIVEN },
  }),
  '--bearer-command': () => ({
    args: ['--bearer-command', `${process.execPath} -p process.env.VALUE`],
    env: { VALUE: GIVEN },
  }),
}

for (const [way, give] of Object.entries(WAYS))
  test(`a secret given by ${way} is in no trace, whatever the remote repeats`, async (t) => {
    const file = traceFile(t)
    const server = await serve(t, {
      sessionId: SESSION,
      getStream: true,
      on: {
        'tools/call': gossip,
        'tools/list': (x) =>
          x.reply(200, `{"jsonrpc":"2.0","id":${x.rawId},"result":{"tools":[]}}`, {
            'Set-Cookie': `sid=${COOKIE}; Path=/`,
          }),
      },
    })
    const { args = [], env = {} } = give(join(file, '..'))
    const url = `http://someone:${PASSWORD}@127.0.0.1:${server.port}/mcp?api_key=${QUERY}`
    const isOurs = way.includes('bearer') || way.includes('scheme')
    const host = bridge(t, {
      url: isOurs ? `${server.url}?api_key=${QUERY}` : url,
      args: [...args, '--trace', file],
      env,
    })
    await host.initialize()
    host.send(request('list', 'tools/list'))
    await host.answer('list')
    for (const name of ['plain', 'events', 'escaped', 'page', 'denied', 'away']) {
      host.send(call(name, {}, name))
      await host.answer(name)
    }
    await host.finish({ stderr: 'unchecked' })
    const received = server.sent('tools/call').flatMap(({ rawHeaders }) => rawHeaders)
    assert.ok(
      received.some((value) => value.includes(GIVEN)),
      'the remote did not get the secret',
    )
    const text = readFileSync(file, 'utf8')
    const plain = text.replace(/\\u00([2-7][0-9a-f])/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
    for (const secret of [SESSION, COOKIE, QUERY, PASSWORD, GIVEN])
      for (const form of [
        secret,
        encodeURIComponent(secret),
        Buffer.from(`someone:${secret}`).toString('base64'),
      ])
        for (const [what, written] of Object.entries({ text, plain })) {
          const at = written.indexOf(form)
          assert.ok(at < 0, `${what}: …${written.slice(Math.max(0, at - 200), at + 50)}`)
        }
    linesOf(file)
  })

test('the old transport names its session in a URL, which is not told', async (t) => {
  const file = traceFile(t)
  const { host } = await connectedSse(t, {}, ['--trace', file])
  host.send(call(1))
  resultOf(await host.answer(1))
  await host.finish()
  const lines = linesOf(file)
  const endpoint = lines.find((line) => (line as { event?: string }).event === 'endpoint')
  assert.match(endpoint?.text ?? '', /\?<redacted>$/)
  for (const { url = '' } of lines) assert.ok(!url.includes('?'), url)
})

test(
  'a trace of a sign-in, a step-up and a renewal holds no token',
  async (t) => {
    const file = traceFile(t)
    const { issuer, server } = await serveProtected(t, {
      scope: 'mcp:read',
      toolScopes: { echo: 'mcp:write' },
    })
    const user = person(t)
    const host = await start(user, server.url, ['--trace', file])
    host.send(call('step-up'))
    resultOf(await host.answer('step-up', PATIENCE_MS))
    issuer.expireAll()
    host.send(call('renewed'))
    resultOf(await host.answer('renewed', PATIENCE_MS))
    await host.finish({ stderr: 'unchecked' })
    const lines = linesOf(file)
    const refused = lines.filter(({ status }) => status === 401 || status === 403)
    assert.ok(refused.length >= 2, 'the refusals are there')
    const sent = lines.filter(({ headers }) => headers?.Authorization === 'Bearer <redacted>')
    assert.ok(sent.length > 0, 'what was sent with a token is there')
    assertNoSecret(readFileSync(file, 'utf8'), issuer)
  },
  NO_FAKE_BROWSER,
)
