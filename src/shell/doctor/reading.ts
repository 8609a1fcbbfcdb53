// How the command line was read: which header comes from where, which options were given and by what, which variables were
// looked up for it. Names only. Pure. arguments.md 4.1, 4.2.
import { repairArgv } from '../../options/argv.ts'
import { FLAGS } from '../../options/flag-list.ts'
import { findFlag, URL_VARIABLE } from '../../options/flags.ts'
import type { Options } from '../../options/options.ts'
import { type Environment, looksLikeSecret, lookUp, trimEnds } from '../../options/variables.ts'
import { describeHeaders } from '../../remote/refused.ts'

export interface Given {
  /** Each option as it was understood, with its text; of the URL the name is empty. */
  readonly flags: readonly Sourced[]
  readonly variables: readonly Sourced[]
}

export interface Sourced {
  /** The flag. */
  readonly name: string
  readonly text: string
  /** The flag itself, or the variable that says the same. */
  readonly from: string
}

export interface UsedVariable {
  readonly name: string
  /** What uses it. */
  readonly by: string
  readonly state: 'set' | 'empty' | 'missing'
  /** It has a default, so that it may be missing. */
  readonly isOptional: boolean
}

/** What is given on the command line and by variables of ours. */
export function givenBy(argv: readonly string[], environment: Environment): Given {
  const repaired = repairArgv(argv).argv
  const end = repaired.indexOf('--')
  const flags = repaired.slice(0, end < 0 ? undefined : end).map((text): Sourced => {
    const [, name = text, value = ''] = /^(--[^=]+)=([\s\S]*)$/.exec(text) ?? []
    return { name, text: value, from: name }
  })
  const urls = end < 0 ? [] : repaired.slice(end + 1, end + 2)
  const variables = [...FLAGS.map(({ name, env }) => [name, env] as const), ['', URL_VARIABLE] as const]
  return {
    flags: [...flags, ...urls.map((text) => ({ name: '', text, from: 'the URL' }))],
    variables: variables.flatMap(([name, env]) => {
      const text = env === undefined ? '' : trimEnds(lookUp(env, environment) ?? '')
      return env === undefined || text === '' ? [] : [{ name, text, from: env }]
    }),
  }
}

const REFERENCE = /(\$?)\$\{(?:env:)?([A-Za-z_]\w*)(:-[^}]*)?\}/g

/** The variables that are looked up for it, each once for each place. */
export function usedVariables({ flags, variables }: Given, environment: Environment): UsedVariable[] {
  const found = [...flags, ...variables].flatMap(({ name, text, from }) => {
    if (name === '--bearer-env' || name.endsWith('-env')) return namesIn(text).map((word) => ({ word, from }))
    return [...text.matchAll(REFERENCE)].flatMap(([, escaped, word = '', fallback]) =>
      escaped === '' ? [{ word, from, isOptional: fallback !== undefined }] : [],
    )
  })
  const known = new Map<string, UsedVariable>()
  for (const { word, from, ...rest } of found) {
    const text = lookUp(word, environment)
    const state = text === undefined ? 'missing' : trimEnds(text) === '' ? 'empty' : 'set'
    const name = looksLikeSecret(word) && state === 'missing' ? 'a name that may be a secret' : word
    const isOptional = 'isOptional' in rest && rest.isOptional === true
    known.set(`${name} ${from}`, { name, by: from, state, isOptional })
  }
  return [...known.values()]
}

/** Of `Name=VAR`, several of them, or `VAR` alone. */
function namesIn(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .map((entry) => entry.slice(entry.search(/[:=]/) + 1))
    .filter((name) => /^[A-Za-z_]\w*$/.test(name))
}

/** `Authorization (Bearer, 40 characters), from --header-env`. */
export function headerLines(options: Pick<Options, 'headers'>, given: Given, nowMs: number): string[] {
  const described = describeHeaders(options.headers, nowMs)
  return options.headers.map(({ name }, index) => `${described[index]}, from ${sourceOf(name, given)}`)
}

function sourceOf(header: string, { flags, variables }: Given): string {
  const wanted = header.toLowerCase()
  const all = [...flags, ...variables]
  const named = all.find(({ name, text }) => {
    if (name === '--bearer-env') return wanted === 'authorization'
    if (name !== '--header' && name !== '--header-env') return false
    return text.split(/\r?\n|,/).some((line) => nameIn(line) === wanted)
  })
  const by = named ?? all.find(({ name }) => FROM_ELSEWHERE.has(name))
  if (by !== undefined) return by.from
  const whole = all.find(({ name, text }) => name === '--header' && /^\s*\$\{/.test(text))
  return whole?.from ?? 'the user in the URL'
}

/** Their names stand in a file, or are printed by a command. */
const FROM_ELSEWHERE = new Set<string>(['--header-file', '--header-command', '--bearer-command'])

function nameIn(text: string): string {
  return /^[\s"'\\]*([^:="'\s]+)["'\\]*\s*[:=]/.exec(text)?.[1]?.toLowerCase() ?? ''
}

/** Where the URL was found. */
export function urlSource({ flags, variables }: Given): string {
  const ofUrl = ({ name }: Sourced): boolean => name === '' || name === '--url-env'
  const found = flags.find(ofUrl) ?? variables.find(ofUrl)
  return found === undefined || found.from === 'the URL' ? 'the command line' : found.from
}

/** They are told by the headers. */
const OF_HEADERS = /^--(?:header|bearer)(?:-|$)/

/** `--start-budget`, `MCP_FERRY_LOG_LEVEL`: what is given beside headers and the URL. */
export function optionNames({ flags, variables }: Given): string[] {
  const isOther = ({ name }: Sourced): boolean =>
    name !== '' && !OF_HEADERS.test(name) && name !== '--url-env'
  const given = new Set(flags.map(({ name }) => name))
  return [
    ...new Set(flags.filter(isOther).map(({ name }) => name)),
    ...variables
      .filter(isOther)
      .map(({ name, from }) =>
        given.has(name) && findFlag(name)?.repeatable !== true
          ? `${from} (not used: ${name} is given)`
          : from,
      ),
  ]
}
