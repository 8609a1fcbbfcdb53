// What becomes of a server's entry that is there already when ours takes its place. Pure. arguments.md 6.
import type { ServerFields } from './servers.ts'

/** Ours in every editor: gone if the new entry has none, because what it held was for the program of before. */
const OURS = ['command', 'args', 'env']
/** These make an entry one of a server that the editor itself talks to over HTTP; with ours it would be neither, and Codex would read none of its file. */
const OF_REMOTES = [
  'url',
  'serverUrl',
  'httpUrl',
  'headers',
  'http_headers',
  'env_http_headers',
  'bearer_token_env_var',
  'oauth',
  'oauth_resource',
  'authProviderType',
]
/** These say which kind it is. */
const KINDS = ['type', 'transport']
/** What they say of a program; the second in Copilot CLI. */
const OF_PROGRAMS: readonly unknown[] = ['stdio', 'local']

export interface FieldChange {
  /** In the order in which they are given. */
  readonly set: readonly (readonly [string, unknown])[]
  readonly remove: readonly string[]
}

/** All else in it is the person's and stays: `disabled`, `autoApprove`, `timeout`. */
export function changeOf(before: ServerFields, server: ServerFields): FieldChange {
  const set = givenFields(server)
  const given = new Set(set.map(([key]) => key))
  const remove = Object.keys(before).filter(
    (key) =>
      !given.has(key) &&
      (OURS.includes(key) ||
        OF_REMOTES.includes(key) ||
        (KINDS.includes(key) && !OF_PROGRAMS.includes(before[key]))),
  )
  return { set, remove }
}

/** As a text can hold them: what is undefined is not there. */
export function givenFields(server: ServerFields): [string, unknown][] {
  return Object.entries(JSON.parse(JSON.stringify(server)) as ServerFields)
}

/** What the entry is to hold then. */
export function changed(before: ServerFields, { set, remove }: FieldChange): ServerFields {
  return Object.fromEntries([...Object.entries(before).filter(([key]) => !remove.includes(key)), ...set])
}
