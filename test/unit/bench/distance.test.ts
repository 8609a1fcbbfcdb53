// The proxy that puts a distance between a bridge and the bench's server: how long a byte takes, and that all arrive.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { distant } from '../../../scripts/bench/distance.mjs'

const ROUND_TRIP_MS = 40
// Timers may fire up to a millisecond early; each way has one.
const SLACK_MS = 4

async function connectAfar(t: TestContext) {
  const server = createServer((socket) => socket.pipe(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const port = await distant((server.address() as AddressInfo).port, ROUND_TRIP_MS)
  const startedAt = performance.now()
  const socket = connect(port, '127.0.0.1')
  t.after(() => {
    socket.destroy()
    server.close()
  })
  return { socket, startedAt }
}

test('the first answer on a connection takes two round trips, the next one', async (t) => {
  const { socket, startedAt } = await connectAfar(t)
  socket.write('first')
  await once(socket, 'data')
  const firstMs = performance.now() - startedAt
  assert.ok(firstMs >= 2 * ROUND_TRIP_MS - SLACK_MS, `the first after ${firstMs} ms`)
  const secondAt = performance.now()
  socket.write('second')
  await once(socket, 'data')
  const secondMs = performance.now() - secondAt
  assert.ok(secondMs >= ROUND_TRIP_MS - SLACK_MS, `the second after ${secondMs} ms`)
})

test('bytes keep their order, and the end comes after them', async (t) => {
  const { socket } = await connectAfar(t)
  const lines = Array.from({ length: 2000 }, (_, at) => `line ${at}\n`)
  const received: Buffer[] = []
  socket.on('data', (chunk) => received.push(chunk))
  for (const line of lines) {
    socket.write(line)
    if (line.endsWith('00\n')) await new Promise((resolve) => setImmediate(resolve))
  }
  socket.end()
  await once(socket, 'end')
  assert.equal(Buffer.concat(received).toString(), lines.join(''))
})
