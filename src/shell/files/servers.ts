// The table of servers in an editor's config, read from its text and changed in it: of everything else each byte stays.
// Pure. arguments.md 6.
//
// A server that is there already is changed field by field (fields.ts): what is not ours and not of another kind of entry
// stays. What is broken is refused and never repaired. After each change the new text is read again and compared.
import {
  jsonTables,
  jsonWithInputs,
  jsonWithoutInputs,
  jsonWithoutServer,
  jsonWithServer,
} from './json-servers.ts'
import { tomlTables, tomlWithoutServer, tomlWithServer } from './toml-servers.ts'

/** What an editor's file holds for a server; only what anybody here looks at is named. */
export type ServerFields = Readonly<Record<string, unknown>>

export interface Table {
  readonly format: 'json' | 'toml'
  /** Where the servers are: `['mcpServers']`. */
  readonly path: readonly string[]
}

/** The servers in each table of a text that is read once, by where the table is. Throws as readServers does. */
export type Tables = (path: Table['path']) => ReadonlyMap<string, ServerFields>

/** Throws as readServers does for a text that is broken as a whole. */
export function readTables(text: string, format: Table['format']): Tables {
  const { body } = parted(text)
  return format === 'json' ? jsonTables(body) : tomlTables(body)
}

/**
 * The servers whose entry has fields at all. Throws BridgeError `usage`, code `config-unreadable`, which tells line and
 * column. The text may be empty.
 */
export function readServers(text: string, { format, path }: Table): ReadonlyMap<string, ServerFields> {
  return readTables(text, format)(path)
}

/** The text with this server in the table, new or in place of the one of that name. Throws as readServers does. */
export function withServer(
  text: string,
  { format, path }: Table,
  name: string,
  server: ServerFields,
): string {
  const { mark, body } = parted(text)
  const change = format === 'json' ? jsonWithServer : tomlWithServer
  return mark + change(body, path, name, server)
}

/** The text without it; the same text if it is not there. A table that becomes empty stays. */
export function withoutServer(text: string, { format, path }: Table, name: string): string {
  const { mark, body } = parted(text)
  const change = format === 'json' ? jsonWithoutServer : tomlWithoutServer
  return mark + change(body, path, name)
}

/** The text with these elements in the array at `path` of the whole, each in place of the one with the same `id` (VS Code's inputs). */
export function withInputs(text: string, path: readonly string[], inputs: readonly ServerFields[]): string {
  const { mark, body } = parted(text)
  return mark + jsonWithInputs(body, path, inputs)
}

/** The text without the elements of those ids in that array. Throws as readServers does. */
export function withoutInputs(text: string, path: readonly string[], ids: ReadonlySet<string>): string {
  const { mark, body } = parted(text)
  return mark + jsonWithoutInputs(body, path, ids)
}

/** Windows programs begin a file with a byte order mark, which is no part of the text for a parser. */
function parted(text: string): { mark: string; body: string } {
  return text.startsWith('\uFEFF') ? { mark: '\uFEFF', body: text.slice(1) } : { mark: '', body: text }
}
