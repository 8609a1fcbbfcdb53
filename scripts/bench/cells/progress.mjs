// 10,000 progress notifications in the SSE response to one call, an HTTP chunk each, through a bridge that is warm; all
// must come, and in order.
// And 64 calls in flight that bring one each, which must come before its call's answer: here it shows what a bridge
// does to keep those two apart.
import { callTool, decode, encode, expect } from '../host.mjs'
import { keepInFlight } from '../in-flight.mjs'
import { cpuMs } from '../meter.mjs'
import { apart, interleave, withBridges } from '../rounds.mjs'
import { middle } from '../statistics.mjs'

const COUNT = 10_000
const CALLS = 640
const LONG = 30_000

async function receive(bridge) {
  const call = callTool('progress', { count: COUNT }, { progressToken: 'bench' })
  const sentAt = performance.now()
  let come = 0
  let lastMs
  const more = (count) => {
    come += count
    if (come === COUNT) lastMs = performance.now() - sentAt
  }
  const { chunks, ms } = await bridge.exchange(encode(call), { lines: COUNT + 1, more, timeoutMs: LONG })
  const messages = decode(chunks)
  const inOrder = messages.slice(0, COUNT).every(({ params }, at) => params?.progress === at + 1)
  expect(inOrder && messages[COUNT].id === call.id, 'notifications out of order')
  return { lastMs: lastMs ?? ms, answerMs: ms }
}

async function callWithProgress(bridge) {
  const calls = Array.from({ length: CALLS }, (_, token) =>
    callTool('progress', { count: 1 }, { progressToken: token }),
  )
  const { messages, ms } = await keepInFlight(bridge, calls, { linesPerCall: 2, timeoutMs: LONG })
  const answers = new Map(messages.map(({ id }, at) => [id, at]))
  const progress = new Map(messages.map(({ params }, at) => [params?.progressToken, at]))
  const inOrder = calls.every(({ id }, token) => progress.get(token) < answers.get(id))
  expect(inOrder, 'an answer before its progress notification, or without one')
  return (CALLS / ms) * 1000
}

async function run(cell) {
  for (const part of apart(cell)) await measure(part)
}

async function measure(cell) {
  const warmUp = async (bridge, { slow }) => {
    for (let n = 0; n < (slow ? 1 : 5); n++) await receive(bridge)
  }
  await withBridges(cell, warmUp, (bridges) =>
    interleave(cell, cell.quick ? 5 : 15, async (target) => {
      const bridge = bridges.get(target)
      const cpuBefore = cpuMs(bridge.pid)
      const times = await receive(bridge)
      cell.note(target, { ...times, cpuMs: cpuMs(bridge.pid) - cpuBefore })
    }),
  )
  const callAll = (bridges) =>
    interleave(
      cell,
      cell.quick ? 2 : 5,
      async (target) => {
        cell.note(target, { callsPerSecond: await callWithProgress(bridges.get(target)) })
      },
      'calls',
    )
  await withBridges(cell, callWithProgress, callAll, 'calls')
}

export const progress = {
  name: 'progress',
  title: 'Progress notifications',
  seconds: [80, 70],
  run,
  rows: [
    {
      id: 'progress',
      label: '10,000 progress notifications, ms',
      of: middle('lastMs'),
      limits: [{ times: 1.25 }],
    },
    { label: '10,000 progress notifications and the answer, ms', of: middle('answerMs') },
    { label: '10,000 progress notifications and the answer, CPU ms', of: middle('cpuMs') },
    {
      part: 'calls',
      label: '64 in flight with progress: calls per second',
      of: middle('callsPerSecond'),
      digits: 0,
      more: true,
    },
  ],
}
