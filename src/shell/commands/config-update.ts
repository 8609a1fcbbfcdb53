// `mcp-ferry config --update`: our entries start the running version from now on, with the arguments and the values that
// they had; then copies that nothing names are removed. arguments.md 6.
import { EXIT } from '../../errors.ts'
import { realPathOf } from '../copies/node-to-name.ts'
import { removeOldCopies } from '../copies/old-copies.ts'
import type { Surroundings } from '../door.ts'
import { EDITORS } from '../editors/editors.ts'
import { changeFile } from '../files/changed-file.ts'
import { readServers, type ServerFields, withServer } from '../files/servers.ts'
import { type Call, readEditors } from './config-call.ts'
import { type Found, isNodeGone, searchEntries } from './config-entries.ts'
import { dataFolder, type Installed, install } from './config-entry.ts'
import { launchOf } from './config-launch.ts'
import { printJson } from './config-output.ts'
import { backupWords } from './config-write.ts'

interface Moved {
  readonly editor: string
  readonly file: string
  readonly name: string
  readonly from: string
  readonly backup?: string
}

/** The exit code. Rejects with BridgeError `usage`. */
export async function update(call: Call): Promise<number> {
  const { surroundings, isJson } = call
  const { tell, version } = surroundings
  const { found, texts, unreadable } = searchEntries(readEditors(call), call)
  // What is named now may still run, and may want to load more of itself: it stays until the next time.
  const everywhere = searchEntries(EDITORS, { ...call, isProject: false, file: undefined })
  const ours = found.filter(({ launch }) => launch.product === 'mcp-ferry')
  const installed = ours.some(isByCopy) ? await install(surroundings) : undefined
  const moved = [...new Set(ours.map(({ file }) => file))].flatMap((file) =>
    moveEntries(
      file,
      ours.filter((one) => one.file === file),
      version,
      installed,
    ),
  )
  const running = realPathOf(surroundings.program.argv[1] ?? '') ?? ''
  const naming = [...texts, ...everywhere.texts, installed?.copy.folder ?? '', running]
  const removed = await clean(surroundings, naming, [...unreadable, ...everywhere.unreadable])
  if (isJson) await printJson(surroundings, { version, updated: moved, removedCopies: removed, unreadable })
  else tellOf({ moved, removed, call, count: ours.length })
  for (const text of unreadable) tell(`mcp-ferry: ${text}`)
  return unreadable.length === 0 ? EXIT.ok : EXIT.usage
}

function isByCopy({ launch }: Found): boolean {
  return launch.form === 'installed'
}

/** In one change, so that one backup has the text of before. Nothing if all is as it should be already. */
function moveEntries(
  file: string,
  entries: readonly Found[],
  version: string,
  installed: Installed | undefined,
): Moved[] {
  let moved: Moved[] = []
  const { isChanged, backup } = changeFile(file, (text) => {
    moved = []
    let now = text
    for (const { editor, name } of entries) {
      // It may have been changed since it was found.
      const server = now === undefined ? undefined : readServers(now, editor).get(name)
      const next = server === undefined ? undefined : movedServer(server, version, installed)
      if (now === undefined || server === undefined || next === undefined) continue
      now = withServer(now, editor, name, next)
      moved.push({ editor: editor.name, file, name, from: launchOf(server)?.version ?? 'no version' })
    }
    return now
  })
  if (!isChanged) return []
  return backup === undefined ? moved : moved.map((one) => ({ ...one, backup }))
}

/** Only what starts it is another; undefined if it need not be. */
function movedServer(
  server: ServerFields,
  version: string,
  installed: Installed | undefined,
): ServerFields | undefined {
  const launch = launchOf(server)
  if (launch === undefined || launch.product !== 'mcp-ferry') return undefined
  // What has all of it in one list is not of a shape that is written here.
  if (Array.isArray(server.command)) return undefined
  const { form, words, at } = launch
  const put = (places: Readonly<Record<number, string>>): ServerFields | undefined => {
    const [command = '', ...args] = words.map((word, index) => places[index] ?? word)
    const isSame = words.every((word, index) => (places[index] ?? word) === word)
    return isSame ? undefined : { ...server, command, args }
  }
  if (form === 'npx') return put(npxPlaces(words, at, version))
  if (form !== 'installed' || installed === undefined) return undefined
  const { node, copy } = installed
  return put({ [at]: copy.script, ...(isNodeGone(launch) && { 0: node }) })
}

/** The version stands at the name, or at what `--package` says. */
function npxPlaces(words: readonly string[], at: number, version: string): Readonly<Record<number, string>> {
  const pinned = `mcp-ferry@${version}`
  const earlier = words
    .slice(0, at)
    .flatMap((word, index) => (/(?:^|=)mcp-ferry(?:@|$)/.test(word) ? [index] : []))
  if (earlier.length === 0) return { [at]: pinned }
  return Object.fromEntries(
    earlier.map((index) => [index, words[index]!.replace(/mcp-ferry(?:@.*)?$/, pinned)]),
  )
}

/** Nothing while a file could not be read: it may name them. */
async function clean(
  surroundings: Surroundings,
  texts: readonly string[],
  unreadable: readonly string[],
): Promise<readonly string[]> {
  if (unreadable.length > 0) return []
  const folder = await dataFolder(surroundings)
  return removeOldCopies({
    folder,
    isNeeded: (name) => texts.some((text) => text.includes(name)),
    nowMs: Date.now(),
  })
}

interface Done {
  readonly moved: readonly Moved[]
  readonly removed: readonly string[]
  readonly count: number
  readonly call: Call
}

function tellOf({ moved, removed, count, call }: Done): void {
  const { tell, version } = call.surroundings
  for (const { file, name, from, backup } of moved) {
    const what = from === version ? 'names a Node that is there' : `starts ${version} now, before ${from}`
    tell(`${name} in ${file} ${what}${backupWords(backup)}`)
  }
  if (moved.length === 0)
    tell(
      count === 0
        ? 'no entry starts mcp-ferry, so there is nothing to update'
        : `every entry starts ${version} already; nothing to change`,
    )
  else tell('an editor that runs now takes it when it starts its servers again')
  for (const folder of removed)
    tell(`removed the copy ${folder}, which no file of an editor that is known here names`)
}
