// What is said of one flag: on the command line, else in its variable, else by default. Pure.
import type { FlagName } from './flag-table.ts'
import { findFlag } from './flags.ts'
import type { Given } from './header-sources.ts'
import { readSwitch, type Sourced } from './quantities.ts'
import type { Environment } from './variables.ts'
import { lookUp, trimEnds, withoutQuotes } from './variables.ts'

/** A flag's text with where it came from; undefined if nobody says anything and there is no default. */
export type Settle = (name: FlagName) => Sourced | undefined

export function settler({ given, environment }: { given: Given; environment: Environment }): Settle {
  return (name) => {
    const flag = findFlag(name)
    const text = given.get(name)?.at(-1)
    if (text !== undefined) return { text: trimEnds(text), from: name }
    // An editor sets a variable to nothing when it has nothing to put in.
    const written = trimEnds((flag?.env && lookUp(flag.env, environment)) ?? '')
    const variable = flag?.kind === 'command' ? written : withoutQuotes(written)
    if (flag?.env !== undefined && variable !== '') return { text: variable, from: flag.env }
    return flag?.default === undefined ? undefined : { text: flag.default, from: name }
  }
}

/** A switch on the command line has no text; a variable says yes or no. */
export function isOn(given: Sourced | undefined): boolean {
  return given !== undefined && (given.text === '' || readSwitch(given))
}
