// The file that a program's name leads to, looked for as the system does it. Windows looks in the current folder first, and other
// systems where PATH has an entry that is relative or empty. That is the project that an editor has open, where anything may lie:
// who does not want that finds the file here.
// protocol.md G.7, users.md 1 row 19.
import { accessSync, constants, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { lookUp } from '../options/variables.ts'

export interface Search {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly windows: boolean
  /** For names with a folder in them, and folders of PATH that are not absolute; without it the latter are left out. */
  readonly cwd?: string
}

/** What is to be started for a command: a name alone is looked for, and not in the current folder. Undefined if there is none. */
export function programFor(command: string, search: Omit<Search, 'cwd'>): string | undefined {
  return hasFolder(command, search.windows) ? command : findProgram(command, search)
}

function hasFolder(command: string, windows: boolean): boolean {
  return command.includes('/') || (windows && command.includes('\\'))
}

/** Absolute; undefined if there is none. */
export function findProgram(command: string, { env, windows, cwd }: Search): string | undefined {
  const environment = { values: env, windows }
  const endings = windows ? endingsOf(command, lookUp('PATHEXT', environment)) : ['']
  // Without the variable the system looks there.
  const path = (lookUp('PATH', environment) ?? (windows ? '' : '/usr/bin:/bin'))
    .split(windows ? ';' : ':')
    .map(unquoted)
  const folders = hasFolder(command, windows)
    ? [cwd ?? '']
    : path.filter((folder) => cwd !== undefined || isAbsolute(folder))
  for (const folder of folders)
    for (const ending of endings) {
      const file = isAbsolute(command) ? command + ending : join(resolve(cwd ?? '', folder), command + ending)
      if (isProgram(file, windows)) return file
    }
  return undefined
}

function endingsOf(command: string, pathExt = '.COM;.EXE;.BAT;.CMD'): string[] {
  const known = pathExt.split(';').filter((ending) => ending !== '')
  const hasEnding = known.some((ending) => command.toLowerCase().endsWith(ending.toLowerCase()))
  return hasEnding ? [''] : known.map((ending) => ending.toLowerCase())
}

function unquoted(folder: string): string {
  return folder.replace(/^"(.*)"$/, '$1')
}

function isProgram(path: string, windows: boolean): boolean {
  if (!isFile(path)) return false
  if (windows) return true
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}
