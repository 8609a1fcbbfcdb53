// Files for one person's eyes: refused if others could have read or written them, written whole or not at all.
// protocol.md G.1 row 33.
import { randomUUID } from 'node:crypto'
import type { Stats } from 'node:fs'
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createStop } from '../../remote/stop.ts'
import { delay } from '../../remote/time.ts'
import { cannotBeKept, codeOf, failed } from './store-errors.ts'

const LIMIT_BYTES = 1024 * 1024
/** A virus scanner that looks at a new file keeps Windows from renaming it for a moment. */
const RENAME_TRIES = 20
const RENAME_PAUSE_MS = 50

/** Undefined if there is none. Rejects if it must not be used or cannot be read. */
export async function readPrivate(file: string): Promise<string | undefined> {
  const handle = await openToRead(file)
  if (handle === undefined) return undefined
  try {
    refuseIfOpen(dirname(file), await stat(dirname(file)), 'folder')
    // Of what is open, and not of what bears the name now.
    const known = await handle.stat()
    refuseIfOpen(file, known, 'file')
    if (!known.isFile() || known.size > LIMIT_BYTES)
      throw failed(`${file} is no file of a sign-in: remove it`)
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

async function openToRead(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r')
  } catch (thrown) {
    const code = codeOf(thrown)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw failed(`the sign-in in ${file} cannot be read (${code}): make it readable for you alone`)
  }
}

function refuseIfOpen(path: string, { uid, mode }: Stats, what: 'file' | 'folder'): void {
  if (process.getuid === undefined) return
  if (uid !== process.getuid())
    throw failed(`the sign-in is not used, because its ${what} belongs to another user: ${path}`)
  if ((mode & 0o077) !== 0)
    throw failed(
      `the sign-in is not used, because others have access to its ${what}: run chmod ${what === 'file' ? '600' : '700'} '${path}'`,
    )
}

/** Makes the folder of the file, if need be, closed to others. */
export async function makeFolderOf(file: string): Promise<void> {
  const folder = dirname(file)
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    refuseIfOpen(folder, await stat(folder), 'folder')
  } catch (thrown) {
    throw typeof (thrown as { code?: unknown }).code === 'string' ? cannotBeKept(codeOf(thrown)) : thrown
  }
}

/** Who reads meanwhile sees the old or the new one, also after the power has failed. */
export async function writePrivate(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${randomUUID()}`
  try {
    const handle = await open(unfinished, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await renamed(unfinished, file)
  } catch (thrown) {
    await rm(unfinished, { force: true }).catch(() => {})
    throw cannotBeKept(codeOf(thrown))
  }
  await syncFolder(dirname(file))
}

async function renamed(from: string, to: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await rename(from, to)
    } catch (thrown) {
      const isPassing = process.platform === 'win32' && /^E(?:PERM|ACCES|BUSY)$/.test(codeOf(thrown))
      if (!isPassing || tries === RENAME_TRIES) throw thrown
      await delay(RENAME_PAUSE_MS, createStop())
    }
  }
}

/** The name itself is on the disk. Not every system can do that, and none needs it to go on. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch {}
}

export async function removePrivate(file: string): Promise<void> {
  try {
    await rm(file, { force: true })
  } catch (thrown) {
    throw cannotBeKept(codeOf(thrown))
  }
}
