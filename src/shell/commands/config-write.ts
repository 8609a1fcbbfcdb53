// `mcp-ferry config … --write` and `--remove`: the entry in each file of the editor. users.md 2, arguments.md 6.
import { isDeepStrictEqual } from 'node:util'
import { usage } from '../../errors.ts'
import type { Editor } from '../editors/editor.ts'
import { readIntent } from '../editors/intent.ts'
import { type Rendered, renderEntry, unusedInputs } from '../editors/rendering.ts'
import { type Changed, changeFile, mayBeReadByOthers, ofFile, readFileText } from '../files/changed-file.ts'
import {
  readServers,
  type ServerFields,
  withInputs,
  withoutInputs,
  withoutServer,
  withServer,
} from '../files/servers.ts'
import { quoted } from '../shown-command.ts'
import { type Call, filesFor, isShared, notesOfName, readTarget } from './config-call.ts'
import { makeEntry, withSecrets } from './config-entry.ts'
import { describe, launchOf } from './config-launch.ts'
import { commandFor, printJson } from './config-output.ts'
import { environmentNotes } from './config-show.ts'

/** Where VS Code has what it asks for. */
const INPUTS = ['inputs']

/** What has become of one file. */
export interface Outcome extends Changed {
  /** What the entry of that name started before. */
  readonly before?: string
  readonly wasOurs: boolean
}

type Told = Omit<Outcome, 'backup'> & { readonly backup?: string | undefined }

/** The exit code. Rejects with BridgeError `usage`. */
export async function writeEntry(call: Call): Promise<number> {
  const { surroundings, isJson } = call
  const { tell } = surroundings
  const { editor, name, argv } = readTarget(call)
  const files = mustHaveFiles(editor, call)
  // A file that cannot be changed is told of before anything is asked for.
  for (const file of files) {
    const text = readFileText(file) ?? ''
    ofFile(file, () => readServers(text, editor))
  }
  const intent = await readIntent(argv, surroundings)
  const shared = files.some((file) => isShared(editor, file, call))
  const secret = await withSecrets({ name, command: '', args: [], env: intent.env }, editor, {
    isShared: shared,
    surroundings,
  })
  const wanted = { editor, name, intent: { ...intent, env: secret.env }, isShared: shared }
  const made = await makeEntry(wanted, call)
  const rendered = renderEntry(editor, made.entry, 'written')
  const outcomes = files.flatMap((file) => putEntries(file, [{ editor, name, rendered }]))
  const { fromEnvironment, literals } = rendered
  const open = files.filter((file) => literals.length > 0 && mayBeReadByOthers(file))
  const notes = [...notesOfName(name), ...intent.notes, ...made.notes, ...open.map(openNote)]
  if (isJson) {
    const { afterwards, name: editorName } = editor
    const written = outcomes.map(viewOf)
    await printJson(surroundings, { editor: editorName, name, written, fromEnvironment, notes, afterwards })
    return 0
  }
  for (const note of notes) tell(note)
  for (const outcome of outcomes) tell(wordsOf(name, outcome))
  for (const note of environmentNotes(editor, fromEnvironment)) tell(note)
  if (outcomes.some(({ isChanged }) => isChanged)) tell(editor.afterwards)
  const isUsual = call.file === undefined && !call.isProject
  tell(
    `to check it: ${commandFor(`doctor ${isUsual ? `--editor ${editor.name}` : `--config ${quoted(files[0]!)}`}`)}`,
  )
  return 0
}

function openNote(file: string): string {
  return `${file} has a secret in it and may be read by others on this machine; to keep it to yourself: chmod 600 ${quoted(file)}`
}

export interface Put {
  readonly editor: Editor
  readonly name: string
  readonly rendered: Rendered
}

