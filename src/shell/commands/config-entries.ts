// The entries in the editors' files that lead through mcp-ferry or mcp-remote, and what is wrong with them. users.md 1
// rows 4, 7 and 19.
import { existsSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { isBridgeError } from '../../errors.ts'
import type { Editor } from '../editors/editor.ts'
import { ofFile, readFileText } from '../files/changed-file.ts'
import { readTables, type ServerFields } from '../files/servers.ts'
import type { Call } from './config-call.ts'
import { type Launch, launchOf } from './config-launch.ts'
import { tablesIn } from './config-tables.ts'

export interface Found {
  /** With the table that it is in. */
  readonly editor: Editor
  readonly file: string
  readonly name: string
  readonly server: ServerFields
  readonly launch: Launch
}

export interface Search {
  readonly found: readonly Found[]
  /** The texts of all the files that were there. */
  readonly texts: readonly string[]
  /** Files that could not be read, one sentence each. */
  readonly unreadable: readonly string[]
}

/** In each file of these editors that is there: the person's, and the project's of this folder. */
export function searchEntries(editors: readonly Editor[], { place, file, isProject }: Call): Search {
  const found: Found[] = []
  const texts: string[] = []
  const unreadable: string[] = []
  for (const editor of editors) {
    const project = editor.projectFile?.(place) ?? []
    const own = isProject ? [] : editor.files(place)
    const files = file === undefined ? new Set([...own, project].flat()) : [file]
    for (const path of files) {
      try {
        const text = readFileText(path)
        if (text === undefined) continue
        texts.push(text)
        found.push(...ofFile(path, () => entriesIn(editor, path, text)))
      } catch (thrown) {
        if (!isBridgeError(thrown)) throw thrown
        unreadable.push(thrown.message)
      }
    }
  }
  return { found, texts, unreadable }
}

function entriesIn(editor: Editor, file: string, text: string): Found[] {
  const tables = readTables(text, editor.format)
  return tablesIn(editor, tables).flatMap((table) =>
    [...tables(table.path)].flatMap(([name, server]) => {
      const launch = launchOf(server)
      return launch === undefined ? [] : [{ editor: table, file, name, server, launch }]
    }),
  )
}

export interface Problem {
  readonly code: 'copy-gone' | 'node-gone' | 'unpinned'
  readonly text: string
}

export function problemsOf({ launch }: Pick<Found, 'launch'>): Problem[] {
  const { form, words, at, version, product } = launch
  const problems: Problem[] = []
  if ((form === 'installed' || form === 'file') && isGone(words[at]!))
    problems.push({ code: 'copy-gone', text: `${words[at]} is gone` })
  if (isNodeGone(launch)) problems.push({ code: 'node-gone', text: `${words[0]} is gone` })
  if (form === 'npx' && product === 'mcp-ferry' && version === undefined)
    problems.push({
      code: 'unpinned',
      text: 'no version is named, so each start asks the registry for the latest',
    })
  return problems
}

export function isNodeGone({ form, words }: Launch): boolean {
  return form !== 'npx' && isGone(words[0]!)
}

function isGone(path: string): boolean {
  return isAbsolute(path) && !existsSync(path)
}
