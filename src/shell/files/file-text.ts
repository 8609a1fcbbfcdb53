// A config's file as it is found: through links, as bytes and as text, or why it is no text that we would change. users.md 2.
import {
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { cannotBeRead, codeOf, noText } from './file-failures.ts'

export interface Read {
  readonly bytes: Buffer
  /** With its byte order mark, if it has one. */
  readonly text: string
}

/** That of Claude Code has been seen with 65 MB; the tree of such a one takes ten times as much. */
const LIMIT_BYTES = 72 * 1024 * 1024
/** As many as Linux follows. */
const MOST_LINKS = 40

/** The file itself, which may not be there yet: a link stays a link. */
export function followed(path: string): string {
  let at = resolve(path)
  for (let links = 0; links < MOST_LINKS; links++) {
    const real = realOf(at)
    if (real !== undefined) return real
    const target = linkIn(at)
    if (target === undefined) return dirname(at) === at ? at : join(followed(dirname(at)), basename(at))
    at = resolve(realOf(dirname(at)) ?? dirname(at), target)
  }
  throw cannotBeRead(path, 'ELOOP')
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return undefined
    throw cannotBeRead(path, codeOf(thrown))
  }
}

function linkIn(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined
}

/** Undefined where there is no file. */
export function readFile(file: string): Read | undefined {
  const bytes = bytesOf(file)
  return bytes && { bytes, text: textOf(file, bytes) }
}

function bytesOf(file: string): Buffer | undefined {
  try {
    const stats = statSync(file, { throwIfNoEntry: false })
    if (stats === undefined) return undefined
    if (stats.isDirectory()) throw noText(file, 'is a folder; name the file in it')
    // What is a pipe would be waited for.
    if (!stats.isFile()) throw noText(file, 'is no ordinary file; name another one')
    const descriptor = openSync(file, 'r')
    try {
      if (fstatSync(descriptor).size > LIMIT_BYTES)
        throw noText(file, 'is larger than 72 MB, which is too much to be read; make it smaller')
      return readFileSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
  } catch (thrown) {
    const code = codeOf(thrown)
    // Between the two looks: somebody who renames over it, on Windows.
    if (code === 'ENOENT') return undefined
    throw code === 'unknown failure' ? thrown : cannotBeRead(file, code)
  }
}

function textOf(file: string, bytes: Buffer): string {
  const [first, second] = bytes
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  if (isMarked || bytes.includes(0))
    throw noText(file, 'is not in UTF-8 but in UTF-16, or no text; save it as UTF-8')
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw noText(file, 'is not in UTF-8; save it as UTF-8')
  }
}

export function sameBytes(one: Read | undefined, other: Read | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.bytes.equals(other.bytes)
}