/** All of them in one change, so that one backup has the text of before. Throws BridgeError `usage`. */
export function putEntries(file: string, puts: readonly Put[]): Outcome[] {
  let steps: Omit<Outcome, 'file' | 'backup'>[] = []
  const { isChanged, ...changed } = changeFile(file, (text = '') => {
    let now = text
    steps = puts.map((put) => {
      const before = readServers(now, put.editor).get(put.name)
      const next = withEntry(now, put, before)
      const isOther = next !== now
      now = next
      return { isChanged: isOther, ...pastOf(before) }
    })
    return now
  })
  return steps.map((step) => ({ ...changed, ...step, isChanged: isChanged && step.isChanged }))
}

function withEntry(
  text: string,
  { editor, name, rendered: { server, inputs } }: Put,
  before: ServerFields | undefined,
): string {
  const put = withServer(text, editor, name, server)
  const isSame = before !== undefined && isDeepStrictEqual(before, readServers(put, editor).get(name))
  const base = isSame ? text : put
  return inputs.length === 0 ? base : withInputs(base, INPUTS, inputs)
}

function pastOf(before: ServerFields | undefined): Pick<Outcome, 'before' | 'wasOurs'> {
  if (before === undefined) return { wasOurs: false }
  return { before: describe(before), wasOurs: launchOf(before)?.product === 'mcp-ferry' }
}

/** The exit code. Rejects with BridgeError `usage`. */
export async function removeEntry(call: Call): Promise<number> {
  const { surroundings, isJson } = call
  const { tell } = surroundings
  const { editor, name } = readTarget(call)
  const files = mustHaveFiles(editor, call)
  const outcomes = files.map((file) => takeEntry(editor, file, name))
  if (isJson) {
    const removed = outcomes.filter(({ isChanged }) => isChanged).map(viewOf)
    await printJson(surroundings, { editor: editor.name, name, removed })
    return 0
  }
  const gone = outcomes.filter(({ isChanged }) => isChanged)
  for (const { file, before, backup } of gone)
    tell(`removed the entry ${name}, which started ${before}, from ${file}${backupWords(backup)}`)
  if (gone.length > 0) tell(`${editor.title} forgets it when it is started again, if not before`)
  else tell(`there is no entry ${name} in ${files.join(' or ')}, so there is nothing to remove`)
  return 0
}

function takeEntry(editor: Editor, file: string, name: string): Outcome {
  if (readFileText(file) === undefined) return { file, isChanged: false, wasOurs: false }
  let before: ServerFields | undefined
  const changed = changeFile(file, (text = '') => {
    before = readServers(text, editor).get(name)
    if (before === undefined) return undefined
    const rest = withoutServer(text, editor, name)
    if (editor.secrets?.kind !== 'input') return rest
    return withoutInputs(rest, INPUTS, unusedInputs(name, before, rest))
  })
  return { ...changed, ...pastOf(before) }
}

/** Throws BridgeError `usage`. */
function mustHaveFiles(editor: Editor, call: Call): readonly string[] {
  const files = filesFor(editor, call)
  if (files.length === 0)
    throw usage(
      'bad-value',
      `where ${editor.title} keeps its config is not known; name its file with --file <path>`,
    )
  return files
}

/** One sentence for the person. */
export function wordsOf(name: string, { file, isChanged, before, wasOurs, backup }: Told): string {
  if (!isChanged) return `the entry ${name} in ${file} is like that already; nothing to change`
  if (before === undefined) return `wrote the entry ${name} into ${file}${backupWords(backup)}`
  const what = wasOurs ? 'renewed' : 'replaced'
  return `${what} the entry ${name}, which started ${before}, in ${file}${backupWords(backup)}`
}

export function backupWords(backup: string | undefined): string {
  return backup === undefined ? '' : `; as it was before, it is in ${backup}`
}

export function viewOf({ file, isChanged, backup, before }: Outcome): Record<string, unknown> {
  return {
    file,
    changed: isChanged,
    ...(backup !== undefined && { backup }),
    ...(before !== undefined && { before }),
  }
}
