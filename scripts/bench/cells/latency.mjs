// What a bridge adds to one call: the time through the bridge less the time of the same bytes sent straight to the
// server over a bare socket in the same rounds; so all of a bridge's HTTP work counts as the bridge's. One call at a
// time. The p99 is that of a shared machine, so it gets no ratio. CPU is that of all these calls.
// V8 compiles what it runs often during some four thousand calls, of any bridge; what the first ones cost stands by itself.
import { connect } from 'node:net'
import { callTool, encode, initialize } from '../host.mjs'
import { keepOnLastProcessor } from '../machine.mjs'
import { cpuMs } from '../meter.mjs'
import { apart, interleave, withBridge, withBridges } from '../rounds.mjs'
import { middle, quantile } from '../statistics.mjs'

function openDirect(url) {
  const { hostname, port, pathname, host } = new URL(url)
  const socket = connect(Number(port), hostname).setNoDelay()
  let session = ''
  let pending
  let answer = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    answer = answer.length === 0 ? chunk : Buffer.concat([answer, chunk])
    const head = answer.subarray(0, answer.indexOf('\r\n\r\n') + 4).toString('latin1')
    const length = /content-length: (\d+)/i.exec(head)
    if (length === null || answer.length < head.length + Number(length[1])) return
    session ||= `mcp-session-id: ${/mcp-session-id: (\S+)/i.exec(head)[1]}\r\n`
    answer = Buffer.alloc(0)
    pending.resolve()
  })
  socket.on('error', (error) => pending?.reject(error))
  const exchange = (body) =>
    new Promise((resolve, reject) => {
      pending = { resolve, reject }
      socket.write(
        `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\n${session}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      )
    })
  return { handshake: () => exchange(encode(initialize)), exchange, close: () => socket.destroy() }
}

async function timeCalls(connection, count, note) {
  for (let n = 0; n < count; n++)
    for (const key of ['json', 'sse']) {
      const call = encode(callTool('small', { sse: key === 'sse' }))
      const startedAt = performance.now()
      await connection.exchange(call, { keep: false })
      note({ [key]: (performance.now() - startedAt) * 1000 })
    }
}

// Each count is of pairs.
const WARM_UP = { rounds: 25, count: 200 }

const FIRST = 'first calls'
const FIRST_COUNT = 250

async function timeFirstCalls(cell) {
  await interleave(
    cell,
    cell.quick ? 3 : 10,
    (target) =>
      withBridge(target, cell.url, async (bridge) => {
        await bridge.handshake()
        const cpuBefore = cpuMs(bridge.pid)
        await timeCalls(bridge, FIRST_COUNT, ({ json }) => json && cell.note(target, { first: json }))
        cell.note(target, { firstCpu: ((cpuMs(bridge.pid) - cpuBefore) / FIRST_COUNT / 2) * 1000 })
      }),
    FIRST,
  )
}

async function run(cell) {
  const direct = openDirect(cell.url)
  await direct.handshake()
  await timeCalls(direct, WARM_UP.rounds * WARM_UP.count, () => {})
  for (const part of apart(cell)) await timeWarmCalls(part, direct)
  direct.close()
  await timeFirstCalls(cell)
}

const server = { name: 'direct' }

async function timeWarmCalls(cell, direct) {
  const place = ({ pid }) => keepOnLastProcessor(pid)
  await withBridges(cell, place, async (bridges) => {
    // In turns: nobody waits for seconds.
    await interleave(cell, WARM_UP.rounds, (target) =>
      timeCalls(bridges.get(target), WARM_UP.count, () => {}),
    )
    const withDirect = { ...cell, targets: [server, ...cell.targets] }
    const count = cell.quick ? 100 : 200
    await interleave(withDirect, cell.quick ? 6 : 16, async (target) => {
      const bridge = bridges.get(target)
      const cpuBefore = bridge && cpuMs(bridge.pid)
      await timeCalls(bridge ?? direct, count, (times) => cell.note(target, times))
      if (bridge) cell.note(target, { cpu: ((cpuMs(bridge.pid) - cpuBefore) / count / 2) * 1000 })
    })
  })
}

const added = (key, q) => {
  const of = (samples, direct) =>
    samples[key] && direct[key] && quantile(samples[key], q) - quantile(direct[key], q)
  return Object.assign(of, { key })
}

export const latency = {
  name: 'latency',
  title: 'One call at a time',
  seconds: [110, 25],
  run,
  rows: [
    {
      id: 'latency',
      label: 'added to a call, JSON, p50, µs',
      of: added('json', 0.5),
      digits: 0,
      limits: [{ times: 1.1 }],
    },
    { label: 'added to a call, JSON, p99, µs', of: added('json', 0.99), digits: 0, plain: true },
    {
      label: 'added to a call, SSE, p50, µs',
      of: added('sse', 0.5),
      digits: 0,
      limits: [{ times: 1.1 }],
    },
    { label: 'added to a call, SSE, p99, µs', of: added('sse', 0.99), digits: 0, plain: true },
    { label: 'CPU of a call, µs', of: middle('cpu'), digits: 0, limits: [{ times: 1.1 }] },
    {
      part: FIRST,
      label: `the first ${FIRST_COUNT * 2} calls of a process: JSON, p50, µs`,
      of: middle('first'),
      digits: 0,
    },
    {
      part: FIRST,
      label: `the first ${FIRST_COUNT * 2} calls of a process: CPU of a call, µs`,
      of: middle('firstCpu'),
      digits: 0,
    },
  ],
}
