// An entry's arguments and variables while they are gathered: which names are in use, and what is known of each secret.
// arguments.md 6.
import { lookUp, trimEnds } from '../../options/variables.ts'
import type { Secret, Value } from './entry.ts'
import { type Meaning, namesIn } from './meaning.ts'
import { checkVariable, isTaken } from './safe-text.ts'

export interface Draft {
  readonly meaning: Meaning
  /** Behind the URL, each flag followed by its value. */
  readonly args: string[]
  /** Where the URL is, if it is an argument. */
  url?: string
  readonly env: Map<string, Value>
  /** Whose secret it is, for sentences. */
  readonly host: string
  /** The names of variables that are spoken for. */
  readonly names: Set<string>
}

export type Parts = Value['parts']

export function createDraft(meaning: Meaning): Draft {
  const { items, url = '', options } = meaning
  const names = items.flatMap(({ flag, value }) =>
    flag.endsWith('-env') ? [trimEnds(value.slice(value.search(/[:=]/) + 1))] : namesIn(value),
  )
  const { host } = options.url
  const isKnown = !host.endsWith('.invalid') && host !== 'localhost'
  return {
    meaning,
    args: [],
    env: new Map(),
    host: isKnown ? host : 'the server',
    names: new Set([...names, ...namesIn(url)].map((name) => name.toUpperCase())),
  }
}

/** Gives a variable of the entry its value. */
export function setVariable({ env }: Draft, variable: string, parts: Parts): void {
  env.set(variable, { variable, parts })
}

/** A variable that nobody uses yet. */
export function newVariable({ names }: Draft, wanted: string): string {
  const base = wanted.toUpperCase().replace(/[^A-Z0-9]+/g, '_')
  let name = base
  for (let count = 2; names.has(name); count++) name = `${base}_${count}`
  names.add(name)
  return name
}

/** What is known of the secret that the person has, or would have, in this variable. Throws BridgeError `usage`. */
export function secretIn({ meaning }: Draft, variable: string, what: string): Secret {
  checkVariable(variable)
  const { environment, shell, standIns } = meaning
  const text = standIns.has(variable) ? undefined : lookUp(variable, environment)
  return {
    variable,
    what,
    ...(text !== undefined && { text: trimEnds(text) }),
    isInEnvironment: text !== undefined && lookUp(variable, shell) !== undefined,
  }
}

/** Gives the entry this variable as it is here. Throws BridgeError `usage`. */
export function passOn(draft: Draft, variable: string, what: string): void {
  const secret = secretIn(draft, variable, what)
  if (!draft.env.has(variable)) setVariable(draft, variable, [secret])
}

/** What a text that the bridge fills in itself needs. What is there anyway is not passed on. */
export function passOnNames(draft: Draft, text: string, what: string): void {
  const { environment } = draft.meaning
  for (const name of namesIn(text))
    if (!isTaken(name) && lookUp(name, environment) !== undefined) passOn(draft, name, what)
}

/** For where the bridge fills variables in: of this it fills in none. */
export function escaped(text: string): string {
  return text.replaceAll('${', () => '$${')
}

/** The value as it will be, with what stands in for secrets that are not known. */
export function textOfParts(parts: Parts, { standIns }: Pick<Meaning, 'standIns'>): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part
      const text = part.text ?? standIns.get(part.variable) ?? ''
      return part.isInUrl ? encodeURIComponent(text) : text
    })
    .join('')
}
