// Lists as servers have them: in pages, without end, of another kind than they should be, with numbers that JavaScript rounds and
// names that a terminal would obey.
import assert from 'node:assert/strict'
import { run, shell } from './at-shell.ts'
import { type Connecting, serve, test } from './harness.ts'

const ALL = { tools: {}, resources: {}, prompts: {} }

function tools(list: string, nextCursor?: string): Connecting {
  const next = nextCursor === undefined ? '' : `,"nextCursor":"${nextCursor}"`
  return { capabilities: ALL, on: { 'tools/list': (x) => x.result(`{"tools":${list}${next}}`) } }
}

test('all pages are followed, and what is in them is passed on as it was written', async (t) => {
  const first = '{"name":"a","inputSchema":{"type":"object","properties":{"n":{"maximum":9007199254740993}}}}'
  const second = '{"name":"b", "x": 1e400,\n"y":1.0}'
  const server = await serve(t, {
    on: {
      'tools/list': (x) =>
        x.message.params?.cursor === 'é"2'
          ? x.result(`{"tools":[${second}]}`)
          : x.result(`{"tools":[${first}],"nextCursor":"é\\"2"}`),
    },
  })
  const { code, stdout, stderr } = await run(t, ['tools', server.url, '--json'])
  assert.deepEqual([code, stderr], [0, ''])
  assert.equal(stdout, `[\n${first},\n${second.replace('\n', ' ')}\n]\n`)
  assert.equal((await run(t, ['tools', server.url])).stdout, 'a\t[n]\t\nb\t\t\n')
  const schema = await run(t, ['tools', server.url, 'a', '--schema'])
  assert.equal(schema.stdout, '{"type":"object","properties":{"n":{"maximum":9007199254740993}}}\n')
})

test('a list whose cursor comes back, or that has a thousand pages, is left, and told so', async (t) => {
  const round = await serve(t, tools('[{"name":"a"}]', 'again'))
  const left = await run(t, ['tools', round.url, '--json'])
  assert.deepEqual(JSON.parse(left.stdout), [{ name: 'a' }, { name: 'a' }])
  assert.deepEqual(
    [left.code, left.stderr],
    [7, 'mcp-ferry: the list of tools has no end; 2 pages were read\n'],
  )
  let pages = 0
  const endless = await serve(t, {
    on: { 'tools/list': (x) => x.result(`{"tools":[{"name":"t${++pages}"}],"nextCursor":"c${pages}"}`) },
  })
  const { code, stdout, stderr } = await run(t, ['tools', endless.url])
  assert.deepEqual([code, stderr], [7, 'mcp-ferry: the list of tools has no end; 1000 pages were read\n'])
  assert.equal(stdout.split('\n').length, 1001)
})

test('what the server does not have is an empty list and a sentence', async (t) => {
  const server = await serve(t, {
    capabilities: { resources: {} },
    on: { 'resources/list': (x) => x.result('{"resources":[]}') },
  })
  for (const [command, words] of [
    ['tools', 'the server has no tools'],
    ['prompts', 'the server has no prompts'],
    ['resources', 'there are no resources to show'],
    ['templates', 'the server has no resource templates: it does not know resources/templates/list'],
  ] as const) {
    const stderr = `mcp-ferry: ${words}\n`
    assert.deepEqual(await run(t, [command, server.url]), { code: 0, stdout: '', stderr })
    assert.deepEqual(await run(t, [command, server.url, '--json']), { code: 0, stdout: '[]\n', stderr })
  }
  assert.deepEqual((await run(t, ['tools', server.url, '--schema'])).stdout, '{}\n')
  assert.equal(server.sent('tools/list').length, 0, 'what is not declared is not asked for')
})

