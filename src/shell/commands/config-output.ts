// How `config` says what it has done: a JSON object on stdout for programs, else lines on stderr for the person.
import kleur from 'kleur'
import { isColoured } from '../colour.ts'
import type { Surroundings } from '../door.ts'
import { escaped } from '../foreign-text.ts'
import { writeTo } from '../screen.ts'

export function print({ program }: Surroundings, text: string): Promise<void> {
  return writeTo(program.stdout, text)
}

export function printJson(surroundings: Surroundings, value: unknown): Promise<void> {
  return print(surroundings, `${escaped(JSON.stringify(value, undefined, 2))}\n`)
}

/** For what is printed on stdout. */
export function colours({ program, env }: Surroundings): typeof kleur {
  kleur.enabled = isColoured(program.stdout, env)
  return kleur
}

/** How a person calls us again. */
export function commandFor(words: string): string {
  return `npx mcp-ferry ${words}`
}

export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}
