// The reference server through a bridge that writes a trace: the trace is whole, nothing is left unanswered, and what was asked can be
// asked again with the same answers.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { after, before } from 'node:test'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import { runToEnd } from '../fixtures/hosts/run-to-end.ts'
import { type Everything, startEverything } from '../fixtures/servers/started-program.ts'
import { bridge, call, freePort, request, resultOf, test } from './harness.ts'
import { linesOf, replay, traceFile } from './tracing.ts'

let server: Everything
let url = ''

before(async () => {
  server = await startEverything(await freePort())
  url = server.url
})
after(() => server.close())

test('lists, calls with progress, sampling and elicitation: shown whole, and replayed with the same answers', async (t) => {
  const file = traceFile(t)
  const host = bridge(t, { url, args: ['--trace', file] })
  await host.initialize()
  const roots = await host.line(({ value }) => value.method === 'roots/list')
  host.send({ jsonrpc: '2.0', id: roots.value.id, result: { roots: [] } })
  for (const method of ['tools/list', 'resources/list', 'prompts/list']) {
    host.send(request(method, method))
    resultOf(await host.answer(method))
  }
  host.send(call('echo', { message: 'é漢😀\u2028 "quoted"' }, 'echo'))
  resultOf(await host.answer('echo'))
  host.send(
    request('long', 'tools/call', {
      name: 'trigger-long-running-operation',
      arguments: { duration: 0.4, steps: 4 },
      _meta: { progressToken: 'p' },
    }),
  )
  resultOf(await host.answer('long'))
  for (const [id, tool, method, result] of QUESTIONS) {
    host.send(call(id, { prompt: 'say something', maxTokens: 9 }, tool))
    const question = await host.line(({ value }) => value.method === method)
    host.send({ jsonrpc: '2.0', id: question.value.id, result })
    resultOf(await host.answer(id))
  }
  await host.finish()
  const shown = await runToEnd([BIN, 'trace', 'show', file], { env: bareEnv() })
  assert.equal(shown.code, 0, shown.stderr)
  assert.match(shown.stdout, /\nnever answered: none\n/)
  assert.match(shown.stdout, /host ← remote {2}notifications\/progress, 4 times until/)
  assert.match(shown.stdout, /host → remote {2}answer to sampling\/createMessage /)
  const again = await replay([file, '--yes'])
  assert.equal(again.code, 0, `${again.stdout}\n${again.stderr}`)
  assert.match(again.stdout, /\n8 same, 0 different\n$/)
  const starts = linesOf(file).filter(({ kind }) => kind === 'start')
  assert.equal(starts.length, 1, 'the replay has not written into the trace')
})

const QUESTIONS = [
  [
    'sampling',
    'trigger-sampling-request',
    'sampling/createMessage',
    { role: 'assistant', model: 'm', content: { type: 'text', text: 'hello' } },
  ],
  [
    'form',
    'trigger-elicitation-request',
    'elicitation/create',
    { action: 'accept', content: { name: 'Ada' } },
  ],
] as const

test('the demo writes a trace as well', async (t) => {
  const file = traceFile(t)
  const { code, stderr } = await runToEnd([BIN, 'demo', '--trace', file], { env: bareEnv() })
  assert.deepEqual([code, stderr], [0, ''])
  const shown = await runToEnd([BIN, 'trace', 'show', file], { env: bareEnv() })
  assert.match(shown.stdout, /host → remote {2}tools\/call echo/)
})

test('the demo fills a variable in the path of its trace in, and is the same with variables of ours and a proxy', async (t) => {
  const file = traceFile(t)
  const env = {
    ...bareEnv(),
    TRACES: dirname(file),
    MCP_FERRY_DENY_TOOL: 'add',
    HTTP_PROXY: 'http://127.0.0.1:1',
    NO_PROXY: 'other.example',
  }
  const args = ['demo', '--trace', `\${TRACES}/${basename(file)}`]
  const { code, stdout, stderr } = await runToEnd([BIN, ...args], { env })
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, / 42\n/)
  assert.ok(existsSync(file))
})
