// Results of 1, 10 and 50 MB, as a JSON body and as one SSE event, of text with newlines, quotes and letters of three
// bytes. The first of each kind is compared with what the server sent, the others by their size.
import { callTool, decode, encode, expect } from '../host.mjs'
import { peakMb } from '../meter.mjs'
import { interleave, withBridges } from '../rounds.mjs'
import { bigText, digest } from '../server.mjs'
import { highest, middle } from '../statistics.mjs'

// Rounds for each size in megabytes.
const ROUNDS = new Map([
  [1, 41],
  [10, 21],
  [50, 9],
])
const MEGABYTES = [...ROUNDS.keys()]
const FORMS = ['json', 'sse']
const bytesOf = (chunks) => chunks.reduce((sum, chunk) => sum + chunk.length, 0)

async function measureForm(cell, bridges, { mb, form }) {
  const key = `${form}${mb}`
  const sent = digest(bigText(mb))
  const sizes = new Map()
  await interleave(cell, cell.quick ? 7 : ROUNDS.get(mb), async (target) => {
    if (target.slow && mb > 10) return
    const bridge = bridges.get(target)
    const call = encode(callTool('big', { mb, sse: form === 'sse' }))
    const { chunks, ms } = await bridge.exchange(call, { timeoutMs: 60_000 })
    const bytes = bytesOf(chunks)
    if (!sizes.has(target)) {
      const [{ result }] = decode(chunks)
      expect(digest(result.content[0].text) === sent, `${key}: the text has changed`)
      sizes.set(target, bytes)
    }
    expect(bytes === sizes.get(target), `${key}: ${bytes} bytes, and ${sizes.get(target)} before`)
    cell.note(target, { [key]: bytes / 1e3 / ms, peakMb: peakMb(bridge.pid) })
  })
}

async function run(cell) {
  const warmUp = async (bridge) => {
    for (let n = 0; n < 10; n++) await bridge.exchange(encode(callTool('big', { mb: 1, sse: n % 2 === 0 })))
  }
  await withBridges(cell, warmUp, async (bridges) => {
    for (const mb of cell.quick ? [10] : MEGABYTES)
      for (const form of FORMS) await measureForm(cell, bridges, { mb, form })
  })
}

const rows = MEGABYTES.flatMap((mb) =>
  FORMS.map((form) => ({
    label: `a result of ${mb} MB, ${form.toUpperCase()}: MB per second`,
    of: middle(`${form}${mb}`),
    digits: 0,
    more: true,
  })),
)

export const large = {
  name: 'large',
  run,
  rows: [...rows, { label: 'large results: peak RSS, MB', of: highest('peakMb'), digits: 0 }],
}
