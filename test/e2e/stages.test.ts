// All that changes what the host sees, at once: other names, hidden tools, fixed arguments, descriptions and rewritten schemas, from
// flags and from variables, with hosts and remotes of both eras and over each transport. users.md 18, 34, 35.
import assert from 'node:assert/strict'
import type { Host } from '../fixtures/hosts/raw-host.ts'
import type { Exchange } from '../fixtures/servers/raw-server.ts'
import {
  bridge,
  call,
  errorOf,
  freePort,
  modern,
  modernCall,
  ownError,
  request,
  resultOf,
  serve,
  serveModern,
  serveSse,
  test,
} from './harness.ts'

const LONG = `look-for-something-in-all-the-places-that-there-are-${'x'.repeat(20)}`
const reads = { annotations: { readOnlyHint: true } }
const schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: { text: { type: ['string', 'null'] }, limit: { type: 'integer' } },
  required: ['text', 'limit'],
}
const TOOLS = [
  { name: 'search', description: 'Searches', inputSchema: schema, ...reads },
  { name: LONG, description: 'Looks', inputSchema: schema, ...reads },
  { name: 'secret', inputSchema: schema, ...reads },
  { name: 'remove', inputSchema: schema },
  { name: 'other', inputSchema: schema, ...reads },
]
const FLAGS = [
  ...['--tool-prefix', 'p_', '--max-tool-name', '24', '--rename', 'search=find'],
  ...['--allow-tool', 's*,look-*,remove', '--deny-tool', 'SECRET', '--read-only'],
  ...['--set', 'search.limit=7', '--describe', 'search=two words', '--schema-compat', 'gemini'],
]
const VARIABLES = {
  MCP_FERRY_TOOL_PREFIX: 'p_',
  MCP_FERRY_MAX_TOOL_NAME: '24',
  MCP_FERRY_RENAME: 'search=find',
  MCP_FERRY_ALLOW_TOOL: 's*\nlook-*,remove',
  MCP_FERRY_DENY_TOOL: 'SECRET',
  MCP_FERRY_READ_ONLY: '1',
  MCP_FERRY_SET: 'search.limit=7',
  MCP_FERRY_DESCRIBE: 'search=two words',
  MCP_FERRY_SCHEMA_COMPAT: 'gemini',
}

interface Tool {
  readonly name: string
  readonly description?: string
  readonly inputSchema: unknown
}

/** One tool a page. */
const page = (params: unknown) => {
  const at = Number((params as { cursor?: string } | undefined)?.cursor ?? 0)
  return { tools: TOOLS.slice(at, at + 1), ...(at + 1 < TOOLS.length && { nextCursor: `${at + 1}` }) }
}
const argumentsOf = (x: Exchange) => x.message.params?.arguments
const CALLED = { content: [] }
const COMPLETE = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' }

const REMOTES = {
  legacy: (t: Parameters<typeof serve>[0]) =>
    serve(t, {
      on: { 'tools/list': (x) => x.result(page(x.message.params)), 'tools/call': (x) => x.result(CALLED) },
    }),
  'HTTP+SSE': (t: Parameters<typeof serve>[0]) =>
    serveSse(t, {
      on: {
        'tools/list': (x, session) => session.result(x, page(x.message.params)),
        'tools/call': (x, session) => session.result(x, CALLED),
      },
    }),
  modern: (t: Parameters<typeof serve>[0]) =>
    serveModern(t, {
      on: {
        'tools/list': (x) => x.result({ ...page(x.message.params), ...COMPLETE }),
        'tools/call': (x) => x.result({ ...CALLED, resultType: 'complete' }),
      },
    }),
}

const HOSTS = {
  legacy: { call, ask: request, begin: (host: Host) => host.initialize() },
  modern: {
    call: modernCall,
    ask: modern as typeof request,
    async begin(host: Host) {
      host.send(modern('discover', 'server/discover'))
      resultOf(await host.answer('discover'))
    },
  },
}

for (const [era, { ask, begin, call: calling }] of Object.entries(HOSTS))
  for (const [kind, remote] of Object.entries(REMOTES))
    for (const [how, args, env] of [
      ['flags', FLAGS, {}],
      ['variables', [], VARIABLES],
    ] as const)
      test(`a ${era} host, a ${kind} remote, all by ${how}`, async (t) => {
        const server = await remote(t)
        const host = bridge(t, { url: server.url, args, env })
        await begin(host)
        // Before any list.
        host.send(calling(1, { text: 'a' }, 'find'))
        for (const [id, name] of ['p_secret', 'p_remove', 'p_other', 'search', 'remove'].entries())
          host.send(calling(`no ${id}`, {}, name))
        resultOf(await host.answer(1))
        for (const [id, name] of ['p_secret', 'p_remove', 'p_other', 'search', 'remove'].entries())
          assert.equal(errorOf(await host.answer(`no ${id}`), -32602).message, `Unknown tool: ${name}`)
        const tools: Tool[] = []
        for (let cursor: string | undefined = '0', id = 10; cursor !== undefined; id++) {
          host.send(ask(id, 'tools/list', cursor === '0' ? {} : { cursor }))
          const got = resultOf(await host.answer(id)) as { tools: Tool[]; nextCursor?: string }
          tools.push(...got.tools)
          cursor = got.nextCursor
        }
        const [find, look] = tools
        assert.equal(tools.length, 2)
        assert.deepEqual([find?.name, find?.description], ['find', 'two words'])
        assert.deepEqual(find?.inputSchema, {
          type: 'object',
          properties: { text: { type: 'string', nullable: true } },
          required: ['text'],
        })
        assert.match(look?.name ?? '', /^p_look-for-someth_[0-9a-f]{6}$/)
        host.send(calling(2, { text: null, limit: 1 }, look?.name))
        resultOf(await host.answer(2))
        await host.finish({ stderr: 'some' })
        const sent = server.sent('tools/call')
        assert.deepEqual(
          sent.map(({ message }) => message.params?.name),
          ['search', LONG],
        )
        assert.deepEqual(sent.map(argumentsOf), [
          { text: 'a', limit: 7 },
          { text: null, limit: 1 },
        ])
      })

test('a remote that is not there: no tool is called unknown for that, and nothing is warned about', async (t) => {
  const url = `http://127.0.0.1:${await freePort()}/mcp`
  const args = ['--read-only', '--tool-prefix', 'p_', '--set', 'a.b=1', '--start-budget', '100ms']
  const refused = Object.values(HOSTS).map(async ({ begin, call: calling }) => {
    const host = bridge(t, { url, args })
    await begin(host)
    host.send(calling(1, {}, 'p_a'))
    const answer = await host.answer(1, 100_000)
    assert.equal(ownError(answer, 'protocol').retryable, true)
    assert.match(answer.raw, /tells of no tools, or is not connected yet; try again/)
    await host.finish({ stderr: 'some' })
    assert.doesNotMatch(host.stderr, /has no tool/)
  })
  await Promise.all(refused)
})
