// The entry that a command line of `config` comes to, before it is printed or put into a file: what starts the bridge, and
// who knows its secrets. arguments.md 6.
import { homedir, tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { usage } from '../../errors.ts'
import { credentialsFolder } from '../../paths.ts'
import { type Copy, keepCopy } from '../copies/copy.ts'
import { nodeToName, realPathOf } from '../copies/node-to-name.ts'
import type { Surroundings } from '../door.ts'
import type { Editor } from '../editors/editor.ts'
import type { Entry, Secret, Value } from '../editors/entry.ts'
import type { Intent } from '../editors/intent.ts'
import { directLaunch, npxLaunch } from '../editors/rendering.ts'
import type { Call, Form } from './config-call.ts'
import { createPrompt } from './prompt.ts'

/** A copy of the running version and the Node that entries start it with. */
export interface Installed {
  readonly node: string
  readonly copy: Copy
  /** For stderr. */
  readonly notes: readonly string[]
}

/** Where copies are. An editor starts entries in another folder than this one, so the path is absolute. */
export async function dataFolder({ env, program }: Surroundings): Promise<string> {
  return resolve(program.cwd(), await credentialsFolder(env))
}

/** Rejects with BridgeError `usage`, code `copy-impossible`. */
export async function install(surroundings: Surroundings): Promise<Installed> {
  const { program, version, env, platform } = surroundings
  const folder = await dataFolder(surroundings)
  const copy = keepCopy({ started: program.argv[1], version, folder })
  const { path, note } = nodeToName({
    execPath: program.execPath,
    platform,
    env,
    home: homedir(),
    temporary:
      platform === 'win32' ? [tmpdir()] : [tmpdir(), '/tmp', '/var/tmp', '/var/folders', '/private/var'],
    realPath: realPathOf,
  })
  return { node: path, copy, notes: note === undefined ? [] : [note] }
}

export interface Made {
  readonly entry: Entry
  readonly notes: readonly string[]
}

export interface Wanted {
  readonly editor: Editor
  readonly name: string
  readonly intent: Intent
  /** Whether it goes with a project. */
  readonly isShared: boolean
}

/** Rejects as install does. */
export async function makeEntry(wanted: Wanted, call: Call): Promise<Made> {
  const { editor, name, intent, isShared } = wanted
  const { place, surroundings } = call
  const { args, env } = intent
  if (formFor(isShared, call) === 'npx') {
    // A project is opened on other systems too, and this way of starting npx does without cmd.
    const system = isShared && editor.launcher === 'cross-spawn' ? 'linux' : place.system
    return { entry: { name, ...npxLaunch(editor, system, surroundings.version, args), env }, notes: [] }
  }
  const { node, copy, notes } = await install(surroundings)
  return { entry: { name, ...directLaunch(node, copy.script, args), env }, notes }
}

/** A project goes to machines that have no copy of ours, and what is only printed may go anywhere. */
function formFor(isShared: boolean, { form, writes }: Call): Form {
  return form ?? (writes && !isShared ? 'installed' : 'npx')
}

/**
 * With each secret that is to stand in the file, asked for if need be; where others read the file, with none. Rejects with
 * BridgeError `usage`, code `secret-missing`, or with `shutdown` if the person has enough.
 */
export async function withSecrets(
  entry: Entry,
  editor: Editor,
  { isShared, surroundings }: { readonly isShared: boolean; readonly surroundings: Surroundings },
): Promise<Entry> {
  const { program, tell } = surroundings
  const prompt = createPrompt({ input: program.stdin, tell })
  const typed = new Map<string, string>()
  const settle = async (secret: Secret, value: Value): Promise<Secret> => {
    const isByName = isTakenByName(editor, value)
    if (isByName && isShared) return byName(secret)
    if (isShared) throw sharedSecret(secret, editor)
    if (secret.text !== undefined) return secret
    // It is in no variable here, so it will hardly be in the editor's environment; but where nobody can be asked it may.
    if (isByName && (editor.secrets?.kind === 'input' || program.stdin.isTTY !== true)) return byName(secret)
    const ifEmpty = isByName ? `${editor.title} takes it from its own environment` : undefined
    const text = typed.get(secret.variable) ?? (await prompt.ask({ ...secret, ifEmpty }))
    typed.set(secret.variable, text)
    return text === '' ? byName(secret) : { ...secret, text }
  }
  try {
    const env: Value[] = []
    for (const value of entry.env) {
      const parts: (string | Secret)[] = []
      for (const part of value.parts) parts.push(typeof part === 'string' ? part : await settle(part, value))
      env.push({ ...value, parts })
    }
    return { ...entry, env }
  } finally {
    prompt.close()
  }
}

/** The editor fills it in from its own environment; nothing that is known of it here goes into the file. */
function byName({ text: _, ...secret }: Secret): Secret {
  return { ...secret, isInEnvironment: true }
}

/** Whether the editor can do without the text: by its name, or by asking for it. */
function isTakenByName({ secrets }: Editor, { variable, parts }: Value): boolean {
  if (secrets?.kind !== 'forward') return secrets !== undefined
  const [only] = parts
  return parts.length === 1 && typeof only === 'object' && only.variable === variable
}

function sharedSecret({ what, variable }: Secret, { title, secrets }: Editor): Error {
  const instead =
    secrets?.kind === 'forward'
      ? `put all of it into the variable ${variable}, and write --bearer-env or --header-env with that`
      : 'leave out --project, so that it goes into your own file'
  return usage(
    'secret-in-project',
    `${what} would stand in a file that goes with the project, since ${title} takes it from nowhere else; ${instead}`,
  )
}
