// Everything is measured in rounds, each target once a round, so that a busy minute of the machine falls on all of
// them alike. The order turns from round to round, so that none always comes after the same one and its leftovers.
// A target that fails is out of that part of its cell, and of that part only.
import { setTimeout as sleep } from 'node:timers/promises'
import { open } from './host.mjs'

const ONCE_MS = 5000

function orderOf(targets, round) {
  const turned = targets.map((_, at) => targets[(at + round) % targets.length])
  return round % 2 === 0 ? turned : turned.reverse()
}

// Ten times slower needs no third digit.
const isEnough = (target, round, rounds) =>
  target.slow && round >= Math.max(1, Math.min(5, Math.floor(rounds / 4)))

export async function interleave(cell, rounds, run, part = '') {
  for (let round = 0; round < rounds; round++)
    for (const target of orderOf(cell.targets, round)) {
      if (cell.failures.has(target.name, part) || isEnough(target, round, rounds)) continue
      await sleep(20)
      try {
        await run(target, round)
      } catch (error) {
        cell.failures.add(target.name, part, error)
      }
    }
}

// The cell for the fast ones, and for the slow ones: who waits for seconds while those have their turn closes its idle
// connections, and V8 throws away what it has compiled for them when there is a new one.
export function apart(cell) {
  const ofKind = (isSlow) => cell.targets.filter(({ slow = false }) => slow === isSlow)
  return [false, true].map((isSlow) => ({ ...cell, targets: ofKind(isSlow) }))
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

// Each has run once, all at the same time: what a bridge keeps for its next start is there. Who cannot, says so later.
export async function runOnce(targets, url) {
  const run = (target) =>
    withBridge(target, url, async (bridge) => {
      await bridge.handshake()
      await sleep(ONCE_MS)
    })
  await Promise.allSettled(targets.map(run))
}

// A bridge per target that stays for all rounds of a part, past its handshake and warm.
export async function withBridges(cell, warmUp, use, part = '') {
  const bridges = new Map()
  const prepare = async (target) => {
    const bridge = open(target, cell.url)
    bridges.set(target, bridge)
    await bridge.handshake()
    await warmUp(bridge, target)
  }
  try {
    await interleave(cell, 1, prepare, part)
    await use(bridges)
  } finally {
    for (const bridge of bridges.values()) await bridge.close()
  }
}

// Who failed where, and why: the table says so in that cell, and everything else goes on.
export function createFailures() {
  const all = new Map()
  const keyOf = (name, part) => `${part}\n${name}`
  return {
    has: (name, part) => all.has(keyOf(name, part)),
    get: (name, part) => all.get(keyOf(name, part)),
    add: (name, part, error) =>
      all.set(keyOf(name, part), { name, part, text: error.text ?? 'failed', reason: error.message }),
    list: () => [...all.values()],
  }
}
