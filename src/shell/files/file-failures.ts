// What is said when the system does not let a config be read or written: which file, why, and what to do. users.md 2.
import { type BridgeError, usage } from '../../errors.ts'

/** The code of a failure of the system. */
export function codeOf(thrown: unknown): string {
  const { code } = (thrown ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : 'unknown failure'
}

const IN_THE_WAY = 'there is a file where a folder of the path should be; move it away, or name another path'

export function cannotBeRead(file: string, code: string): BridgeError {
  const why: Readonly<Record<string, string>> = {
    EACCES: 'it may not be read by you; give yourself the right to read it',
    EPERM: 'it may not be read by you; give yourself the right to read it',
    ENOTDIR: IN_THE_WAY,
    ELOOP: 'it is a link that leads back to itself; remove the link',
  }
  return usage('config-unreadable', `${file} cannot be read: ${why[code] ?? `${code}; look at that file`}`)
}

/** What is no text of ours to read, in one clause. */
export function noText(file: string, what: string): BridgeError {
  return usage('config-unreadable', `${file} ${what}`)
}

export function unwritable(file: string, code: string): BridgeError {
  const readOnly =
    'it, or its folder, is read-only for you; make both writable, or change it where it is managed'
  const why: Readonly<Record<string, string>> = {
    EACCES: readOnly,
    EPERM: readOnly,
    EROFS: 'it lies on a read-only file system; change it where it is managed',
    EBUSY: 'another program holds it; close that program, then try again',
    ENOSPC: 'the disk is full; make room, then try again',
    EDQUOT: 'your share of the disk is full; make room, then try again',
    ENOTDIR: IN_THE_WAY,
    EEXIST: IN_THE_WAY,
  }
  return usage('config-unwritable', `${file} cannot be written: ${why[code] ?? `${code}; look at that file`}`)
}
