// The Windows that the tests use: a real one where they run on one, else the test bed that setup.sh builds, once and
// outside the checkout: in the user's cache folder, or where FERRY_WINDOWS says.
// By hand: `node scripts/windows/bed.mjs` builds it, and prints where it is.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { install, programPath } from '../needs.mjs'
import { SUPPORTED, TOO_OLD } from '../nodes.mjs'

const SETUP = fileURLToPath(new URL('setup.sh', import.meta.url))
const TOOLS = ['bash', 'flock', 'unshare', 'chroot', 'tar', 'npm', 'debootstrap']
/** The npm that each line of Node comes with. */
const NPM = { 20: '10.8.2', 22: '10.9.9', 24: '11.21.2' }
const newest = (line) => SUPPORTED.findLast((version) => version.startsWith(`${line}.`))

/** Node for Windows, the newest of each line; and one that is too old for the package. */
export const NODES = { 20: newest(20), 22: newest(22), 24: newest(24) }
export const OLD_NODE = TOO_OLD.findLast((version) => version.startsWith('18.'))

/** The folder of the bed, '' on a real Windows, or why there is neither. In CI a bed that cannot be built throws. */
export function provideWindows() {
  if (process.platform === 'win32') return { bed: '', skip: false }
  const missing = obstacle()
  if (missing !== '') return { bed: '', skip: `no Windows to test on: ${missing}` }
  const bed = process.env.FERRY_WINDOWS || join(cacheFolder(), 'mcp-ferry-windows')
  const reason = build(bed)
  if (reason === '') return { bed, skip: false }
  if (process.env.CI !== undefined) throw new Error(reason)
  return { bed: '', skip: `no Windows to test on: ${reason}` }
}

/** What keeps this kind of machine from having the bed; '' when nothing does. */
function obstacle() {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return 'the test bed is built on Linux on x64 only'
  if (!existsSync('/etc/debian_version')) return 'the test bed is built on Debian only'
  if (process.getuid() !== 0) return 'the test bed is built by root only'
  return ''
}

const cacheFolder = () => process.env.XDG_CACHE_HOME || join(homedir(), '.cache')

/** Why it could not be built; '' when it is there. */
function build(bed) {
  try {
    if (programPath('debootstrap') === undefined) install(['debootstrap'])
  } catch {
    // It is told as lacking.
  }
  const lacking = TOOLS.filter((tool) => programPath(tool) === undefined)
  if (lacking.length > 0) return `the test bed needs ${lacking.join(', ')}`
  const pairs = Object.entries(NODES).map(([line, version]) => `${version}:${NPM[line]}`)
  const { status } = spawnSync(SETUP, [bed, ...pairs, `${OLD_NODE}:-`], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) return `the test bed could not be built; ${join(bed, 'setup.log')} says more`
  removeLeftRuns(join(bed, 'runs'))
  return ''
}

/** A run that was killed leaves its drive; its folder begins with the number of the process that made it. */
function removeLeftRuns(runs) {
  for (const name of readdirSync(runs)) {
    if (!existsSync(`/proc/${name.split('-')[0]}`)) rmSync(join(runs, name), { recursive: true, force: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { bed, skip } = provideWindows()
  process.stdout.write(`${skip || bed}\n`)
}
