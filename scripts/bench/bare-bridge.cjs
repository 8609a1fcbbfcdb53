// The least a bridge on node:http can be, as the floor that mcp-ferry is measured against: stdin lines are posted as
// they came, JSON bodies and SSE events go to stdout as they came. It knows nothing of errors, sign-ins or retries.
// It is a fair floor because it does a real bridge's requests (POST initialize, POST initialized, GET stream, POST …,
// DELETE) with a real bridge's headers over kept-alive connections, never answers anything itself, writes once per
// turn, and stops reading responses while the host does not read stdout.
'use strict'
const http = require('node:http')

const { hostname, port, pathname, search } = new URL(process.argv[2])
const agent = new http.Agent({ keepAlive: true })
const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
let listening = false

let queue = []
let paused = []
function flush() {
  const bytes = queue.length === 1 ? queue[0] : Buffer.concat(queue)
  queue = []
  process.stdout.write(bytes)
}
const newline = Buffer.from('\n')
function emit(parts) {
  if (queue.length === 0) setImmediate(flush)
  queue.push(...parts, newline)
}
process.stdout.on('drain', () => {
  for (const response of paused) response.resume()
  paused = []
})
process.stdout.on('error', () => process.exit())

function read(response, onChunk) {
  response.on('data', (chunk) => {
    onChunk(chunk)
    if (!process.stdout.writableNeedDrain) return
    response.pause()
    paused.push(response)
  })
}

function readJson(response) {
  const parts = []
  read(response, (chunk) => {
    for (const byte of [10, 13])
      for (let at = chunk.indexOf(byte); at !== -1; at = chunk.indexOf(byte, at + 1)) chunk[at] = 32
    parts.push(chunk)
  })
  response.on('end', () => {
    if (parts.length > 0) emit(parts)
    if (headers['mcp-protocol-version'] === undefined)
      headers['mcp-protocol-version'] = JSON.parse(Buffer.concat(parts)).result.protocolVersion
  })
}

function readEvents(response) {
  let rest = []
  let data = []
  const onLine = (line) => {
    if (line[line.length - 1] === 13) line = line.subarray(0, -1)
    if (line.length === 0 && data.length > 0) {
      emit(data)
      data = []
    } else if (line[0] === 100 && line[4] === 58) data.push(line.subarray(5))
  }
  read(response, (chunk) => {
    let from = 0
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      const piece = chunk.subarray(from, at)
      onLine(rest.length === 0 ? piece : Buffer.concat([...rest, piece]))
      if (rest.length > 0) rest = []
      from = at + 1
    }
    if (from < chunk.length) rest.push(chunk.subarray(from))
  })
}

function request(method, body, onResponse) {
  const message = http.request(
    { hostname, port, path: pathname + search, method, agent, headers },
    (response) => {
      if (response.statusCode >= 400) throw new Error(`${method}: HTTP ${response.statusCode}`)
      if (response.headers['content-type'] === 'text/event-stream') readEvents(response)
      else readJson(response)
      onResponse?.(response)
    },
  )
  message.end(body)
}

function post(line) {
  if (listening) return request('POST', line)
  request('POST', line, (response) => {
    headers['mcp-session-id'] ??= response.headers['mcp-session-id']
  })
  if (!line.includes('"notifications/initialized"')) return
  listening = true
  request('GET')
}

let rest = []
process.stdin.on('data', (chunk) => {
  let from = 0
  for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
    const piece = chunk.subarray(from, at)
    post(rest.length === 0 ? piece : Buffer.concat([...rest, piece]))
    if (rest.length > 0) rest = []
    from = at + 1
  }
  if (from < chunk.length) rest.push(chunk.subarray(from))
})
process.stdin.on('end', () => request('DELETE', undefined, () => process.exit()))
