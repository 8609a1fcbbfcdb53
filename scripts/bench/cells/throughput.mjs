// Small calls, 64 and then 256 of them always in flight, through a bridge that is warm; every call must have got its own
// answer. Where server and host keep the cores busy, calls per second hide differences that CPU per call shows.
import { callTool, expect } from '../host.mjs'
import { keepInFlight } from '../in-flight.mjs'
import { cpuMs, peakMb } from '../meter.mjs'
import { interleave, withBridges } from '../rounds.mjs'
import { highest, middle } from '../statistics.mjs'

const WIDTHS = [64, 256]
const partOf = (inFlight) => `${inFlight} in flight`

async function callMany(bridge, count, inFlight) {
  const calls = Array.from({ length: count }, () => callTool('small'))
  const { messages, ms } = await keepInFlight(bridge, calls, { inFlight })
  const answered = new Set(messages.map(({ id, result }) => result?.content && id))
  const missing = calls.filter(({ id }) => !answered.has(id)).length
  expect(missing === 0, `${missing} of ${count} calls without an answer`)
  return ms
}

async function measureWidth(cell, inFlight) {
  const rounds = (cell.quick ? 6 : 16) / (inFlight === 64 ? 1 : 2)
  const warmUp = (bridge, { slow }) => callMany(bridge, slow ? 2000 : 10_000, inFlight)
  const use = (bridges) =>
    interleave(
      cell,
      rounds,
      async (target) => {
        const count = cell.quick || target.slow ? 4000 : 10_000
        const bridge = bridges.get(target)
        const cpuBefore = cpuMs(bridge.pid)
        const ms = await callMany(bridge, count, inFlight)
        cell.note(target, {
          [`perSecond${inFlight}`]: (count / ms) * 1000,
          [`cpu${inFlight}`]: ((cpuMs(bridge.pid) - cpuBefore) / count) * 1000,
          [`peakMb${inFlight}`]: peakMb(bridge.pid),
        })
      },
      partOf(inFlight),
    )
  await withBridges(cell, warmUp, use, partOf(inFlight))
}

async function run(cell) {
  for (const inFlight of cell.quick ? [64] : WIDTHS) await measureWidth(cell, inFlight)
}

const rowsOf = (inFlight) => [
  {
    id: `throughput${inFlight}`,
    part: partOf(inFlight),
    label: `${inFlight} in flight: calls per second`,
    of: middle(`perSecond${inFlight}`),
    digits: 0,
    more: true,
    ...(inFlight === 64 && { limits: [{ times: 1, noise: true }] }),
  },
  {
    part: partOf(inFlight),
    label: `${inFlight} in flight: CPU of a call, µs`,
    of: middle(`cpu${inFlight}`),
    digits: 0,
    ...(inFlight === 64 && { limits: [{ times: 1.1 }] }),
  },
  {
    part: partOf(inFlight),
    label: `${inFlight} in flight: peak RSS, MB`,
    of: highest(`peakMb${inFlight}`),
    digits: 0,
  },
]

export const throughput = {
  name: 'throughput',
  title: 'Many calls at once',
  seconds: [110, 25],
  run,
  rows: WIDTHS.flatMap(rowsOf),
}
