// `mcp-ferry doctor --editor NAME [server]` and `--config FILE [server]`: each entry of an editor's files is looked at for
// what is known to go wrong, and started as that editor would. Each thing found is a step. users.md 1 and 2.
import type { Surroundings } from '../door.ts'
import type { Editor } from '../editors/editor.ts'
import { findEditor } from '../editors/editors.ts'
import type { ServerFields } from '../files/servers.ts'
import { checkEntry, type EntriesGround } from './entry-check.ts'
import { type FileReading, placeOf, readEditor, readNamed } from './entry-files.ts'
import { DOCTOR_EXIT, parted, type Step } from './step.ts'

export interface EntriesCheck {
  /** As `--editor` names it; with a file, the editor that it is read as. */
  readonly editor?: string
  /** As `--config` names it. */
  readonly file?: string
  /** Only this one. */
  readonly server?: string
  readonly surroundings: Pick<Surroundings, 'env' | 'platform' | 'program' | 'version' | 'stopped'>
  readonly report: (step: Step) => Promise<void>
}

type Read = Extract<FileReading, { readonly kind: 'read' }>

/** The exit code. Rejects with BridgeError `usage` where there is no such editor. */
export async function checkEntries(check: EntriesCheck): Promise<number> {
  const { surroundings, server } = check
  let hasFailed = false
  const report = async (step: Step): Promise<void> => {
    hasFailed ||= step.state === 'fail'
    await check.report(step)
  }
  const place = placeOf(surroundings)
  const editor = check.editor === undefined ? undefined : findEditor(check.editor)
  const readings =
    check.file === undefined ? readEditor(editor!, place) : [readNamed(check.file, editor, place)]
  for (const step of fileSteps(readings, check.file !== undefined, editor)) await report(step)
  const files = readings.filter((reading) => reading.kind === 'read')
  const isNamed = server !== undefined || check.file !== undefined
  const ground: EntriesGround = { surroundings, place, isNamed, report }
  const done: { readonly name: string; readonly text: string }[] = []
  for (const file of files)
    for (const [name, fields] of file.servers) {
      if (server !== undefined && name !== server) continue
      // Claude Desktop may read either of its files, and mostly both say the same.
      const text = JSON.stringify(fields)
      if (done.some((one) => one.name === name && one.text === text)) continue
      done.push({ name, text })
      await checkEntry({ name, fields, file, ground })
    }
  if (server !== undefined && done.length === 0 && files.length > 0) await report(noSuchServer(server, files))
  return hasFailed ? DOCTOR_EXIT.usage : DOCTOR_EXIT.ok
}

function fileSteps(readings: readonly FileReading[], isNamed: boolean, editor: Editor | undefined): Step[] {
  const steps = readings.flatMap((reading) => stepsOfFile(reading, isNamed))
  if (readings.length === 0)
    steps.push({
      name: 'file',
      state: 'fail',
      sees: `${editor?.title ?? 'the editor'} has no file of its own here`,
      advice: 'name the file: --config FILE',
    })
  else if (!isNamed && readings.every(({ kind }) => kind === 'missing'))
    steps.push({
      name: 'file',
      state: 'fail',
      sees: `${editor?.title ?? 'the editor'} has no config file`,
      advice: `mcp-ferry config ${editor?.name ?? 'EDITOR'} NAME URL --write makes one`,
    })
  return [...steps, ...difference(readings.filter((reading) => reading.kind === 'read'))]
}

function stepsOfFile(reading: FileReading, isNamed: boolean): Step[] {
  const { path, editor } = reading
  const facts = { file: path, editor: editor.name }
  if (reading.kind === 'missing') {
    const state = isNamed ? 'fail' : 'skipped'
    const advice = isNamed ? { advice: 'name a file that is there' } : {}
    return [{ name: 'file', state, sees: `${path} does not exist`, facts, ...advice }]
  }
  if (reading.kind === 'unreadable') {
    const text = reading.text.includes(path) ? reading.text : `${path}: ${reading.text}`
    const { sees, advice = 'mend it there; the editor reads nothing of it either' } = parted(text)
    return [{ name: 'file', state: 'fail', sees, advice, facts }]
  }
  const { servers, elsewhere } = reading
  const names = [...servers.keys()]
  if (elsewhere !== undefined)
    return [
      {
        name: 'file',
        state: 'fail',
        sees: `${path} has its servers in ${elsewhere}, and ${editor.title} looks in ${editor.path.join('.')}`,
        advice: `rename ${elsewhere} to ${editor.path.join('.')}`,
        facts: { ...facts, code: 'wrong-table' },
      },
    ]
  const count = names.length === 1 ? 'one server' : `${names.length || 'no'} servers`
  return [
    {
      name: 'file',
      state: names.length === 0 ? 'warn' : 'ok',
      sees: `${path} has ${count}, read as ${editor.title} reads it`,
      ...(names.length === 0 && {
        advice: `mcp-ferry config ${editor.name} NAME URL --write puts one there`,
      }),
      facts: { ...facts, servers: names },
    },
  ]
}

/** Which of them is read depends on how the editor was installed (arguments.md 6). */
function difference(files: readonly Read[]): Step[] {
  const own = files.filter(({ isProject }) => !isProject)
  const [first, ...others] = own
  const other = others.find(({ servers }) => textOf(servers) !== textOf(first!.servers))
  if (first === undefined || other === undefined) return []
  return [
    {
      name: 'file',
      state: 'warn',
      sees: `${first.path} and ${other.path} have different servers, and ${first.editor.title} reads only one of them`,
      advice: `write to both: mcp-ferry config ${first.editor.name} NAME URL --write does so`,
      facts: { code: 'differing-files', files: [first.path, other.path] },
    },
  ]
}

function textOf(servers: ReadonlyMap<string, ServerFields>): string {
  return JSON.stringify([...servers].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function noSuchServer(server: string, files: readonly Read[]): Step {
  const names = [...new Set(files.flatMap(({ servers }) => [...servers.keys()]))]
  return {
    name: 'entry',
    state: 'fail',
    sees: `there is no server ${server}`,
    advice: names.length === 0 ? 'leave the name out' : `take one of these: ${names.join(', ')}`,
    facts: { server, code: 'no-such-server' },
  }
}
