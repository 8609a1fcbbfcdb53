// One of us at a time changes a config: a file beside it, held for milliseconds. Whoever waits blocks, which nobody minds at a
// terminal. A lock that a killed one has left is old. users.md 2.
import { closeSync, openSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { usage } from '../../errors.ts'
import { codeOf, unwritable } from './file-failures.ts'

const PAUSE_MS = 20
/** Far longer than a rename is tried, which is all that it can be held for. */
const STALE_MS = 30_000
const LONGEST_WAIT_MS = 60_000
/** For so many looks Windows may refuse a name whose file is being deleted; then it refuses the folder. */
const MOST_REFUSALS = 60

export function holdingLock<T>(file: string, work: () => T): T {
  const lock = join(dirname(file), `.${basename(file)}.mcp-ferry-lock`)
  const until = performance.now() + LONGEST_WAIT_MS
  for (let looks = 1; !isTaken(lock, file, looks); looks++) {
    if (performance.now() > until)
      throw usage(
        'config-unwritable',
        `${file} has been changed by another mcp-ferry for a minute; end it, or remove ${lock}`,
      )
    pause(PAUSE_MS)
  }
  try {
    return work()
  } finally {
    rmSync(lock, { force: true })
  }
}

/** Whether it is ours now. */
function isTaken(lock: string, file: string, looks: number): boolean {
  try {
    closeSync(openSync(lock, 'wx', 0o600))
    return true
  } catch (thrown) {
    const code = codeOf(thrown)
    const isBeingRemoved =
      process.platform === 'win32' && /^E(?:PERM|ACCES)$/.test(code) && looks < MOST_REFUSALS
    if (code !== 'EEXIST' && !isBeingRemoved) throw unwritable(file, code)
    const touchedAt = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
    if (Math.abs(Date.now() - touchedAt) > STALE_MS) removeStale(lock, file)
    return false
  }
}

/** Also one from a clock that has been put back since. */
function removeStale(lock: string, file: string): void {
  try {
    rmSync(lock, { force: true })
  } catch {
    throw usage('config-unwritable', `${file} cannot be changed while ${lock} is there; remove that`)
  }
}

export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
