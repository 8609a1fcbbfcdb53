// Changes a file of the person's without ever losing it: a backup beside it, written whole and renamed, through links, and
// not at all if somebody else changes it meanwhile more often than we can follow. users.md 2.
import { accessSync, constants, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { isBridgeError, usage } from '../../errors.ts'
import { codeOf, unwritable } from './file-failures.ts'
import { holdingLock } from './file-lock.ts'
import { followed, type Read, readFile, sameBytes } from './file-text.ts'
import { makeFolder, removeOld, removeQuietly, renameOver, writeBackup, writeBeside } from './file-writing.ts'

export interface Changed {
  /** What the path leads to, through links. */
  readonly file: string
  readonly isChanged: boolean
  /** Where the text of before lies, if there was one. */
  readonly backup?: string
}

type Change = (text: string | undefined) => string | undefined

/** So often we start over when somebody else writes the same file. */
const MOST_STARTS = 10

/** The text, undefined where there is no file. Throws BridgeError `usage`, code `config-unreadable` or `config-unwritable`. */
export function readFileText(path: string): string | undefined {
  return readFile(followed(path))?.text
}

/** What is read from the text of that file: who refuses it, says which file it was. Throws `config-unreadable` for YAML. */
export function ofFile<T>(file: string, read: () => T): T {
  if (/\.ya?ml$/i.test(file))
    throw usage(
      'config-unreadable',
      `${file}: this is YAML, and JSON and TOML are read; write mcp-ferry there by hand`,
    )
  try {
    return read()
  } catch (thrown) {
    const isAboutText = isBridgeError(thrown) && thrown.facts.code === 'config-unreadable'
    throw isAboutText ? usage('config-unreadable', `${file}: ${thrown.message}`) : thrown
  }
}

/**
 * `change` gets the text (undefined: no file) and returns the new one; it may be called again if the file was changed
 * meanwhile. The same text, or undefined, changes nothing. Throws as readFileText does, and what `change` throws.
 */
export function changeFile(path: string, change: Change): Changed {
  const file = followed(path)
  const before = readFile(file)
  const text = ofFile(file, () => change(before?.text))
  if (text === undefined || text === before?.text) return { file, isChanged: false }
  makeFolder(dirname(file))
  return holdingLock(file, () => changeInTurn(file, { before, text }, change))
}

interface Step {
  /** What the file held when `text` was made of it. */
  readonly before: Read | undefined
  readonly text: string
}

/** Nobody of us changes it at the same time; others may. */
function changeInTurn(file: string, first: Step, change: Change): Changed {
  let { before, text } = first
  for (let starts = 0; starts < MOST_STARTS; starts++) {
    const now = readFile(file)
    if (!sameBytes(before, now)) {
      before = now
      const next = ofFile(file, () => change(now?.text))
      if (next === undefined || next === now?.text) return { file, isChanged: false }
      text = next
    }
    const backup = replaced(file, { before, text })
    if (backup !== 'changed-meanwhile')
      return { file, isChanged: true, ...(backup === undefined ? {} : { backup }) }
  }
  throw usage(
    'config-unwritable',
    `${file} is being changed by another program again and again; close it, then try again`,
  )
}

/** Returns the backup, undefined where there was nothing to keep. */
function replaced(file: string, { before, text }: Step): string | 'changed-meanwhile' | undefined {
  const stats = before && statsOf(file)
  if (stats) checkWritable(file, stats)
  const temporary = writeBeside(file, Buffer.from(text), stats)
  let backup: string | undefined
  let isReplaced = false
  try {
    if (before !== undefined) backup = writeBackup(file, before.bytes, stats)
    if (!sameBytes(before, readFile(file))) return 'changed-meanwhile'
    renameOver(temporary, file)
    isReplaced = true
  } finally {
    if (!isReplaced) for (const made of [temporary, backup]) if (made !== undefined) removeQuietly(made)
  }
  removeOld(file)
  return backup
}

function statsOf(file: string): Stats | undefined {
  return statSync(file, { throwIfNoEntry: false })
}

/** Its rights are the person's to change, and other programs may rely on them. */
export function mayBeReadByOthers(path: string): boolean {
  const { mode = 0 } = statsOf(followed(path)) ?? {}
  return process.platform !== 'win32' && (mode & 0o044) !== 0
}

/** A rename would replace a file that its owner, or a program that manages it, has made read-only. */
function checkWritable(file: string, { mode }: Stats): void {
  try {
    accessSync(file, constants.W_OK)
  } catch (thrown) {
    throw unwritable(file, codeOf(thrown))
  }
  if ((mode & 0o222) === 0) throw unwritable(file, 'EACCES')
}
