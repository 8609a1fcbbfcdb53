// examples/api-key, from its own files: started as its README says, connected to by each editor's file, and every
// command and transcript of the README held against what really happens.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get } from 'node:http'
import type { TestContext } from 'node:test'
import { BIN, bareEnv, type Host } from '../fixtures/hosts/raw-host.ts'
import { type Ran, runToEnd } from '../fixtures/hosts/run-to-end.ts'
import {
  type Block,
  type Command,
  commandsOf,
  type Example,
  exampleFile,
  patternOf,
  readmeBlocks,
  startExample,
} from './example-world.ts'
import { bridge, call, ownError, PLATFORM_HAS_SIGNALS, request, resultOf, serve, test } from './harness.ts'

/** Each file with where its key comes from, as the editor fills it in. */
const EDITORS = {
  'cursor.json': '${env:TIMETABLE_KEY}',
  'vscode.json': '${input:timetable-key}',
  'claude-desktop.json': 'PUT-YOUR-KEY-HERE',
} as const
const CALL = call(2, { from: 'Holyhead' }, 'find_sailings')

type Editor = keyof typeof EDITORS
interface Entry {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** The bridge as that editor starts it, with the packed program in the place of what npx would fetch. */
function editor(t: TestContext, file: Editor, example: Pick<Example, 'here' | 'key'>): Host {
  const filled = example.here(exampleFile(file)).replaceAll(EDITORS[file], example.key)
  const { mcpServers, servers } = JSON.parse(filled) as Record<string, Record<string, Entry>>
  const { command, args, env } = (mcpServers ?? servers)!.timetable!
  assert.deepEqual([command, ...args.slice(0, 2)], ['npx', '-y', 'mcp-ferry'])
  assert.ok(!JSON.stringify(args).includes(example.key), 'the key is in the arguments')
  assert.deepEqual(env, { MCP_AUTH: `Api-Key ${example.key}` })
  return bridge(t, { args: args.slice(2), env })
}

test('the example, by the file of each editor: its tools, a call, the sentence for a wrong key, and an orderly end', async (t) => {
  const example = await startExample(t)
  const [session] = readmeBlocks().filter(({ language }) => language === 'json')
  for (const file of Object.keys(EDITORS) as Editor[]) {
    const host = editor(t, file, example)
    await host.initialize('2025-11-25')
    host.send(request('list', 'tools/list'))
    const { tools } = resultOf(await host.answer('list')) as { tools: { name: string }[] }
    assert.deepEqual(
      tools.map(({ name }) => name),
      ['find_sailings', 'book_seats'],
    )
    host.send(CALL)
    assert.equal((await host.answer(2)).raw, session?.text)
    await host.finish()

    const stranger = editor(t, file, { ...example, key: 'not-the-key' })
    stranger.send(request(1, 'initialize', INITIALIZE))
    const refused = await stranger.answer(1)
    assert.equal(ownError(refused, 'auth-failed').httpStatus, 401)
    assert.match(refused.value.error?.message ?? '', /\(the server says: This API key is not known\)/)
    assert.doesNotMatch(refused.raw, /not-the-key/)
    await stranger.finish({ stderr: 'some' })
  }
  assert.ok(!example.lines.slice(3).join('\n').includes(example.key), 'the key is in the log')
  if (!PLATFORM_HAS_SIGNALS) return
  // A stream for notices is open meanwhile, and does not keep it.
  const host = editor(t, 'cursor.json', example)
  await host.initialize('2025-11-25')
  assert.equal(await example.stop(), 0)
  assert.equal(example.lines.at(-1), 'stopped')
  await host.finish({ stderr: 'any' })
})

const INITIALIZE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'raw-host', version: '1.0.0' },
}

test('the example refuses whoever has no key, the key of another session, and pages in a browser', async (t) => {
  const { url, key } = await startExample(t)
  const Authorization = `Api-Key ${key}`
  assert.deepEqual(await ask(url, {}), {
    status: 401,
    challenge: 'Api-Key realm="timetable"',
    body: '{"error":"No API key was sent; it goes into the header Authorization, as: Api-Key YOUR-KEY"}',
  })
  assert.equal((await ask(url, { Authorization: `Bearer ${key}` })).status, 401)
  assert.equal((await ask(url, { Authorization, 'Mcp-Session-Id': 'none' })).status, 404)
  assert.equal((await ask(url, { Authorization, Origin: 'https://pages.example' })).status, 403)
  assert.equal((await ask(url, { Authorization, Host: 'rebound.example' })).status, 403)
  assert.equal((await ask(new URL('/nothing', url).href, { Authorization })).status, 404)
  const opened = await fetch(url, {
    method: 'POST',
    headers: {
      Authorization,
      Accept: 'application/json, text/event-stream',
      'Content-Type': 'application/json',
    },
    body: request(1, 'initialize', INITIALIZE),
  })
  await opened.text()
  const session = { 'Mcp-Session-Id': opened.headers.get('mcp-session-id') ?? '' }
  assert.equal((await ask(url, { ...session, Authorization: 'Api-Key another' })).status, 404)
})

