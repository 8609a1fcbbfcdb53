// The files of the package that runs, from the file that was started on: what a copy of it is made of. arguments.md 6.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { usage } from '../../errors.ts'

export const SCRIPT = 'bin/mcp-ferry.cjs'
const NAME = 'mcp-ferry'
/** The script lies in a folder of the package, and nobody starts it from deeper down. */
const MOST_LEVELS = 3

export interface PackageFiles {
  readonly root: string
  /** By their paths in the package, with slashes, sorted. */
  readonly files: ReadonlyMap<string, Buffer>
  /** Of names and contents. */
  readonly hash: string
}

/** `started`: the file that Node was given, often a link. Throws BridgeError `usage`, code `copy-impossible`. */
export function readPackage(started: string | undefined): PackageFiles {
  try {
    const root = rootOf(started)
    if (root === undefined) throw usage('', 'its files are not where they should be')
    const programs = ['bin', 'dist'].flatMap((folder) =>
      readdirSync(join(root, folder)).flatMap((name) => (name.endsWith('.cjs') ? `${folder}/${name}` : [])),
    )
    const names = [...programs, 'package.json'].sort()
    const files = new Map(names.map((name) => [name, readFileSync(join(root, name))]))
    return { root, files, hash: hashOf(files) }
  } catch (thrown) {
    const { code, message } = thrown as { code?: string; message: string }
    const why = code ?? message
    throw usage(
      'copy-impossible',
      `the running mcp-ferry cannot be copied (${why}); write --npx, or install it with npm and run that one`,
    )
  }
}

function rootOf(started: string | undefined): string | undefined {
  if (started === undefined) return undefined
  let folder = dirname(realpathSync(started))
  for (let level = 0; level < MOST_LEVELS; level++) {
    if (existsSync(join(folder, SCRIPT)) && isOurs(join(folder, 'package.json'))) return folder
    folder = dirname(folder)
  }
  return undefined
}

function isOurs(file: string): boolean {
  return existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown }).name === NAME
}

function hashOf(files: ReadonlyMap<string, Buffer>): string {
  const hash = createHash('sha256')
  for (const [name, bytes] of files) hash.update(`${name} ${bytes.length}\n`).update(bytes)
  return hash.digest('hex').slice(0, 12)
}
