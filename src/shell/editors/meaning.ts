// What a command line of the bridge means here and now, read by the bridge itself: its options, and which variables they
// need. A variable that is not set yet is no error: something of its shape stands in for it. arguments.md 3, 4.
import { isBridgeError, usage } from '../../errors.ts'
import { repairArgv } from '../../options/argv.ts'
import { readChanging } from '../../options/changing-options.ts'
import { findFlag } from '../../options/flags.ts'
import type { Options } from '../../options/options.ts'
import { isOneVariable, type Unfilled } from '../../options/references.ts'
import type { ChangingOptions } from '../../options/sign-in.ts'
import { type Environment, isVariableName, lookUp, trimEnds, withoutQuotes } from '../../options/variables.ts'
import type { Surroundings } from '../door.ts'
import { isPathFlag } from './path-flags.ts'

type Env = Readonly<Record<string, string | undefined>>

/** A flag with its value; a switch has none. */
export interface Item {
  readonly flag: string
  readonly value: string
}

export interface Meaning {
  readonly surroundings: Surroundings
  readonly items: readonly Item[]
  /** As it is written. */
  readonly url: string | undefined
  readonly port: string | undefined
  /** By which everything is filled in: with what stands in for variables that are not set. */
  readonly environment: Environment
  readonly standIns: ReadonlyMap<string, string>
  /** The variables that were looked at, also where files name them. */
  readonly used: ReadonlySet<string>
  /** The variables that the person has set, in which an editor may find them as well. */
  readonly shell: Environment
  readonly options: Options
  readonly changing: ChangingOptions | undefined
}

/** A URL that nobody has, to read flags with. */
export const STAND_IN_URL = 'https://stand-in.invalid'

/** `own`: variables of the command line alone, such as those of an entry that is read again. Rejects with BridgeError `usage`. */
export async function readMeaning(
  argv: readonly string[],
  surroundings: Surroundings,
  own: Env,
): Promise<Meaning> {
  const windows = surroundings.platform === 'win32'
  const shell = withoutOurs(surroundings.env)
  const known = { ...shell, ...withoutOurs(own) }
  const standIns = new Map<string, string>()
  const { items, url, port } = readItems(argv)
  for (;;) {
    const values = { ...known, ...Object.fromEntries(standIns) }
    try {
      const used = new Set<string>()
      const { options, changing } = await readBridge(argv, surroundings, recorded(values, used))
      const environment = { values, windows }
      const isOwn = (name: string) => lookUp(name, { values: own, windows }) !== undefined
      const others = Object.fromEntries(Object.entries(shell).filter(([name]) => !isOwn(name)))
      const shellEnvironment = { values: others, windows }
      return {
        surroundings,
        items,
        url,
        port,
        environment,
        standIns,
        used,
        shell: shellEnvironment,
        options,
        changing,
      }
    } catch (thrown) {
      const name = missingVariable(thrown)
      const isInPath = items.some(
        ({ flag, value }) => isPathFlag(flag) && namesIn(value).includes(name ?? ''),
      )
      if (name === undefined || standIns.has(name) || isInPath) throw thrown
      standIns.set(name, standInFor(name, { items, url, count: standIns.size }))
    }
  }
}

/** The same variables; `used` learns which of them are looked at. */
function recorded(values: Env, used: Set<string>): Env {
  return new Proxy(values, {
    get(target, name) {
      if (typeof name === 'string' && Object.hasOwn(target, name)) used.add(name)
      return Reflect.get(target, name)
    },
  })
}

/** Reads a command line that must be the bridge's, to the end. Rejects with BridgeError `usage`. */
export async function readBridge(
  argv: readonly string[],
  { read }: Surroundings,
  env: Env,
): Promise<{ options: Options; changing: ChangingOptions | undefined }> {
  const door = await read(argv, env)
  if (door.kind !== 'bridge')
    throw usage(
      'unexpected-argument',
      'behind the name of the entry stand a URL and options of the bridge, and there is something else; write https://host/path there',
    )
  const { options } = door
  return { options, changing: options.changing && readChanging(options.changing, options.headers, []) }
}

/** What this shell says to the bridge is not part of an entry; and what is empty counts as not set. */
function withoutOurs(env: Env): Env {
  return Object.fromEntries(
    Object.entries(env).filter(([name, text]) => !/^MCP_FERRY_/i.test(name) && trimEnds(text ?? '') !== ''),
  )
}

function readItems(argv: readonly string[]): Pick<Meaning, 'items' | 'url' | 'port'> {
  const repaired = repairArgv(argv).argv
  const end = repaired.indexOf('--')
  const [url, port] = end < 0 ? [] : repaired.slice(end + 1)
  const items = repaired.slice(0, end < 0 ? undefined : end).map((text) => {
    const at = text.indexOf('=')
    return at < 0 ? { flag: text, value: '' } : { flag: text.slice(0, at), value: text.slice(at + 1) }
  })
  return { items, url, port }
}

function missingVariable(thrown: unknown): string | undefined {
  if (!isBridgeError(thrown) || thrown.facts.code !== 'env-undefined') return undefined
  const cause = thrown.cause as Unfilled | undefined
  return cause?.kind === 'variable' ? cause.name : undefined
}

/** The names in each `${NAME}`. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(/(?<!\$)\$\{(?:env:)?([A-Za-z_]\w*)(?::-[^}]*)?\}/g)].map(([, name]) => name!)
}

interface Use {
  readonly items: readonly Item[]
  readonly url: string | undefined
  /** How many stand in already: two of them are never the same. */
  readonly count: number
}

function standInFor(name: string, { items, url, count }: Use): string {
  if (url !== undefined && namesIn(url).includes(name)) return standInUrlPart(name, url, count)
  const user = items.find(({ flag, value }) => isUse(flag, value, name))
  switch (user?.flag) {
    case '--url-env':
      return `${STAND_IN_URL}/`
    case '--header':
      if (isOneVariable(withoutQuotes(trimEnds(user.value)))) return `X-Stand-In-${count}: x`
      break
    case '--callback-port':
      return '1'
    case '--static-oauth-client-info':
    case '--static-oauth-client-metadata':
      if (isOneVariable(user.value)) return '{"client_id":"stand-in"}'
  }
  return user !== undefined && findFlag(user.flag)?.kind === 'url'
    ? `${STAND_IN_URL}/${count}`
    : `standin${count}`
}

function isUse(flag: string, value: string, name: string): boolean {
  if (!flag.endsWith('-env')) return namesIn(value).includes(name)
  return trimEnds(value.slice(value.search(/[:=]/) + 1)) === name
}

/** A variable may be the whole URL, its scheme, host or port, or anything behind that. */
function standInUrlPart(name: string, url: string, count: number): string {
  const at = url.search(new RegExp(`\\$\\{(?:env:)?${name}\\b`))
  const before = withoutQuotes(url)
    .slice(0, at)
    .replace(/^["'<\\\s]+/, '')
  const after = url.slice(at).replace(/^[^}]*\}/, '')
  if (before === '') return after.startsWith('://') ? 'https' : STAND_IN_URL
  const isAuthority = /^[^/?#]*:\/\/[^/?#]*$/.test(before) && !/^[^/?#]*@/.test(after)
  if (!isAuthority) return `standin${count}`
  return /[^/]:$/.test(before) ? '443' : 'localhost'
}

/** Whether the variable has a text, or something stands in for it. */
export function isThere(name: string, { environment }: Pick<Meaning, 'environment'>): boolean {
  return isVariableName(name) && lookUp(name, environment) !== undefined
}
