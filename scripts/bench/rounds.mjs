// Everything is measured in rounds, each target once a round, so that a busy minute of the machine falls on all of
// them alike. The order turns from round to round, so that none always comes after the same one and its leftovers.
// A target that fails is out of that cell, and of that cell only.
import { setTimeout as sleep } from 'node:timers/promises'
import { open } from './host.mjs'

function orderOf(targets, round) {
  const turned = targets.map((_, at) => targets[(at + round) % targets.length])
  return round % 2 === 0 ? turned : turned.reverse()
}

export async function interleave(cell, rounds, run) {
  for (let round = 0; round < rounds; round++)
    for (const target of orderOf(cell.targets, round)) {
      if (cell.failures.has(target.name)) continue
      if (target.slow && round >= Math.max(1, Math.min(3, Math.floor(rounds / 4)))) continue
      await sleep(20)
      try {
        await run(target, round)
      } catch (error) {
        cell.failures.set(target.name, error.message)
      }
    }
}

// A bridge for one run, from spawn to exit.
export async function withBridge(target, url, use) {
  const bridge = open(target, url)
  try {
    return await use(bridge)
  } finally {
    await bridge.close()
  }
}

// A bridge per target that stays for all rounds of a cell, past its handshake and warm.
export async function withBridges(cell, warmUp, use) {
  const bridges = new Map()
  try {
    await interleave(cell, 1, async (target) => {
      const bridge = open(target, cell.url)
      bridges.set(target, bridge)
      await bridge.handshake()
      await warmUp(bridge, target)
    })
    await use(bridges)
  } finally {
    for (const bridge of bridges.values()) await bridge.close()
  }
}
