// How the texts of the sign-in flags are read: variables filled in, URLs checked, files and secrets fetched. What is wrong is
// an error of the command line; no sentence shows a value. protocol.md G.1 row 25, arguments.md 4.4.
import { type BridgeError, usage } from '../errors.ts'
import { nameFile } from './file-name.ts'
import type { FurtherFlag } from './flags.ts'
import { findFlag } from './flags.ts'
import type { Given } from './header-sources.ts'
import { reachOf } from './plain-http.ts'
import type { Sourced } from './quantities.ts'
import type { Filled } from './references.ts'
import { fillIn, fillInPath, readVariable } from './references.ts'
import { isOn, settler } from './settling.ts'
import type { Environment } from './variables.ts'
import { isVariableName, lookUp, trimEnds } from './variables.ts'
import type { Warning } from './warning.ts'

export interface SignInRequest {
  readonly given: Given
  readonly environment: Environment
  readonly home: () => string
  /** May throw. */
  readonly readFile: (path: string) => Uint8Array
}

/** The flags of one command line as texts, and what is learned while they are read. */
export interface Reading {
  readonly request: SignInRequest
  readonly warnings: Warning[]
  readonly secrets: string[]
  /** As it is written. */
  raw(name: FurtherFlag): Sourced | undefined
  isOn(name: FurtherFlag): boolean
  /** Filled in; undefined if nothing is given, or only a variable that may be missing. */
  text(name: FurtherFlag): Sourced | undefined
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

export function createReading(request: SignInRequest): Reading {
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
  return {
    request,
    pathAt,
    warnings,
    secrets,
    raw: settle,
    isOn: (name) => isOn(settle(name)),
    text: (name) => [settle(name)].flatMap((text) => (text === undefined ? [] : fill(text)))[0],
    texts(name) {
      const flags = given.get(name)
      if (flags !== undefined) return flags.map((text) => ({ text, from: name })).flatMap(fill)
      const from = findFlag(name)!.env!
      return (lookUp(from, environment) ?? '').split(/\r?\n/).flatMap((text) => fill({ text, from }))
    },
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
    const reason = (thrown as { code?: unknown } | null)?.code
    const why =
      reason === 'ENOENT'
        ? 'does not exist'
        : `cannot be read${typeof reason === 'string' ? ` (${reason})` : ''}`
    throw usage('file-unreadable', `${file.name} from ${file.from} ${why}; write the path of a readable file`)
  }
}

/** The file's text. Throws `file-unreadable`. */
export function readText(reading: Reading, file: NamedFile): string {
  const text = new TextDecoder('utf-8').decode(readBytes(reading, file))
  if (text.includes('\0') || text.includes('\ufffd'))
    throw usage('file-unreadable', `${file.name} from ${file.from} is not in UTF-8; save it as UTF-8`)
  return text
}

/** An endpoint: https, or http on this machine. */
export function readEndpoint(reading: Reading, name: FurtherFlag): URL | undefined {
  const given = reading.text(name)
  if (given === undefined) return undefined
  const url = parse(given)
  const isLocal = url.protocol === 'http:' && reachOf(url.hostname) === 'loopback'
  if (url.protocol !== 'https:' && !isLocal)
    throw bad(
      `${given.from} does not begin with https://, and what is sent there could be read on the way`,
      'write an https:// URL',
    )
  if (url.hash !== '') throw bad(`${given.from} has a # in it`, 'write the URL without it and what follows')
  return url
}

/** The document that describes us: row 15. */
export function readMetadataUrl(reading: Reading): URL | undefined {
  const given = reading.text('--client-metadata-url')
  if (given === undefined) return undefined
  const url = parse(given)
  if (url.protocol !== 'https:' || url.pathname === '/' || url.hash !== '')
    throw bad(
      `${given.from} is no URL that can name a client`,
      'write https://host/path, without # and what follows it',
    )
  return url
}

/** A page for the person's browser. */
export function readPage(reading: Reading, name: FurtherFlag): URL | undefined {
  const given = reading.text(name)
  if (given === undefined) return undefined
  const url = parse(given)
  if (!/^https?:$/.test(url.protocol))
    throw bad(`${given.from} is no page of the web`, 'write a URL that begins with https://')
  return url
}

function parse({ text, from }: Sourced): URL {
  if (!URL.canParse(text) || /\s/.test(text))
    throw bad(`${from} is no whole URL`, 'write it as https://host/path')
  const url = new URL(text)
  if (url.username !== '' || url.password !== '')
    throw bad(`${from} has a user or a password in it`, 'write the URL without them')
  return url
}
