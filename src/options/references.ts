// `${VAR}`, `${env:VAR}` and `${VAR:-default}` in a header, a URL or a path, filled in from the environment in one
// pass: what a variable holds is data and is never looked into again (arguments.md 4.1, 4.2 step 10). Pure. Deferred: most
// starts have none.
import { BridgeError, usage } from '../errors.ts'
import type { Environment } from './variables.ts'
import { lookUp, trimEnds } from './variables.ts'
import type { Warning } from './warning.ts'

/** What is being filled in, for the sentences: `the header X-A (--header)`. */
export interface Place {
  readonly what: string
  readonly environment: Environment
}

export interface Filled {
  readonly text: string
  /** Whether a variable with a default was unset or empty, so that an empty text is meant. */
  readonly optional: boolean
  readonly warnings: readonly Warning[]
}

/** Where one variable's text goes. */
export interface Gap {
  readonly name: string
  readonly value: string
  /** The filled text up to it. */
  readonly before: string
  /** The text after it as it is written. */
  readonly after: string
}

/** Returns what is put into the gap. */
export type Put = (gap: Gap) => string

const REFERENCE = /^(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-([\s\S]*))?$/
const TOKEN = /\$\$\{|\$\{([^}]*)(\}?)/g
const WHOLE = /^\$\{(?:env:)?[A-Za-z_][A-Za-z0-9_]*(?::-[^}]*)?\}$/

/** Whether all of it is one `${VAR}`. */
export function isOneVariable(text: string): boolean {
  return WHOLE.test(text)
}

/** Fills every variable in. Throws `env-undefined`, `env-empty` or `env-syntax`, naming the place and the variable. */
export function fillIn(template: string, place: Place, put: Put): Filled {
  const warnings: Warning[] = []
  let text = ''
  let done = 0
  let optional = false
  if (!template.includes('${')) return { text: template, optional, warnings }
  for (const match of template.matchAll(TOKEN)) {
    text += template.slice(done, match.index)
    done = match.index + match[0].length
    if (match[0] === '$${') {
      text += '${'
      continue
    }
    const { name, fallback } = readReference(match[1] ?? '', match[2] === '}', place)
    const value = readVariable(name, fallback === undefined ? 'required' : 'optional', place)
    warnings.push(...value.warnings)
    if (value.text === '') {
      optional = true
      text += fallback ?? ''
    } else text += put({ name, value: value.text, before: text, after: template.slice(done) })
  }
  return { text: text + template.slice(done), optional, warnings }
}

/**
 * One variable, its ends trimmed; a required one that is unset or empty is an error, an optional one is then ''.
 * Throws `env-undefined` or `env-empty`.
 */
export function readVariable(
  name: string,
  need: 'required' | 'optional',
  place: Place,
): { text: string; warnings: readonly Warning[] } {
  const raw = lookUp(name, place.environment)
  if (raw !== undefined) refuseSelfReference(name, raw, place)
  const text = trimEnds(raw ?? '')
  if (text === '') {
    if (need === 'optional') return { text, warnings: [] }
    const { environment, what } = place
    if (raw === undefined)
      throw unfilled('env-undefined', {
        kind: 'variable',
        what,
        name,
        known: Object.keys(environment.values),
      })
    throw usage(
      'env-empty',
      `${place.what} uses the variable ${name}, which is empty; give ${name} its value`,
    )
  }
  const warnings: Warning[] = []
  if (text !== raw) {
    const code = 'env-trimmed'
    warnings.push({ code, text: `blanks or line ends around the text of the variable ${name} were left out` })
  }
  const left = holdsForeignReference(text, place.environment)
  if (left) {
    const code = 'unexpanded-dollar'
    warnings.push({
      code,
      text: `the variable ${name} holds a $\{…} that nobody has filled in, and it goes out as it is; write the value itself into ${name}`,
    })
  }
  return { text, warnings }
}

/** A path as a person writes it: `${VAR}` filled in, `~` turned into the home folder. */
export function fillInPath(written: string, home: () => string, place: Place): Filled {
  const filled = fillIn(trimEnds(written), place, ({ value }) => value)
  return { ...filled, text: filled.text.replace(/^~(?=$|[/\\])/, home) }
}

function readReference(body: string, closed: boolean, place: Place): { name: string; fallback?: string } {
  const match = REFERENCE.exec(body)
  const nested = match?.[2]?.includes('${') === true
  if (!closed || match === null || nested)
    throw unfilled('env-syntax', { kind: 'reference', what: place.what, body, closed, nested })
  return match[2] === undefined ? { name: match[1]! } : { name: match[1]!, fallback: match[2] }
}

/** The editor passed `"env": {"X": "${X}"}` on as it is, so the secret never came. */
function refuseSelfReference(name: string, text: string, place: Place): void {
  const itself = new RegExp(
    `\\$\\{(?:env:)?${name}(?::-[^}]*)?\\}|^\\s*(?:\\$(?:env:)?${name}|%${name}%)\\s*$`,
    place.environment.windows ? 'i' : '',
  )
  if (!itself.test(text)) return
  throw usage(
    'env-undefined',
    `${place.what} uses the variable ${name}, which holds only a reference to itself because the editor did not fill it in; write the value itself into ${name} in the "env" block of the editor's config`,
  )
}

function holdsForeignReference(text: string, environment: Environment): boolean {
  return [...text.matchAll(/\$\{([^}]*)\}/g)].some(([, body]) => {
    const name = REFERENCE.exec(body ?? '')?.[1]
    return name === undefined ? /^(?:\w+:|\{)/.test(body ?? '') : lookUp(name, environment) === undefined
  })
}

/** What cannot be filled in. `unexpected.ts`, which few starts need, finds the words for it. */
export type Unfilled = { readonly what: string } & (
  | {
      readonly kind: 'variable'
      readonly name: string
      /** The names of those that are set. */
      readonly known: readonly string[]
    }
  | { readonly kind: 'reference'; readonly body: string; readonly closed: boolean; readonly nested: boolean }
)

function unfilled(code: string, cause: Unfilled): BridgeError {
  return new BridgeError('usage', `${cause.what} has a variable that cannot be filled in`, { code }, cause)
}
