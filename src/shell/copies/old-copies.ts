// Copies that nothing names any more are removed; in doubt one stays. arguments.md 6.
import { randomUUID } from 'node:crypto'
import { readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { versionsFolder } from './copy.ts'

export interface OldCopiesSettings {
  /** The folder for data of ours. */
  readonly folder: string
  /** By the name of its folder. */
  readonly isNeeded: (name: string) => boolean
  readonly nowMs: number
}

/** Somebody may be about to write an entry for it. */
const YOUNG_MS = 60 * 60_000
const UNFINISHED = /^\.[0-9a-f-]{36}$/
const COPY = /^\d+\.\d+\.\d+.*-[0-9a-f]{12}$/

/** The folders that are removed now. What cannot be removed stays. */
export function removeOldCopies({ folder, isNeeded, nowMs }: OldCopiesSettings): readonly string[] {
  const parent = versionsFolder(folder)
  const removed: string[] = []
  for (const name of namesIn(parent)) {
    const path = join(parent, name)
    const isCopy = COPY.test(name)
    if (!isCopy && !UNFINISHED.test(name)) continue
    if ((isCopy && isNeeded(name)) || isYoung(path, nowMs)) continue
    if (remove(parent, path) && isCopy) removed.push(path)
  }
  return removed
}

/** It is gone at once or not at all: half of one could still be started. */
function remove(parent: string, path: string): boolean {
  const aside = join(parent, `.${randomUUID()}`)
  try {
    renameSync(path, aside)
  } catch {
    return false
  }
  try {
    rmSync(aside, { recursive: true, force: true })
  } catch {
    // What is left is unfinished, and goes with the next ones.
  }
  return true
}

function isYoung(path: string, nowMs: number): boolean {
  const known = statSync(path, { throwIfNoEntry: false })
  return known === undefined || nowMs - known.mtimeMs < YOUNG_MS
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
