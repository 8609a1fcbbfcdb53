// Requests of 9 and 20 MB, one at a time: calls whose argument is a long text. Of each bridge's first one the server
// says which text came, of the others only that they came.
import { callTool, decode, encode, expect } from '../host.mjs'
import { peakMb, rssMb } from '../meter.mjs'
import { interleave, withBridges } from '../rounds.mjs'
import { bigText, digest } from '../server.mjs'
import { highest, middle } from '../statistics.mjs'

const MEGABYTES = [9, 20]
const LIMIT = { timeoutMs: 20_000 }
const partOf = (mb) => `a request of ${mb} MB`

async function measureSize(cell, mb) {
  const text = bigText(mb)
  const idles = new Map()
  const warmUp = async (bridge, target) => {
    idles.set(target, rssMb(bridge.pid))
    const { chunks } = await bridge.exchange(encode(callTool('upload', { verify: true, text })), LIMIT)
    expect(decode(chunks)[0].result.content[0].text === digest(text), 'the text has changed')
  }
  const use = (bridges) =>
    interleave(
      cell,
      cell.quick ? 3 : 11,
      async (target) => {
        const bridge = bridges.get(target)
        const line = encode(callTool('upload', { text }))
        const { ms } = await bridge.exchange(line, LIMIT)
        const above = (peakMb(bridge.pid) - idles.get(target)) / mb
        cell.note(target, { [`speed${mb}`]: Buffer.byteLength(line) / 1e3 / ms, [`peak${mb}`]: above })
      },
      partOf(mb),
    )
  await withBridges(cell, warmUp, use, partOf(mb))
}

async function run(cell) {
  for (const mb of cell.quick ? [9] : MEGABYTES) await measureSize(cell, mb)
}

export const requests = {
  name: 'requests',
  title: 'Large requests',
  seconds: [70, 10],
  run,
  rows: MEGABYTES.flatMap((mb) => [
    {
      id: `request${mb}`,
      part: partOf(mb),
      label: `${partOf(mb)}: MB per second`,
      of: middle(`speed${mb}`),
      digits: 0,
      more: true,
    },
    {
      part: partOf(mb),
      label: `${partOf(mb)}: peak RSS above idle, × its size`,
      of: highest(`peak${mb}`),
      plain: true,
    },
  ]),
}
