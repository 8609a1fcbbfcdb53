// Results of 1, 10 and 50 MB, as a JSON body and as one SSE event, of text with newlines, quotes and letters of three
// bytes. The first of each kind is compared with what the server sent, the others by their size. Each kind has bridges
// of its own, so that the highest memory is that of this kind, above what they had before their first result.
import { setTimeout as sleep } from 'node:timers/promises'
import { callTool, decode, encode, expect } from '../host.mjs'
import { peakMb, rssMb } from '../meter.mjs'
import { interleave, withBridges } from '../rounds.mjs'
import { bigText, digest } from '../server.mjs'
import { highest, middle } from '../statistics.mjs'

// Rounds for each size in megabytes.
const ROUNDS = new Map([
  [1, 41],
  [10, 21],
  [50, 9],
])
const KINDS = [...ROUNDS.keys()].flatMap((mb) => ['json', 'sse'].map((form) => ({ mb, form })))
const partOf = ({ mb, form }) => `${mb} MB, ${form.toUpperCase()}`
const bytesOf = (chunks) => chunks.reduce((sum, chunk) => sum + chunk.length, 0)

async function measureKind(cell, kind) {
  const { mb, form } = kind
  const idles = new Map()
  const sizes = new Map()
  const ask = (bridge) =>
    bridge.exchange(encode(callTool('big', { mb, sse: form === 'sse' })), { timeoutMs: 60_000 })
  const warmUp = async (bridge, target) => {
    await sleep(300)
    idles.set(target, rssMb(bridge.pid))
    const { chunks } = await ask(bridge)
    const [{ result }] = decode(chunks)
    expect(digest(result.content[0].text) === digest(bigText(mb)), 'the text has changed')
    sizes.set(target, bytesOf(chunks))
    if (!target.slow) for (let n = 0; n < (mb > 1 ? 1 : 10); n++) await ask(bridge)
  }
  const measureOnce = (bridges) => async (target) => {
    const bridge = bridges.get(target)
    const { chunks, ms } = await ask(bridge)
    const bytes = bytesOf(chunks)
    expect(bytes === sizes.get(target), `${bytes} bytes, and ${sizes.get(target)} before`)
    const above = (peakMb(bridge.pid) - idles.get(target)) / mb
    cell.note(target, { [`${form}${mb}`]: bytes / 1e3 / ms, [`${form}${mb}Peak`]: above })
  }
  const rounds = cell.quick ? 5 : ROUNDS.get(mb)
  const use = (bridges) => interleave(cell, rounds, measureOnce(bridges), partOf(kind))
  await withBridges(cell, warmUp, use, partOf(kind))
}

async function run(cell) {
  for (const kind of KINDS) if (!cell.quick || kind.mb === 10) await measureKind(cell, kind)
}

const rowsOf = (kind) => {
  const { mb, form } = kind
  const part = partOf(kind)
  return [
    {
      id: `${form}${mb}`,
      part,
      label: `${part}: MB per second`,
      of: middle(`${form}${mb}`),
      digits: 0,
      more: true,
      ...(mb === 50 && { limits: [{ times: 1.25 }] }),
    },
    {
      id: `${form}${mb}Peak`,
      part,
      label: `${part}: peak RSS above idle, × its size`,
      of: highest(`${form}${mb}Peak`),
      plain: true,
      ...(mb === 50 && { limits: [{ most: 2 }] }),
    },
  ]
}

export const large = {
  name: 'large',
  title: 'Large results',
  seconds: [150, 20],
  run,
  rows: KINDS.flatMap(rowsOf),
}
