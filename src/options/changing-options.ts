// --header-command, --bearer-command, --credential-ttl and `keychain:service/account` in a header → one value. Loaded
// only where one of them is given. A flag beats its variable; what a variable holds is data, so `keychain:` counts only
// where the user has written it (arguments.md 4.2, step 10).
import { type BridgeError, usage } from '../errors.ts'
import { readWords } from './command-words.ts'
import { findFlag } from './flags.ts'
import type { Given } from './header-sources.ts'
import { type Header, isHeaderName, nameHeader, parseHeader } from './headers.ts'
import { readDuration, type Sourced } from './quantities.ts'
import type { ChangingHeader, ChangingOptions } from './sign-in.ts'
import { type Environment, lookUp, trimEnds } from './variables.ts'

/** The command line, and the world around it. */
export interface ChangingRequest {
  readonly given: Given
  readonly environment: Environment
  readonly home: () => string
}

type Flag = '--header-command' | '--bearer-command' | '--credential-ttl' | '--header'
type Command = Extract<ChangingHeader, { kind: 'command' }>
interface Found {
  readonly header: Command
  readonly from: string
}

/** `written`: the lines of the header files. Throws BridgeError `usage`. */
export function readChanging(
  request: ChangingRequest,
  headers: readonly Header[],
  written: readonly string[],
): ChangingOptions {
  const commands = [...readCommands(flagTexts(request), [], request)]
  commands.push(...readCommands(variableTexts(request), commands, request))
  const taken = new Map(headers.map(({ name }) => [name.toLowerCase(), 'another option']))
  for (const { header, from } of commands) {
    const key = header.name?.toLowerCase()
    const other = key === undefined ? undefined : taken.get(key)
    if (other !== undefined)
      throw usage(
        'header-duplicate',
        `${nameHeader(header.name!)} comes from ${from} and from ${other}; remove one`,
      )
    if (key !== undefined) taken.set(key, from)
  }
  const texts = [...flagTexts(request)('--header'), ...variableTexts(request)('--header')]
  const ttl = flagTexts(request)('--credential-ttl').at(-1) ?? variableTexts(request)('--credential-ttl')[0]
  return {
    headers: [
      ...commands.map(({ header }) => header),
      ...readKept(headers, [...texts.map(({ text }) => text), ...written]),
    ],
    ...(ttl !== undefined && { ttlMs: readDuration(findFlag('--credential-ttl')!, ttl) }),
  }
}

type Texts = (name: Flag) => Sourced[]

function flagTexts({ given }: ChangingRequest): Texts {
  return (name) => (given.get(name) ?? []).map((text) => ({ text: trimEnds(text), from: name }))
}

/** One header on each line. */
function variableTexts({ environment }: ChangingRequest): Texts {
  return (name) => {
    const from = findFlag(name)?.env ?? ''
    const lines = (lookUp(from, environment) ?? '').split(/\r?\n/).map(trimEnds)
    return lines.filter((text) => text !== '').map((text) => ({ text, from }))
  }
}

/** What `before` names is not read at all. */
function readCommands(texts: Texts, before: readonly Found[], request: ChangingRequest): Found[] {
  const isTaken = (name: string | undefined): boolean =>
    before.some(({ header }) => header.name?.toLowerCase() === name?.toLowerCase())
  const found: Found[] = []
  const bearer = texts('--bearer-command').at(-1)
  if (bearer !== undefined && !isTaken('Authorization')) {
    const command = readWords(bearer, request)
    found.push({
      header: { kind: 'command', name: 'Authorization', command, isBearer: true },
      from: bearer.from,
    })
  }
  for (const given of texts('--header-command')) {
    const { name, text } = splitName(given)
    if (isTaken(name)) continue
    const command = readWords({ text, from: given.from }, request)
    found.push({ header: { kind: 'command', name, command, isBearer: false }, from: given.from })
  }
  return found
}

/** `Name=command`, `Name: command`, or a command alone. */
function splitName({ text, from }: Sourced): { name: string | undefined; text: string } {
  const whole = /^(["'])([^"']*)\1$/.exec(text)?.[2] ?? text
  const [, name = '', rest = ''] = /^([^\s:="'\\/]+)(?:[ \t]*=|:[ \t])([\s\S]*)$/.exec(whole) ?? []
  if (name === '') return { name: undefined, text }
  if (!isHeaderName(name))
    throw usage('header-invalid-name', `${from} has no header name before the =; write Name=command`)
  // Tells a name that belongs to the protocol.
  parseHeader({ text: `${name}: x`, from }, { values: {}, windows: false })
  return { name, text: rest }
}

const KEPT = /^((?:\S+ )?)keychain:(.*)$/

/** The headers whose value lies in the keychain. */
function readKept(headers: readonly Header[], written: readonly string[]): ChangingHeader[] {
  return headers.flatMap(({ name, value }): ChangingHeader[] => {
    const [, before = '', place] = KEPT.exec(value) ?? []
    if (place === undefined || !isWritten(name, written)) return []
    const cut = place.lastIndexOf('/')
    if (cut <= 0 || cut === place.length - 1) throw noPlace(name)
    return [{ kind: 'keychain', name, before, service: place.slice(0, cut), account: place.slice(cut + 1) }]
  })
}

/** The headers that look as if they were kept there, and are not. */
export function leftAsWritten(headers: readonly Header[], changing: readonly ChangingHeader[]): Header[] {
  const names = new Set(changing.map(({ name }) => name?.toLowerCase()))
  return headers.filter(({ name, value }) => KEPT.test(value) && !names.has(name.toLowerCase()))
}

function isWritten(name: string, written: readonly string[]): boolean {
  return written.some((text) => {
    const bare = text.replace(/^[\s"'\\]+/, '').toLowerCase()
    return bare.startsWith(name.toLowerCase()) && bare.includes('keychain:')
  })
}

function noPlace(name: string): BridgeError {
  return usage(
    'bad-value',
    `${nameHeader(name)} has keychain: without a place in it; write keychain:service/account`,
  )
}
