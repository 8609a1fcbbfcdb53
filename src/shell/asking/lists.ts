// `tools`, `resources`, `templates` and `prompts`: as a table for a person, as columns for a pipe, or as JSON that is what the
// remote has sent.
import kleur from 'kleur'
import { findNamed, firstLine, LISTS, listAll } from '../listing.ts'
import { OUTCOME } from '../outcome.ts'
import { fieldsOf, memberOf, type Raw, textOfRaw } from '../raw-json.ts'
import type { Screen } from '../screen.ts'
import { alignRows, type Column } from '../wide-text.ts'
import { type Argument, argumentsInOrder, promptArguments, showOne, toolArguments } from './details.ts'
import type { Conversation } from './session.ts'

export type ListName = keyof typeof LISTS

export interface ListSettings {
  readonly list: ListName
  readonly isJson: boolean
  /** Of tools: their schemas alone. */
  readonly isSchema: boolean
  /** The one that is asked for. */
  readonly name: string | undefined
}

export async function showList(
  { client, screen, note }: Conversation,
  { list, isJson, isSchema, name }: ListSettings,
): Promise<number> {
  if (name !== undefined) {
    const found = await findNamed(client, LISTS[list], name)
    if (isSchema) await screen.json(schemaOf(found))
    else if (isJson) await screen.json(textOfRaw(found))
    else await showOne(screen, list === 'tools' ? 'tool' : 'prompt', fieldsOf(found))
    return OUTCOME.ok
  }
  const { items, cut, absent } = await listAll(client, LISTS[list])
  if (isSchema) await screen.json(schemas(items))
  else if (isJson) await screen.json(jsonArray(items))
  else await showTable(screen, list, items)
  if (cut !== undefined) note(cut)
  if (items.length === 0 && cut === undefined) note(absent ?? `there are no ${LISTS[list].words} to show`)
  return cut === undefined ? OUTCOME.ok : OUTCOME.protocol
}

/** One element a line. */
function jsonArray(items: readonly Raw[]): string {
  return items.length === 0 ? '[]' : `[\n${items.map(textOfRaw).join(',\n')}\n]`
}

const NO_SCHEMA = '{}'

function schemas(tools: readonly Raw[]): string {
  const named = tools
    .map((tool) => [fieldsOf(tool).name, schemaOf(tool)] as const)
    .filter(([name]) => typeof name === 'string')
    .map(([name, schema]) => `${JSON.stringify(name)}:${schema}`)
  return named.length === 0 ? '{}' : `{\n${named.join(',\n')}\n}`
}

function schemaOf(tool: Raw): string {
  const schema = memberOf(tool, 'inputSchema')
  return schema === undefined ? NO_SCHEMA : textOfRaw(schema)
}

const NAME: Column = { head: 'NAME', most: 40 }
const ADDRESS = 60
const COLUMNS: Readonly<Record<ListName, readonly Column[]>> = {
  tools: [NAME, { head: 'ARGUMENTS', most: 30 }, { head: 'DESCRIPTION' }],
  prompts: [NAME, { head: 'ARGUMENTS', most: 30 }, { head: 'DESCRIPTION' }],
  resources: [{ head: 'URI', most: ADDRESS }, NAME, { head: 'TYPE', most: 24 }, { head: 'DESCRIPTION' }],
  templates: [{ head: 'TEMPLATE', most: ADDRESS }, NAME, { head: 'TYPE', most: 24 }, { head: 'DESCRIPTION' }],
}

async function showTable(screen: Screen, list: ListName, items: readonly Raw[]): Promise<void> {
  if (items.length === 0) return
  const rows = items.map((item) => rowOf(list, fieldsOf(item)).map(firstLine))
  if (!screen.isTerminal) return screen.lines(rows.map((row) => row.join('\t')))
  const [head = '', ...lines] = alignRows(COLUMNS[list], rows, screen.columns)
  await screen.lines([kleur.dim(head), ...lines])
}

function rowOf(list: ListName, fields: Readonly<Record<string, unknown>>): readonly unknown[] {
  const { name, title, description, mimeType, uri, uriTemplate } = fields
  const about = firstLine(description) === '' ? title : description
  switch (list) {
    case 'tools':
      return [name, argumentWords(toolArguments(fields)), about]
    case 'prompts':
      return [name, argumentWords(promptArguments(fields)), about]
    case 'resources':
      return [uri, name, mimeType, about]
    case 'templates':
      return [uriTemplate, name, mimeType, about]
  }
}

function argumentWords(all: readonly Argument[]): string {
  return argumentsInOrder(all)
    .map(({ name, isRequired }) => (isRequired ? name : `[${name}]`))
    .join(' ')
}
