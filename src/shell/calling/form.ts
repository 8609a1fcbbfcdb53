// A form of the server's, filled in at the terminal: field by field, looked over, and sent, declined or cancelled.
// Spec: 2025-11-25, client/elicitation.

import { shownLine } from '../foreign-text.ts'
import { harmless } from '../screen.ts'
import { contentOf, type Field, readField } from './form-fields.ts'
import type { Person } from './person.ts'

export const DECLINED = '{"action":"decline"}'
export const CANCELLED = '{"action":"cancel"}'

export interface Form {
  /** Who asks. */
  readonly host: string
  readonly message: string
  readonly fields: readonly Field[]
}

/** The JSON of an ElicitResult. */
export async function fillIn({ host, message, fields }: Form, person: Person): Promise<string> {
  person.say(`\n${host} asks: ${harmless(message)}`)
  const what = fields.length === 0 ? 'Accept?' : 'Answer? (n declines, Ctrl-D cancels)'
  const agrees = await person.agrees(what, fields.length > 0)
  if (agrees === undefined) return CANCELLED
  if (!agrees) return DECLINED
  let answers = new Map<string, string>()
  while (fields.length > 0) {
    const filled = await askAll(fields, answers, person)
    if (filled === undefined) return CANCELLED
    answers = filled
    person.say(`\nWhat ${host} will get:`)
    for (const [name, json] of answers) person.say(`  ${shownLine(name)}: ${shownLine(json)}`)
    const choice = await decide(person)
    if (choice === 'send') break
    if (choice !== 'edit') return choice === 'decline' ? DECLINED : CANCELLED
  }
  return `{"action":"accept","content":${contentOf(answers)}}`
}

async function decide(person: Person): Promise<'send' | 'edit' | 'decline' | 'cancel'> {
  for (;;) {
    const typed = (await person.ask('Send it? [Y/n/e to edit] ', true))?.trim().toLowerCase()
    if (typed === undefined) return 'cancel'
    if (/^(?:|y|yes)$/.test(typed)) return 'send'
    if (/^(?:n|no)$/.test(typed)) return 'decline'
    if (/^(?:e|edit)$/.test(typed)) return 'edit'
  }
}

/** Undefined: cancelled. */
async function askAll(
  fields: readonly Field[],
  before: ReadonlyMap<string, string>,
  person: Person,
): Promise<Map<string, string> | undefined> {
  const answers = new Map<string, string>()
  for (const field of fields) {
    const byDefault = before.get(field.name) ?? field.byDefault
    const json = await askOne(field, byDefault, person)
    if (json === undefined) return undefined
    if (json !== '') answers.set(field.name, json)
  }
  return answers
}

/** An empty text: left out. */
async function askOne(
  field: Field,
  byDefault: string | undefined,
  person: Person,
): Promise<string | undefined> {
  const { title, description, choices, isRequired } = field
  person.say(`\n${title}${description === '' ? '' : `: ${description}`}`)
  for (const [at, { value, title: name }] of choices.entries())
    person.say(`  ${at + 1}  ${shownLine(value)}${name === '' || name === value ? '' : ` (${name})`}`)
  const empty =
    byDefault !== undefined
      ? `Enter: ${shownLine(byDefault)}`
      : isRequired
        ? 'required'
        : 'Enter leaves it out'
  for (;;) {
    const typed = await person.ask(`${WORDS[field.kind]}, ${empty}> `)
    if (typed === undefined) return undefined
    const trimmed = typed.trim()
    if (trimmed === '' && byDefault !== undefined) return byDefault
    if (trimmed === '' && !isRequired) return ''
    if (trimmed === '') {
      person.say('  it is required')
      continue
    }
    const read = readField(field, trimmed)
    if ('json' in read) return read.json
    person.say(`  ${read.wrong}`)
  }
}

const WORDS: Readonly<Record<Field['kind'], string>> = {
  string: 'text',
  number: 'number',
  integer: 'whole number',
  boolean: 'yes or no',
  choice: 'one of these',
  choices: 'some of these, with commas',
}

/** Nobody looks: every field has to have a default that is required. */
export function byDefaults(fields: readonly Field[]): string {
  if (fields.some(({ isRequired, byDefault }) => isRequired && byDefault === undefined)) return DECLINED
  const answers = fields.flatMap(({ name, byDefault }) =>
    byDefault === undefined ? [] : [[name, byDefault] as const],
  )
  return `{"action":"accept","content":${contentOf(new Map(answers))}}`
}
