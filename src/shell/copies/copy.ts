// A copy of the running package in a folder of ours, for entries that start it without npx: it is there whole or not at
// all, and what is damaged is made whole in place, since entries name it. Its name says what is in it. arguments.md 6.
import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { isBridgeError, usage } from '../../errors.ts'
import { codeOf } from '../files/file-failures.ts'
import { pause } from '../files/file-lock.ts'
import { type PackageFiles, readPackage, SCRIPT } from './package-files.ts'

export interface CopySettings {
  /** The file that Node was given: `process.argv[1]`. */
  readonly started: string | undefined
  readonly version: string
  /** The folder for data of ours. */
  readonly folder: string
}

export interface Copy {
  readonly folder: string
  /** For the entry, behind the Node. */
  readonly script: string
}

const RENAME_TRIES = 20
const RENAME_PAUSE_MS = 50

/** Where the copies are, below the folder for data. */
export function versionsFolder(folder: string): string {
  return join(folder, 'versions')
}

/** Throws BridgeError `usage`, code `copy-impossible`. */
export function keepCopy(settings: CopySettings): Copy {
  const source = readPackage(settings.started)
  const copy = placeOf(settings, source)
  try {
    const parent = versionsFolder(settings.folder)
    mkdirSync(parent, { recursive: true, mode: 0o700 })
    makePrivate(parent)
    if (!isFolder(copy.folder)) makeWhole(copy.folder, source)
    makePrivate(copy.folder)
    repair(copy.folder, source)
    // Somebody who removes old copies meanwhile sees that this one is wanted.
    const now = Date.now() / 1000
    utimesSync(copy.folder, now, now)
  } catch (thrown) {
    if (isBridgeError(thrown)) throw thrown
    throw usage(
      'copy-impossible',
      `no copy of mcp-ferry can be made in ${copy.folder} (${codeOf(thrown)}); see that there is room and that the folder is writable, or write --npx`,
    )
  }
  return copy
}

function placeOf({ folder, version }: CopySettings, { hash }: PackageFiles): Copy {
  const own = join(versionsFolder(folder), `${version}-${hash}`)
  return { folder: own, script: join(own, ...SCRIPT.split('/')) }
}

/** Whoever can write there says what every editor starts. */
function makePrivate(folder: string): void {
  const { uid, mode } = statSync(folder)
  if (process.getuid === undefined) return
  if (uid !== process.getuid())
    throw usage(
      'copy-impossible',
      `no copy of mcp-ferry is made in ${folder}, which belongs to another user; remove it, or write --npx`,
    )
  if ((mode & 0o077) !== 0) chmodSync(folder, 0o700)
}

function makeWhole(folder: string, { files }: PackageFiles): void {
  const unfinished = join(dirname(folder), `.${randomUUID()}`)
  try {
    mkdirSync(unfinished, { mode: 0o700 })
    for (const [name, bytes] of files) writeFile(join(unfinished, ...name.split('/')), bytes)
    rename(unfinished, folder)
  } catch (thrown) {
    rmSync(unfinished, { recursive: true, force: true })
    // Another process was faster.
    if (!isFolder(folder)) throw thrown
  }
}

/** Each file is replaced by itself: who starts from there meanwhile finds the one or the other. */
function repair(folder: string, { files }: PackageFiles): void {
  for (const [name, bytes] of files) {
    const file = join(folder, ...name.split('/'))
    if (isSame(file, bytes)) continue
    const unfinished = `${file}.${randomUUID()}`
    writeFile(unfinished, bytes)
    rename(unfinished, file)
  }
}

function writeFile(file: string, bytes: Buffer): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const descriptor = openSync(file, 'wx', 0o600)
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** A virus scanner that looks at new files keeps Windows from renaming them for a moment. */
function rename(from: string, to: string): void {
  for (let tries = 1; ; tries++) {
    try {
      return renameSync(from, to)
    } catch (thrown) {
      const isPassing = process.platform === 'win32' && /^E(?:PERM|ACCES|BUSY)$/.test(codeOf(thrown))
      if (!isPassing || isFolder(to) || tries === RENAME_TRIES) throw thrown
      pause(RENAME_PAUSE_MS)
    }
  }
}

function isSame(file: string, bytes: Buffer): boolean {
  try {
    return readFileSync(file).equals(bytes)
  } catch {
    return false
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
