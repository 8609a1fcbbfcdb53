// The MCP server that every bridge is measured against; `node scripts/bench/server.mjs` prints its URL. It is its own
// process, so that its work is not counted as anyone's, and does little: answers are prepared bytes round an id. It
// refuses requests without their session id and counts all it gets (GET /counts), so that a bridge cannot win by
// leaving something out. The second line that it prints is its URL from afar (distance.mjs).
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'
import { distant } from './distance.mjs'

const JSON_TYPE = 'application/json'
const SSE_TYPE = 'text/event-stream'

const passage =
  'Line one, "quoted" and then some plain English words about ferries and rivers.\n' +
  '渡し船は川を渡ります。渡輪過河，兩岸燈火。배가 강을 건넙니다.\n\tpath\\to\\file = "value" // a comment\n'

// The text of a result of `mb` megabytes: mixed, so that newlines, quotes and characters of three bytes all occur.
export function bigText(mb) {
  return passage.repeat(Math.ceil((mb * 1e6) / Buffer.byteLength(JSON.stringify(passage))))
}

export const digest = (text) => createHash('sha256').update(text).digest('hex')

const tools = ['small', 'big', 'upload', 'progress', 'flood'].map((name) => ({
  name,
  title: `Benchmark: ${name}`,
  description: `Answers with a ${name} result. The text is here so that the list has the size of a real one.`,
  inputSchema: {
    type: 'object',
    properties: { sse: { type: 'boolean' }, mb: { type: 'number' }, count: { type: 'number' } },
  },
}))
const TOOLS = JSON.stringify({ tools })
const SMALL = JSON.stringify({ content: [{ type: 'text', text: 'It is 18 degrees and the river is calm.' }] })
const bigs = new Map()
function bigResult(mb) {
  if (!bigs.has(mb))
    bigs.set(mb, Buffer.from(JSON.stringify({ content: [{ type: 'text', text: bigText(mb) }] })))
  return bigs.get(mb)
}

function answer(response, id, result, sse) {
  const head = `${sse ? 'event: message\ndata: ' : ''}{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`
  const tail = sse ? '}\n\n' : '}'
  const length = head.length + tail.length + Buffer.byteLength(result)
  response.writeHead(200, { 'content-type': sse ? SSE_TYPE : JSON_TYPE, 'content-length': length })
  if (typeof result === 'string') return response.end(head + result + tail)
  response.write(head)
  response.write(result)
  response.end(tail)
}

const lastEvent = (id) =>
  `event: message\ndata: {"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${SMALL}}\n\n`

// All notifications at once, each in an HTTP chunk of its own, then the answer.
function progress(response, { id, params }) {
  const token = JSON.stringify(params._meta.progressToken)
  const { count } = params.arguments
  response.writeHead(200, { 'content-type': SSE_TYPE })
  for (let n = 1; n <= count; n++)
    response.write(
      `event: message\ndata: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":${token},"progress":${n},"total":${count}}}\n\n`,
    )
  response.end(lastEvent(id))
}

// `mb` megabytes of notifications as fast as they are taken (without end, if mb is 0), then the answer.
const floodMessage = JSON.stringify({
  jsonrpc: '2.0',
  method: 'notifications/message',
  params: { level: 'info', data: '~'.repeat(420) },
})
const floodBatch = Buffer.from(`event: message\ndata: ${floodMessage}\n\n`.repeat(100))
export const floodCount = (mb) => Math.ceil((mb * 1e6) / floodMessage.length / 100) * 100

async function flood(response, { id, params }) {
  const count = floodCount(params.arguments.mb) || Number.POSITIVE_INFINITY
  let wake
  response.on('drain', () => wake?.())
  response.on('close', () => wake?.())
  response.writeHead(200, { 'content-type': SSE_TYPE })
  for (let sent = 0; sent < count && !response.destroyed; sent += 100)
    if (!response.write(floodBatch))
      await new Promise((resolve) => {
        wake = resolve
      })
  response.end(lastEvent(id))
}

const sessions = new Set()
const counts = { requests: 0, refused: 0 }

function call(response, message) {
  const { name, arguments: args = {} } = message.params
  if (name === 'small') return answer(response, message.id, SMALL, args.sse)
  if (name === 'big') return answer(response, message.id, bigResult(args.mb), args.sse)
  if (name === 'upload') return upload(response, message.id, args)
  if (name === 'progress') return progress(response, message)
  if (name === 'flood') return flood(response, message)
  response.writeHead(400).end()
}

function onMessage(request, response, message) {
  if (message.method === 'initialize') {
    const id = `session-${counts.requests}`
    sessions.add(id)
    response.setHeader('mcp-session-id', id)
    const { protocolVersion } = message.params
    const serverInfo = { name: 'bench', version: '1.0.0' }
    return answer(
      response,
      message.id,
      JSON.stringify({ protocolVersion, capabilities: { tools: {}, logging: {} }, serverInfo }),
    )
  }
  if (!sessions.has(request.headers['mcp-session-id'])) return refuse(response, 404)
  if (message.id === undefined) return response.writeHead(202).end()
  if (message.method === 'tools/list') return answer(response, message.id, TOOLS)
  if (message.method === 'tools/call') return call(response, message)
  answer(response, message.id, '{}')
}

function refuse(response, status) {
  counts.refused++
  response.writeHead(status).end()
}

// A large request is not parsed, which would take longer than to carry it: its id stands before or after the text. Only
// the first of a kind is read whole, and its answer says what came.
const LARGE = 1e6
function readMessage(body) {
  const head = body.subarray(0, 300).toString('latin1')
  if (body.length < LARGE || head.includes('"verify":true')) return JSON.parse(body)
  const [, id] = /"id":(\d+)/.exec(head + body.subarray(-300).toString('latin1'))
  return { id: Number(id), method: 'tools/call', params: { name: 'upload' } }
}

function upload(response, id, { text }) {
  if (text === undefined) return answer(response, id, SMALL)
  answer(response, id, JSON.stringify({ content: [{ type: 'text', text: digest(text) }] }))
}

function onRequest(request, response, body) {
  if (request.method === 'POST') return onMessage(request, response, readMessage(body))
  const session = request.headers['mcp-session-id']
  if (!sessions.has(session)) return refuse(response, 404)
  if (request.method === 'DELETE') {
    sessions.delete(session)
    return response.writeHead(200).end()
  }
  response.writeHead(200, { 'content-type': SSE_TYPE })
  response.flushHeaders()
}

export function serve() {
  const server = createServer((request, response) => {
    response.sendDate = false
    if (request.url === '/counts')
      return response.writeHead(200, { 'content-type': JSON_TYPE }).end(JSON.stringify(counts))
    counts.requests++
    if (request.url !== '/mcp') return refuse(response, 404)
    const parts = []
    request.on('data', (part) => parts.push(part))
    request.on('end', () =>
      onRequest(request, response, parts.length === 1 ? parts[0] : Buffer.concat(parts)),
    )
  })
  server.keepAliveTimeout = 0
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)))
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const port = await serve()
  const ports = [port, await distant(port, 50)]
  console.log(ports.map((at) => `http://127.0.0.1:${at}/mcp`).join('\n'))
  // Started by run.mjs, it must not outlive it.
  if (process.send) process.on('disconnect', () => process.exit())
}
