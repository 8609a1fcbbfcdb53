// The flags whose value is the path of a file: it is made whole for an entry, which is started in another folder.
import { posix, win32 } from 'node:path'
import { findFlag } from '../../options/flags.ts'
import type { Surroundings } from '../door.ts'

/** Of signing in, whose table does not tell. */
const OTHERS: readonly string[] = ['--private-key-file', '--assertion-file', '--id-token-file']

/** Their value is JSON, or @ and the path of a file of it. */
const WITH_JSON: readonly string[] = ['--static-oauth-client-info', '--static-oauth-client-metadata']

export function isPathFlag(flag: string): boolean {
  return findFlag(flag)?.kind === 'path' || OTHERS.includes(flag)
}

export function namesFile(flag: string, value: string): boolean {
  return isPathFlag(flag) || (WITH_JSON.includes(flag) && value.startsWith('@'))
}

/** The whole path, from the folder that we were started in. */
export function wholePath(path: string, { platform, program }: Surroundings): string {
  // On Windows a slash does as well, and is no special character.
  return platform === 'win32'
    ? win32.resolve(program.cwd(), path).replaceAll('\\', '/')
    : posix.resolve(program.cwd(), path)
}
