// A host that stops reading while notifications pour in: a bridge that passes the pressure on to the server stays
// small, one that does not holds them all. Every one of them must arrive after all; the worst run counts.
import { setTimeout as sleep } from 'node:timers/promises'
import { callTool, encode } from '../host.mjs'
import { peakMb, rssMb } from '../meter.mjs'
import { interleave, withBridge } from '../rounds.mjs'
import { floodCount } from '../server.mjs'
import { highest, middle } from '../statistics.mjs'

async function run(cell) {
  const mb = cell.quick ? 40 : 100
  await interleave(cell, cell.quick ? 1 : 3, (target) =>
    withBridge(target, cell.url, async (bridge) => {
      await bridge.handshake()
      await sleep(1000)
      const idleMb = rssMb(bridge.pid)
      const options = { lines: floodCount(mb) + 1, keep: false, timeoutMs: 60_000 }
      const all = bridge.exchange(encode(callTool('flood', { mb })), options)
      all.catch(() => {}) // its failure is told where it is awaited
      bridge.pause()
      await sleep(cell.quick ? 1500 : 4000)
      const pausedMb = rssMb(bridge.pid)
      const resumedAt = performance.now()
      bridge.resume()
      await all
      cell.note(target, {
        drainMs: performance.now() - resumedAt,
        pausedAboveMb: pausedMb - idleMb,
        peakAboveMb: peakMb(bridge.pid) - idleMb,
      })
    }),
  )
}

export const slowReader = {
  name: 'slow-reader',
  title: 'A host that does not read for 4 s, while 100 MB of notifications come',
  seconds: [160, 70],
  run,
  rows: [
    { label: 'slow reader: RSS above idle while it waits, MB', of: highest('pausedAboveMb') },
    {
      id: 'slowReader',
      label: 'slow reader: peak RSS above idle, MB',
      of: highest('peakAboveMb'),
      // It hangs on where V8 was in its rounds: 34 to 54 MB for the bare bridge alone.
      limits: [{ times: 1.5 }],
    },
    { label: 'slow reader: then all have arrived in, ms', of: middle('drainMs'), digits: 0 },
  ],
}
