// The headers that stand on the command line, in variables and in header files, with the files read again when they have
// changed and when the remote has refused what was in them. All of it is put together anew, by the same rules as at the
// start; what cannot be read then changes nothing.
import { statSync } from 'node:fs'
import { BridgeError, toBridgeError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { type HeaderRequest, readHeaders } from '../../options/header-sources.ts'
import type { Header } from '../../options/headers.ts'
import { codeOf } from '../kept/store-errors.ts'
import type { HeaderSource } from './held-headers.ts'

export interface HeaderFileSource extends HeaderSource {
  current(): readonly Header[]
  /** The lines of the files. */
  readonly written: readonly string[]
}

export function createHeaderFileSource(request: HeaderRequest, log: Log): HeaderFileSource {
  let stamps = new Map<string, string>()
  let written: string[] = []
  let hasRead = false
  let headers = read()
  hasRead = true
  let told = ''

  function read(): readonly Header[] {
    const seen = new Map<string, string>()
    const texts: string[] = []
    const set = readHeaders({
      ...request,
      readFile(path) {
        // Before it is read: a change meanwhile is then seen the next time.
        seen.set(path, stampOf(path))
        const bytes = request.readFile(path)
        texts.push(...new TextDecoder().decode(bytes).split(/\r?\n/))
        return bytes
      },
    })
    stamps = seen
    written = texts
    const isEmpty = set.warnings.some(({ code }) => code === 'header-file-empty')
    // A file that is being written is empty for a moment.
    if (isEmpty && hasRead) throw new BridgeError('usage', 'the header file has no header in it')
    return set.headers
  }

  function readAgain(): BridgeError | undefined {
    try {
      headers = read()
      for (const { value } of headers) log.hide(value)
      told = ''
      return undefined
    } catch (thrown) {
      const error = toBridgeError(thrown)
      for (const path of stamps.keys()) stamps.set(path, stampOf(path))
      if (told !== error.message) log.warn(`${error.message} (the headers it held before are still used)`)
      told = error.message
      return error
    }
  }

  return {
    written,
    again: stamps.size > 0 ? 'the header file was read again' : undefined,
    current() {
      if ([...stamps].some(([path, stamp]) => stampOf(path) !== stamp)) readAgain()
      return headers
    },
    renew() {
      if (stamps.size > 0) readAgain()
      return Promise.resolve(undefined)
    },
    close() {},
  }
}

/** What changes when the file does; costs a few microseconds, so it is looked at for each request. */
function stampOf(path: string): string {
  try {
    const stat = statSync(path, { throwIfNoEntry: false, bigint: true })
    return stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeNs}`
  } catch (thrown) {
    // Its folder may be gone or closed to us for a while, which fails no request.
    return codeOf(thrown)
  }
}