test('an answer that is no list is an error of the protocol', async (t) => {
  for (const result of ['{}', '{"tools":{}}', '{"tools":null}', '[]', '"tools"', 'null']) {
    const server = await serve(t, { on: { 'tools/list': (x) => x.result(result) } })
    const { code, stdout, stderr } = await run(t, ['tools', server.url, '--json'])
    assert.deepEqual([code, stdout], [7, ''], result)
    assert.match(stderr, /^mcp-ferry: the server's answer to tools\/list has no list of tools in it\n$/)
  }
})

test('entries of any kind are shown as far as they can be', async (t) => {
  const odd = [
    '7',
    'null',
    '{}',
    '{"name":5,"description":{},"inputSchema":[]}',
    '{"name":"x","inputSchema":{"properties":{"p":null,"q":7},"required":"p"}}',
    '{"name":"t","title":"A title"}',
  ]
  const server = await serve(t, tools(`[${odd.join(',')}]`))
  const { code, stdout, stderr } = await run(t, ['tools', server.url])
  assert.deepEqual([code, stderr], [0, ''])
  assert.equal(stdout, '\t\t\n\t\t\n\t\t\n\t\t\nx\t[p] [q]\t\nt\t\tA title\n')
  assert.equal((await run(t, ['tools', server.url, '--json'])).stdout, `[\n${odd.join(',\n')}\n]\n`)
  const prompts = await serve(t, {
    capabilities: ALL,
    on: {
      'prompts/list': (x) =>
        x.result('{"prompts":[{"name":"p","arguments":[null,{"name":"a"},{"required":true}]}]}'),
    },
  })
  assert.equal((await run(t, ['prompts', prompts.url])).stdout, 'p\t[a]\t\n')
})

test('no name and no sentence brings an escape into a table or onto stderr', async (t) => {
  const evil = JSON.stringify('a\u001b[2Jb\u0007\n\u202ec\td')
  const server = await serve(t, {
    ...tools(`[{"name":${evil},"description":${evil},"inputSchema":{"properties":{${evil}:{}}}}]`),
  })
  const { stdout } = await run(t, ['tools', server.url])
  assert.equal(stdout, 'ab\t[ab]\tab\n')
  const refusing = await serve(t, { on: { 'tools/list': (x) => x.error(-32000, 'no\u001b[31m red\u0007') } })
  const refused = await run(t, ['tools', refusing.url])
  assert.deepEqual(
    [refused.code, refused.stderr],
    [7, 'mcp-ferry: the server refuses tools/list (-32000: no red )\n'],
  )
})

test('no name has text in it that nobody sees and a model reads', async (t) => {
  // Tags, variation selectors and the like: each is a letter to whoever reads them.
  const unseen = [
    '\u{e0041}\u{e007f}',
    '\u{e0100}\u{e01ef}',
    '\ufe00\ufe0d',
    '\u3164',
    '\u115f\uffa0',
    '\u034f',
    '\u180e',
  ]
  const names = unseen.map((text) => ({ name: `a${text}b`, description: `c${text}d\u2764\ufe0f` }))
  const server = await serve(t, tools(JSON.stringify(names)))
  const { stdout } = await run(t, ['tools', server.url])
  assert.equal(stdout, names.map(() => 'a b\t\tc d\u2764\ufe0f\n').join(''))
})

test('what the server repeats of a secret is not on stderr', async (t) => {
  // An escape that is taken out must not put the two halves together again.
  for (const between of ['', '\u001b[m', '\u001b]0;x\u0007']) {
    const server = await serve(t, {
      on: {
        'tools/list': (x) =>
          x.error(-32000, `bad key ${x.header('x-api-key')?.replace('4711-', `4711-${between}`)}`),
      },
    })
    const { code, stderr } = await run(t, ['tools', server.url, '--header-env', 'X-Api-Key=MY_KEY'], {
      env: { MY_KEY: 's3cret-4711-4711' },
    })
    assert.deepEqual(
      [code, stderr],
      [7, 'mcp-ferry: the server refuses tools/list (-32000: bad key [redacted])\n'],
    )
  }
})

test('fifty thousand tools go through, and a pipe that is closed early is no error', async (t) => {
  const list = Array.from({ length: 50_000 }, (_, at) => `{"name":"tool-${at}","description":"Does ${at}"}`)
  const server = await serve(t, tools(`[${list.join(',')}]`))
  const { code, stdout } = await run(t, ['tools', server.url])
  assert.equal(code, 0)
  assert.ok(stdout.endsWith('tool-49999\t\tDoes 49999\n'), stdout.slice(-200))
  const cut = shell(t, ['tools', server.url], { isRead: false })
  cut.closeOutput()
  const { code: cutCode, stderr } = await cut.ended
  assert.deepEqual([cutCode, stderr], [0, ''])
})

test('the options of the bridge count, as flags and as variables', async (t) => {
  const server = await serve(t)
  await run(t, ['tools', '--header-env', 'X-Key=MY_KEY', server.url], { env: { MY_KEY: 'value-1234' } })
  assert.equal(server.sent('tools/list')[0]?.header('x-key'), 'value-1234')
  await run(t, ['tools', server.url], { env: { MCP_FERRY_HEADER: 'X-Key: value-5678' } })
  const [, second] = server.sent('tools/list')
  assert.equal(second?.header('x-key'), 'value-5678')
})
