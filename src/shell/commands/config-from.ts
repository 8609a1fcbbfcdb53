// `mcp-ferry config --from <file>`: the entries of mcp-remote in a file and what they become, printed or put in their place.
// users.md 3b, arguments.md 6.
import { EXIT, isBridgeError, usage } from '../../errors.ts'
import type { Editor } from '../editors/editor.ts'
import { renderEntry, textOf } from '../editors/rendering.ts'
import { ofFile, readFileText } from '../files/changed-file.ts'
import { readTables, type ServerFields } from '../files/servers.ts'
import { escaped } from '../foreign-text.ts'
import { quoted } from '../shown-command.ts'
import { type Call, isShared } from './config-call.ts'
import { type Converted, convert, withKept } from './config-conversion.ts'
import { withSecrets } from './config-entry.ts'
import { wordsOf as commandWords, describe, launchOf } from './config-launch.ts'
import { commandFor, listed, print, printJson } from './config-output.ts'
import { THEIRS, toldFor } from './config-refusal.ts'
import { environmentNotes } from './config-show.ts'
import { editorOf, tablesAnywhereIn } from './config-tables.ts'
import { type Outcome, type Put, putEntries, viewOf, wordsOf } from './config-write.ts'

interface Candidate {
  /** With the table that it is in. */
  readonly editor: Editor
  readonly name: string
  readonly server: ServerFields
}

interface Refused extends Pick<Candidate, 'name'> {
  readonly why: string
}

/** The exit code. Rejects with BridgeError `usage`. */
export async function convertFile(call: Call): Promise<number> {
  const { surroundings, isJson, writes, rest } = call
  if (rest.length > 0)
    throw usage('unexpected-argument', '--from takes a file and nothing else; remove what else is there')
  const file = call.file!
  const candidates = candidatesIn(file, call)
  const made: Converted[] = []
  const refused: Refused[] = []
  const puts: Put[] = []
  for (const candidate of candidates) {
    try {
      const one = await convert(candidate, call)
      if (writes) puts.push(await writable(one, call))
      made.push(one)
    } catch (thrown) {
      if (!isBridgeError(thrown) || thrown.kind !== 'usage') throw thrown
      const { message } = await toldFor(thrown, {
        behind: THEIRS,
        noUrl: 'write the entry anew with config',
      })
      refused.push({ name: candidate.name, why: message })
    }
  }
  const outcomes = puts.length === 0 ? [] : putEntries(file, puts)
  const done = made.map((one, index) => ({ made: one, outcome: outcomes[index] }))
  if (isJson) await printJson(surroundings, { file, converted: done.map(jsonOf), refused })
  else await tellOf({ file, done, refused, call })
  return refused.length === 0 ? EXIT.ok : EXIT.usage
}

function candidatesIn(file: string, { place }: Call): Candidate[] {
  const text = readFileText(file)
  if (text === undefined) throw usage('config-unreadable', `there is no file ${file}; write another path`)
  const servers = ofFile(file, () => {
    const usual = editorOf(file, place)
    const tables = readTables(text, usual.format)
    return tablesAnywhereIn(usual, tables).flatMap((editor) =>
      [...tables(editor.path)].map(([name, server]) => ({ editor, name, server })),
    )
  })
  return servers.filter(({ server }) => mentionsMcpRemote(server))
}

/** Also where it is in a shell's line, which cannot be read: that is told. */
function mentionsMcpRemote(server: ServerFields): boolean {
  const launch = launchOf(server)
  if (launch !== undefined) return launch.product === 'mcp-remote'
  return commandWords(server).some((word) => /\bmcp-remote\b/.test(word))
}

async function writable(made: Converted, { surroundings }: Call): Promise<Put> {
  const { editor, name } = made
  const entry = await withSecrets(made.entry, editor, { isShared: false, surroundings })
  return { editor, name, rendered: withKept(renderEntry(editor, entry, 'written'), made, 'written') }
}

function shown(made: Converted): ReturnType<typeof withKept> {
  return withKept(renderEntry(made.editor, made.entry, 'shown'), made, 'shown')
}

interface Step {
  readonly made: Converted
  readonly outcome: Outcome | undefined
}

function jsonOf({ made, outcome }: Step): Record<string, unknown> {
  const { name, editor, before, notes } = made
  const { server, inputs, missing, fromEnvironment } = shown(made)
  return {
    ...{ name, editor: editor.name, path: editor.path, before: describe(before) },
    ...{ server, inputs, missing, fromEnvironment, notes },
    ...(outcome !== undefined && viewOf(outcome)),
  }
}

interface Done {
  readonly file: string
  readonly done: readonly Step[]
  readonly refused: readonly Refused[]
  readonly call: Call
}

async function tellOf({ file, done, refused, call }: Done): Promise<void> {
  const { surroundings, writes } = call
  const { tell } = surroundings
  for (const { made, outcome } of done) {
    const { name, editor, before, notes } = made
    const rendered = shown(made)
    if (outcome !== undefined) tell(wordsOf(name, { ...outcome, backup: undefined }))
    else {
      tell(`${name}, which starts ${describe(before)}, becomes:`)
      await print(surroundings, escaped(textOf(editor, name, rendered)))
    }
    for (const note of [...notes, ...environmentNotes(editor, rendered.fromEnvironment)]) tell(note)
    if (rendered.missing.length > 0 && isShared(editor, file, call))
      tell(
        `${listed(rendered.missing)} of ${name} stands in a file that goes with the project; take it out of there`,
      )
    if (rendered.inputs.length > 0) tell(`${editor.title} asks for what is secret when it starts the server`)
  }
  for (const { name, why } of refused) tell(`${name} stays as it is: ${why}`)
  if (done.length + refused.length === 0) tell(`no entry in ${file} starts mcp-remote`)
  if (done.length === 0) return
  const { backup } = done[0]?.outcome ?? {}
  if (backup !== undefined) tell(`as it was before, ${file} is in ${backup}`)
  const [titled] = done.map(({ made }) => made.editor)
  if (writes) tell(titled!.afterwards)
  else tell(`to put that in their place, run it again with --write; ${whatIsKept(file, call)}`)
  if (writes) tell(`to check it: ${commandFor(`doctor --config ${quoted(file)}`)}`)
  if (done.some(({ made }) => made.isSignedIn))
    tell(`to go on with a sign-in of mcp-remote: ${commandFor('login --import-mcp-remote <url>')}`)
}

function whatIsKept(file: string, call: Call): string {
  const isByNpx = call.form !== undefined || isShared(editorOf(file, call.place), file, call)
  return `values are kept${isByNpx ? '' : ', and a copy on this machine is started instead of npx, unless --npx is there too'}`
}
