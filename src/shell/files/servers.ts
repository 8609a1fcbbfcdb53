// The table of servers in an editor's config, read from its text and changed in it: of everything else each byte stays.
// Pure. arguments.md 6.
import { usage } from '../../errors.ts'

/** What an editor's file holds for a server; only what anybody here looks at is named. */
export type ServerFields = Readonly<Record<string, unknown>>

export interface Table {
  readonly format: 'json' | 'toml'
  /** Where the servers are: `['mcpServers']`. */
  readonly path: readonly string[]
}

/** Throws BridgeError `usage`, code `config-unreadable`, which tells line and column. The text may be empty. */
export function readServers(_text: string, _table: Table): ReadonlyMap<string, ServerFields> {
  throw usage('config-unreadable', 'not there yet')
}

/** The text with this server in the table, new or in place of the one of that name. Throws as readServers does. */
export function withServer(_text: string, _table: Table, _name: string, _server: ServerFields): string {
  throw usage('config-unreadable', 'not there yet')
}

/** The text without it; the same text if it is not there. */
export function withoutServer(_text: string, _table: Table, _name: string): string {
  throw usage('config-unreadable', 'not there yet')
}

/** The text with these elements in the array at `path` of the whole, each in place of the one with the same `id` (VS Code's inputs). */
export function withInputs(
  _text: string,
  _path: readonly string[],
  _inputs: readonly ServerFields[],
): string {
  throw usage('config-unreadable', 'not there yet')
}
