// How the texts of the flags are read that few starts have: variables filled in, files and secrets fetched. What is wrong is an
// error of the command line; no sentence shows a value. arguments.md 4.4.
import { type BridgeError, usage } from '../errors.ts'
import { nameFile, whyUnreadable } from './file-name.ts'
import type { FurtherFlag } from './flag-table.ts'
import { findFlag } from './flags.ts'
import type { Given } from './header-sources.ts'
import type { Sourced } from './quantities.ts'
import type { Filled } from './references.ts'
import { fillIn, fillInPath, readVariable } from './references.ts'
import { isOn, settler } from './settling.ts'
import type { Environment } from './variables.ts'
import { isVariableName, lookUp, trimEnds } from './variables.ts'
import type { Warning } from './warning.ts'

/** The command line, and the world around it. */
export interface FurtherRequest {
  readonly given: Given
  readonly environment: Environment
  readonly home: () => string
  /** May throw. */
  readonly readFile: (path: string) => Uint8Array
}

/** The further flags of one command line as texts, and what is learned while they are read. */
export interface Reading {
  readonly request: FurtherRequest
  readonly warnings: Warning[]
  readonly secrets: string[]
  /** As it is written. */
  raw(name: FurtherFlag): Sourced | undefined
  isOn(name: FurtherFlag): boolean
  /** Filled in; undefined if nothing is given, or only a variable that may be missing. */
  text(name: FurtherFlag): Sourced | undefined
  /** Each one as it is written, or each line of its variable. */
  lines(name: FurtherFlag): Sourced[]
  /** Each one that is given, filled in; in a variable they stand on lines of their own. */
  texts(name: FurtherFlag): Sourced[]
  /** What the variable holds that the flag names. */
  secret(name: FurtherFlag): string | undefined
  /** The path that the flag gives, and the file for sentences. */
  path(name: FurtherFlag, what: string): NamedFile | undefined
  pathAt(written: Sourced, what: string): NamedFile | undefined
}

/** A file of the user's. */
export interface NamedFile {
  readonly path: string
  /** For the sentences. */
  readonly name: string
  readonly from: string
}

export function createReading(request: FurtherRequest): Reading {
  const { environment, given, home } = request
  const settle = settler(request)
  const warnings: Warning[] = []
  const secrets: string[] = []
  const noted = (filled: Filled): string => {
    warnings.push(...filled.warnings)
    return trimEnds(filled.text)
  }
  const fill = ({ text, from }: Sourced): Sourced[] => {
    const place = { what: `the text from ${from}`, environment }
    const full = noted(fillIn(text, place, ({ value }) => value))
    return full === '' ? [] : [{ text: full, from }]
  }
  const pathAt: Reading['pathAt'] = ({ text, from }, what) => {
    const path = noted(fillInPath(text, home, { what: `the path from ${from}`, environment }))
    return path === '' ? undefined : { path, name: nameFile(what, text), from }
  }
  const lines: Reading['lines'] = (name) => {
    const flags = given.get(name)
    const from = flags === undefined ? findFlag(name)!.env! : name
    const texts = flags ?? (lookUp(from, environment) ?? '').split(/\r?\n/)
    return texts.map((text) => ({ text, from }))
  }
  return {
    request,
    pathAt,
    warnings,
    secrets,
    raw: settle,
    isOn: (name) => isOn(settle(name)),
    text: (name) => [settle(name)].flatMap((text) => (text === undefined ? [] : fill(text)))[0],
    lines,
    texts: (name) => lines(name).flatMap(fill),
    secret(name) {
      const named = settle(name)
      if (named === undefined) return undefined
      if (!isVariableName(named.text))
        throw usage(
          'env-syntax',
          `${named.from} takes the name of an environment variable; write only its name, and put the secret into that variable`,
        )
      const value = readVariable(named.text, 'required', { what: named.from, environment })
      warnings.push(...value.warnings)
      secrets.push(value.text)
      return value.text
    },
    path(name, what) {
      const written = settle(name)
      return written && pathAt(written, what)
    },
  }
}

/** What is given cannot be used. `what` says why, `instead` what to do. */
export function bad(what: string, instead: string): BridgeError {
  return usage('bad-value', `${what}; ${instead}`)
}

/** What is in the file. Throws `file-unreadable`. */
export function readBytes(reading: Reading, file: NamedFile): Uint8Array {
  try {
    return reading.request.readFile(file.path)
  } catch (thrown) {
    throw usage('file-unreadable', `${file.name} from ${file.from} ${whyUnreadable(thrown)}`)
  }
}

/** The file's text. Throws `file-unreadable`. */
export function readText(reading: Reading, file: NamedFile): string {
  const text = new TextDecoder('utf-8').decode(readBytes(reading, file))
  if (text.includes('\0') || text.includes('\ufffd'))
    throw usage('file-unreadable', `${file.name} from ${file.from} is not in UTF-8; save it as UTF-8`)
  return text
}
