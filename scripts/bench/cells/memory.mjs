// What a bridge holds for as long as an editor is open: resident memory one idle second after the handshake.
import { setTimeout as sleep } from 'node:timers/promises'
import { peakMb, rssMb, treeMb } from '../meter.mjs'
import { interleave, withBridge } from '../rounds.mjs'
import { highest, middle } from '../statistics.mjs'

async function run(cell) {
  await interleave(cell, cell.quick ? 2 : 7, (target) =>
    withBridge(target, cell.url, async (bridge) => {
      await bridge.handshake()
      await sleep(1000)
      cell.note(target, { idleMb: rssMb(bridge.pid), treeMb: treeMb(bridge.pid), peakMb: peakMb(bridge.pid) })
    }),
  )
}

export const memory = {
  name: 'memory',
  title: 'Idle memory',
  seconds: [40, 12],
  run,
  rows: [
    { id: 'memory', label: 'idle RSS, MB', of: middle('idleMb'), limits: [{ above: 6 }] },
    { label: 'idle RSS of the whole process tree, MB', of: middle('treeMb') },
    { label: 'idle, peak RSS so far, MB', of: highest('peakMb') },
  ],
}
