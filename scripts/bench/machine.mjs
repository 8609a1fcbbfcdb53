// What the page says of the machine: enough to understand the numbers, and nothing that tells whose machine it was.
import { cpus, loadavg, platform, release } from 'node:os'
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
