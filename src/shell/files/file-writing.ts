// New files beside a config: the one that takes its place, and the copies of what it held. users.md 2.
//
// They belong to whom the file belongs to and may be read by whom it may be read: what is in it may be secret.

import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { codeOf, unwritable } from './file-failures.ts'
import { pause } from './file-lock.ts'

/** For the person's eyes only, like the secrets in it. */
const NEW_MODE = 0o600
const MOST_BACKUPS = 5
const NEW = '.mcp-ferry-new'
const BACKUP = '.mcp-ferry-backup-'
/** About four seconds: a scanner or an editor that has it open. */
const RENAME_TRIES = 40
const RENAME_PAUSE_MS = 100

/** Who may write into it may put another config in the place of the person's: at most a group that shares a project. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o775 })
  } catch (thrown) {
    throw unwritable(folder, codeOf(thrown))
  }
}

/** Returns the new file, which holds the bytes for good. */
export function writeBeside(file: string, bytes: Buffer, like: Stats | undefined): string {
  const temporary = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}${NEW}`)
  write(temporary, file, bytes, like)
  return temporary
}

/** Returns the backup. */
export function writeBackup(file: string, bytes: Buffer, like: Stats | undefined): string {
  const kept = backupsOf(file)
  const named = (time: number) => basename(file) + BACKUP + new Date(time).toISOString().replace(/[-:.]/g, '')
  let time = Date.now()
  while (kept.includes(named(time))) time++
  const backup = join(dirname(file), named(time))
  write(backup, file, bytes, like)
  return backup
}

/** Only the newest backups stay, and nothing that a killed one has begun. Under the lock nobody else is at it. */
export function removeOld(file: string): void {
  const [start, end] = [`.${basename(file)}.`, NEW]
  const begun = readdirSync(dirname(file)).filter(
    (name) =>
      name.startsWith(start) &&
      name.endsWith(end) &&
      /^[0-9a-f]{12}$/.test(name.slice(start.length, -end.length)),
  )
  for (const name of [...begun, ...backupsOf(file).slice(0, -MOST_BACKUPS)])
    removeQuietly(join(dirname(file), name))
}

/** The oldest first. */
function backupsOf(file: string): string[] {
  const start = basename(file) + BACKUP
  return readdirSync(dirname(file))
    .filter((name) => name.startsWith(start) && /^\d{8}T\d{9}Z$/.test(name.slice(start.length)))
    .sort()
}

function write(made: string, file: string, bytes: Buffer, like: Stats | undefined): void {
  let descriptor: number | undefined
  try {
    descriptor = openSync(made, 'wx', NEW_MODE)
    if (like !== undefined) alike(descriptor, like)
    writeFileSync(descriptor, bytes)
    fsyncSync(descriptor)
    closeSync(descriptor)
  } catch (thrown) {
    if (descriptor !== undefined) {
      quietly(() => closeSync(descriptor as number))
      removeQuietly(made)
    }
    throw unwritable(file, codeOf(thrown))
  }
}

/** Who may not give a file away keeps it; a mode for a group that is another one then would show it to strangers. */
function alike(descriptor: number, { mode, uid, gid }: Stats): void {
  const isGiven = process.platform === 'win32' || quietly(() => fchownSync(descriptor, uid, gid))
  fchmodSync(descriptor, mode & (isGiven ? 0o7777 : 0o700))
}

/** Windows refuses while another program has the file open. */
export function renameOver(from: string, file: string): void {
  for (let tries = 1; ; tries++) {
    try {
      return renameSync(from, file)
    } catch (thrown) {
      const code = codeOf(thrown)
      const isHeld = process.platform === 'win32' && /^E(?:PERM|ACCES|BUSY)$/.test(code)
      if (!isHeld) throw unwritable(file, code)
      if (tries === RENAME_TRIES) throw unwritable(file, 'EBUSY')
      pause(RENAME_PAUSE_MS)
    }
  }
}

export function removeQuietly(file: string): void {
  quietly(() => rmSync(file, { force: true }))
}

/** Whether it worked. */
function quietly(act: () => void): boolean {
  try {
    act()
    return true
  } catch {
    return false
  }
}
