// The file that a command leads to, looked for as the system does it; and what there is to know of a Node.
// users.md 1 rows 7 and 19.
import { accessSync, constants, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import spawn from 'cross-spawn'
import { lookUp } from '../../options/variables.ts'

export interface Search {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly windows: boolean
  readonly cwd: string
}

const VERSION_LIMIT_MS = 10_000

/** Absolute; undefined if there is none. */
export function findProgram(command: string, { env, windows, cwd }: Search): string | undefined {
  const environment = { values: env, windows }
  const endings = windows ? endingsOf(command, lookUp('PATHEXT', environment)) : ['']
  const hasFolder = command.includes('/') || (windows && command.includes('\\'))
  const folders = hasFolder ? [cwd] : (lookUp('PATH', environment) ?? '').split(windows ? ';' : ':')
  for (const folder of folders)
    for (const ending of endings) {
      const path = isAbsolute(command)
        ? command + ending
        : join(resolve(cwd, unquoted(folder)), command + ending)
      if (isProgram(path, windows)) return path
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

/** `v22.1.0`; undefined if it does not say. */
export function askVersion(
  program: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  return new Promise((settle) => {
    const child = spawn(program, ['--version'], {
      env: env as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'ignore'],
      windowsHide: true,
      timeout: VERSION_LIMIT_MS,
    })
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString('utf8')).slice(0, 100)
    })
    child.on('error', () => settle(undefined))
    child.on('close', () => settle(/^v\d+\.\d+\.\d+/.exec(text)?.[0]))
  })
}
