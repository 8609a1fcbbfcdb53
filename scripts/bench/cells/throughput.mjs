// Small calls, 64 of them always in flight, through a bridge that is warm; every call must have got its own answer.
// Where server and host keep the cores busy, calls per second hide differences that CPU per call shows.
import { callTool, expect } from '../host.mjs'
import { keepInFlight } from '../in-flight.mjs'
import { cpuMs, peakMb } from '../meter.mjs'
import { interleave, withBridges } from '../rounds.mjs'
import { highest, middle } from '../statistics.mjs'

async function callMany(bridge, count) {
  const calls = Array.from({ length: count }, () => callTool('small'))
  const { messages, ms } = await keepInFlight(bridge, calls)
  const answered = new Set(messages.map(({ id, result }) => result?.content && id))
  const missing = calls.filter(({ id }) => !answered.has(id)).length
  expect(missing === 0, `${missing} of ${count} calls without an answer`)
  return ms
}

async function run(cell) {
  const count = cell.quick ? 4000 : 10_000
  const warmUp = (bridge) => callMany(bridge, 2000)
  await withBridges(cell, warmUp, (bridges) =>
    interleave(cell, cell.quick ? 8 : 16, async (target) => {
      const bridge = bridges.get(target)
      const cpuBefore = cpuMs(bridge.pid)
      const ms = await callMany(bridge, count)
      cell.note(target, {
        perSecond: (count / ms) * 1000,
        cpuPerThousand: ((cpuMs(bridge.pid) - cpuBefore) / count) * 1000,
        peakMb: peakMb(bridge.pid),
      })
    }),
  )
}

export const throughput = {
  name: 'throughput',
  run,
  rows: [
    {
      label: '64 in flight: calls per second',
      of: middle('perSecond'),
      digits: 0,
      more: true,
      limit: { times: 1.25 },
    },
    { label: '64 in flight: CPU ms per 1,000 calls', of: middle('cpuPerThousand'), limit: { times: 1.25 } },
    { label: '64 in flight: peak RSS, MB', of: highest('peakMb'), digits: 0 },
  ],
}