interface Answer {
  readonly status: number | undefined
  readonly challenge: string | undefined
  readonly body: string
}

async function ask(url: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const [response] = await once(get(url, { headers }), 'response')
  let body = ''
  for await (const chunk of response) body += String(chunk)
  return { status: response.statusCode, challenge: response.headers['www-authenticate'], body }
}

test('what the README of the example says of each command is what happens', async (t) => {
  const example = await startExample(t)
  const blocks = readmeBlocks()
  const [start, log] = blocks.filter(({ language, text }) => language === '' && !text.includes('stdio'))
  assert.match(`${example.lines.join('\n')}\n`, patternOf(example.here(start!.text).split('\n')))
  const consoles = blocks.filter(({ language }) => language === 'console')
  assert.equal(consoles.length, 6)
  const env: Record<string, string> = {}
  const tryOut = async (block: Block, at: Example): Promise<void> => {
    for (const command of commandsOf(block)) {
      const ran = await run(at, command, env)
      if (ran === undefined) continue
      const wanted = command.output.map(at.here)
      assert.match(`${ran.stdout}${ran.stderr}`.replace(/\n*$/, '\n'), patternOf(wanted))
      assert.equal(ran.code, Number(/^exit (\d)$/.exec(block.mark)?.[1] ?? 0), command.words.join(' '))
      assert.ok(!`${ran.stdout}${ran.stderr}`.includes(at.key), 'the key was printed')
    }
  }
  for (const block of consoles) await tryOut(block, example)

  // By one of its own: the log of the commands before it may come when they are over.
  const own = await startExample(t)
  const before = own.lines.length
  env.MCP_AUTH = `Api-Key ${own.key}`
  await tryOut(consoles.find(({ mark }) => mark === 'log')!, own)
  const wanted = log!.text.split('\n')
  await own.wrote(before + wanted.length)
  // Whether a notification or the request after it is over first, is for the machine to say.
  assert.deepEqual(own.lines.slice(before).sort(), wanted.sort())
})

/** Undefined: nothing was run. */
async function run(
  example: Example,
  { words }: Command,
  env: Record<string, string>,
): Promise<Ran | undefined> {
  const [program, ...args] = words.map(example.here)
  if (program === 'export') {
    const [name = '', value = ''] = args[0]!.split(/=(.*)/s)
    env[name] = value.replace('THE-KEY', example.key)
    return undefined
  }
  if (program === 'curl') {
    const { status, body } = await ask(args[0]!, {})
    return { code: status === 200 ? 0 : 22, stdout: body, stderr: '' }
  }
  assert.deepEqual([program, ...args.slice(0, 2)], ['npx', '-y', 'mcp-ferry'])
  return runToEnd([BIN, ...args.slice(2)], { env: { ...bareEnv(), ...env } })
}

test('the request in the README of the example is what mcp-ferry sends', async (t) => {
  const server = await serve(t)
  const key = 'k-of-the-example'
  const here = (text: string) => text.replaceAll('http://127.0.0.1:8080', server.origin)
  const host = editor(t, 'cursor.json', { here, key })
  await host.initialize('2025-11-25')
  host.send(CALL)
  await host.answer(2)
  const { method, path, rawHeaders, text } = await server.request(
    ({ message }) => message.method === 'tools/call',
  )
  await host.finish()
  const pairs = rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${rawHeaders[at + 1]}`] : []))
  const sent = [`${method} ${path} HTTP/1.1`, ...pairs, '', text].join('\n')
  const [told] = readmeBlocks().filter(({ language }) => language === 'http')
  assert.match(`${sent.replace(/^Host: .*$/m, 'Host: 127.0.0.1:8080')}\n`, patternOf(told!.text.split('\n')))
})
