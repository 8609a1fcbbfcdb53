// `mcp-ferry config <editor> <name> <url>`: the entry for a person to paste, on stdout, and what else there is to do, on
// stderr. arguments.md 6.
import { usage } from '../../errors.ts'
import { findFlag } from '../../options/flags.ts'
import { inFull } from '../../options/further-flags.ts'
import type { Editor } from '../editors/editor.ts'
import { readIntent } from '../editors/intent.ts'
import { isPathFlag, namesFile } from '../editors/path-flags.ts'
import { type Rendered, renderEntry, textOf } from '../editors/rendering.ts'
import { type Call, filesFor, isShared, notesOfName, readTarget } from './config-call.ts'
import { makeEntry } from './config-entry.ts'
import { listed, print, printJson } from './config-output.ts'

/** The exit code. Rejects with BridgeError `usage`. */
export async function show(call: Call): Promise<number> {
  const { surroundings, isJson, place } = call
  const { editor, name, argv } = readTarget(call)
  if (call.isElsewhere) refusePaths(argv, place.system)
  const files = filesFor(editor, call)
  const intent = await readIntent(argv, surroundings)
  const shared = files.some((file) => isShared(editor, file, call))
  const made = await makeEntry({ editor, name, intent, isShared: shared }, call)
  const rendered = renderEntry(editor, made.entry, 'shown')
  const text = textOf(editor, name, rendered)
  const notes = [...notesOfName(name), ...intent.notes, ...made.notes]
  if (isJson) {
    const { server, inputs, missing, fromEnvironment } = rendered
    const { name: editorName, path, afterwards } = editor
    const system = place.system
    await printJson(surroundings, {
      ...{ editor: editorName, system, name, files, path, server, inputs, text },
      ...{ missing, fromEnvironment, notes, afterwards },
    })
    return 0
  }
  await print(surroundings, text)
  for (const line of [...notes, ...whatToDo(editor, files, { rendered, call })]) surroundings.tell(line)
  return 0
}

/** A path is made whole, and its file read, by the rules of this machine. */
function refusePaths(argv: readonly string[], system: string): void {
  for (const [at, word] of argv.entries()) {
    const [, flag = word, value = argv[at + 1] ?? ''] = /^([^=]*)=([\s\S]*)$/.exec(word) ?? []
    if (!namesFile(flag, value)) continue
    const { env } = inFull(findFlag(flag)!)
    const path = isPathFlag(flag) ? 'the path there' : '@ and the path there'
    throw usage(
      'bad-value',
      `${flag} names a file of this machine, and the entry is for ${system}; leave it out, and put ${path} into "env" as ${env}`,
    )
  }
}

interface Shown {
  readonly rendered: Rendered
  readonly call: Call
}

function whatToDo(editor: Editor, files: readonly string[], { rendered, call }: Shown): string[] {
  const { missing, fromEnvironment } = rendered
  const again = call.isElsewhere
    ? 'run this there, with --write and without --for'
    : 'run this again with --write'
  const steps = [
    files.length === 0 ? "put it into your editor's config" : `put it into ${listed(files)}, or ${again}`,
  ]
  if (missing.length > 0)
    steps.push(`put the values themselves in the place of ${listed(missing.map((name) => `<${name}>`))}`)
  steps.push(...environmentNotes(editor, fromEnvironment), editor.afterwards)
  return steps
}

/** What the editor must find in its own environment. */
export function environmentNotes({ title }: Editor, fromEnvironment: readonly string[]): string[] {
  if (fromEnvironment.length === 0) return []
  return [`set ${listed(fromEnvironment)} in the environment that ${title} is started in`]
}
