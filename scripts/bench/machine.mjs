// What the page says of the machine: enough to understand the numbers, and nothing that tells whose machine it was.
import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg, platform, release } from 'node:os'
import { npm } from './packages.mjs'

const SYSTEMS = new Map([
  ['linux', 'Linux'],
  ['darwin', 'macOS (Darwin)'],
  ['win32', 'Windows'],
])

export const loadNow = () => loadavg()[0].toFixed(1)

export function machineOf() {
  const [major, minor] = release().split('.')
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model.trim() || 'unknown processor',
    cores: cpus().length,
    system: `${SYSTEMS.get(platform()) ?? platform()} ${major}.${minor}`,
    node: process.versions.node,
    npm: npm(['--version']),
  }
}

// Puts a process, with all its threads, on the last processor, where the system can. Where it may choose, it leaves a
// process on the processor that something else keeps busy for as long as that process lives, and each of its calls then
// costs half as much again: the floor's as well as ours.
export function keepOnLastProcessor(pid) {
  if (platform() !== 'linux' || availableParallelism() < 2) return
  try {
    execFileSync('taskset', ['-acp', String(cpus().length - 1), String(pid)], { stdio: 'ignore' })
  } catch {} // no taskset, or a last processor that is not for us: it stays where it is
}
