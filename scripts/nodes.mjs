// Fetches Node binaries of other versions, for the tests that need a real one: npm carries each release as
// `node-<platform>-<arch>`. Kept in .cache/nodes/<version>; asking twice downloads once.
// By hand: `node scripts/nodes.mjs 12.22.12 24.21.0` prints where they are, one path a line.
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** The oldest Node that is supported, and the newest of each line: the built package must run on all of them. */
export const SUPPORTED = ['20.18.1', '20.20.2', '22.23.3', '24.21.0', '26.10.0']
/** Too old for the package; the launcher must run on them. */
export const TOO_OLD = ['6.17.1', '12.22.12', '16.20.2', '18.20.8']

const nodes = fileURLToPath(new URL('../.cache/nodes/', import.meta.url))
const windows = process.platform === 'win32'
const run = promisify(execFile)

/** The path of a Node of exactly this version. Rejects with a reason when npm has none for this platform. */
export function nodeBinary(version) {
  const platform = windows ? 'win' : process.platform
  const binary = `bin/${windows ? 'node.exe' : 'node'}`
  return fetched(join(nodes, version), `node-${platform}-${process.arch}@${version}`, binary)
}

/** The path of the npx of exactly this version of npm, which old Nodes bring along; a script, to be run by a Node. */
export function npxScript(version) {
  return fetched(join(nodes, `npm-${version}`), `npm@${version}`, 'bin/npx-cli.js', 'package')
}

/** A file of a package, in a folder that has the file alone, or more of the package. */
async function fetched(home, spec, file, part = `package/${file}`) {
  const wanted = join(home, file)
  if (existsSync(wanted)) return wanted
  mkdirSync(nodes, { recursive: true })
  const work = mkdtempSync(join(nodes, '.fetching-'))
  try {
    await fetchInto(work, spec, part)
    // Two test files may fetch the same version at once: whoever comes second keeps what the first one put there.
    if (!existsSync(wanted)) renameSync(join(work, 'package'), home)
  } catch (error) {
    if (!existsSync(wanted)) throw error
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return wanted
}

async function fetchInto(work, spec, part) {
  let filename
  try {
    const args = ['pack', spec, '--json', '--loglevel=error']
    const { stdout } = await run('npm', args, { cwd: work, shell: windows })
    filename = JSON.parse(stdout)[0].filename
  } catch (error) {
    const [first] = String(error.stderr || error.message).split('\n')
    throw new Error(`npm could not provide ${spec}: ${first}`, { cause: error })
  }
  await run('tar', ['-xzf', filename, part], { cwd: work })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wanted = process.argv.slice(2)
  for (const version of wanted.length > 0 ? wanted : [...TOO_OLD, ...SUPPORTED]) {
    process.stdout.write(`${await nodeBinary(version)}\n`)
  }
}
