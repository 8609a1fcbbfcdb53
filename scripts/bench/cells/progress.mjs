// 10,000 progress notifications in the SSE response to one call, an HTTP chunk each; all must come, and in order.
import { callTool, decode, encode } from '../host.mjs'
import { cpuMs } from '../meter.mjs'
import { interleave, withBridges } from '../rounds.mjs'
import { expect, middle } from '../statistics.mjs'

const COUNT = 10_000

async function receive(bridge) {
  const call = callTool('progress', { count: COUNT }, { progressToken: 'bench' })
  const { chunks, ms } = await bridge.exchange(encode(call), { lines: COUNT + 1, timeoutMs: 60_000 })
  const messages = decode(chunks)
  const inOrder = messages.slice(0, COUNT).every(({ params }, at) => params?.progress === at + 1)
  expect(inOrder && messages[COUNT].id === call.id, 'notifications out of order')
  return ms
}

async function run(cell) {
  await withBridges(cell, receive, (bridges) =>
    interleave(cell, cell.quick ? 5 : 15, async (target) => {
      const bridge = bridges.get(target)
      const cpuBefore = cpuMs(bridge.pid)
      const ms = await receive(bridge)
      cell.note(target, { ms, cpuMs: cpuMs(bridge.pid) - cpuBefore })
    }),
  )
}

export const progress = {
  name: 'progress',
  run,
  rows: [
    { label: '10,000 progress notifications, ms', of: middle('ms') },
    { label: '10,000 progress notifications, CPU ms', of: middle('cpuMs') },
  ],
}
