// An entry in the shape that an editor reads: as fields for its file, and as text for a person to paste. Pure.
// arguments.md 6.
import { usage } from '../../errors.ts'
import { type ServerFields, withServer } from '../files/servers.ts'
import type { Editor, System } from './editor.ts'
import type { Entry, Secret, Value } from './entry.ts'

export interface Rendered {
  /** The server's fields. */
  readonly server: ServerFields
  /** VS Code's `inputs`, each with its `id`. */
  readonly inputs: readonly ServerFields[]
  /** What is to be in the environment that the editor is started in. */
  readonly fromEnvironment: readonly string[]
  /** The secrets that must stand in the file and are not known, or not to be shown: they are shown as <NAME>. */
  readonly missing: readonly string[]
  /** The names of the secrets whose text stands in it. */
  readonly literals: readonly string[]
}

interface Launch {
  readonly command: string
  readonly args: readonly string[]
}

/** Codex gives up after ten seconds, and npx may have to fetch us first. */
const NPX_START_SECONDS = 60

/** The pinned version by npx, as this editor has to start it. */
export function npxLaunch(
  editor: Pick<Editor, 'npxOnWindows'>,
  system: System,
  version: string,
  args: readonly string[],
): Launch {
  const rest = ['-y', `mcp-ferry@${version}`, ...args]
  return system === 'windows' && editor.npxOnWindows === 'cmd'
    ? { command: 'cmd', args: ['/d', '/c', 'npx', ...rest] }
    : { command: 'npx', args: rest }
}

/** With nothing in between. */
export function directLaunch(node: string, script: string, args: readonly string[]): Launch {
  return { command: node, args: [script, ...args] }
}

type How = 'shown' | 'written'

/** What is gathered while the values are made. */
interface Gathered {
  readonly editor: Editor
  readonly entry: Entry
  readonly how: How
  readonly inputs: Map<string, ServerFields>
  readonly fromEnvironment: Set<string>
  readonly missing: Set<string>
  readonly literals: Set<string>
}

/**
 * `shown`: secrets that would have to stand in the text are left out, for output. Throws BridgeError `usage`, code
 * `unsafe-value`, where the editor would change a value on its way.
 */
export function renderEntry(editor: Editor, entry: Entry, how: How): Rendered {
  const gathered: Gathered = {
    editor,
    entry,
    how,
    inputs: new Map(),
    fromEnvironment: new Set(),
    missing: new Set(),
    literals: new Set(),
  }
  const { command, args } = entry
  for (const text of [command, ...args])
    if (editor.expands?.test(text))
      throw usage(
        'unsafe-value',
        `${editor.title} would take a $ in ${text} for a variable of its own; use a path without it`,
      )
  const { secrets } = editor
  const isForwarded = (value: Value): boolean => secrets?.kind === 'forward' && canForward(value, how)
  const forwarded = entry.env.filter(isForwarded).map(({ variable }) => variable)
  for (const name of forwarded) gathered.fromEnvironment.add(name)
  const env = entry.env
    .filter((value) => !isForwarded(value))
    .map((value) => [value.variable, renderValue(value, gathered)] as const)
  const isNpx = command === 'npx' || (command === 'cmd' && args.includes('npx'))
  return {
    server: {
      ...editor.fields,
      command,
      args,
      ...(env.length > 0 && { env: Object.fromEntries(env) }),
      ...(secrets?.kind === 'forward' && forwarded.length > 0 && { [secrets.field]: forwarded }),
      ...(editor.name === 'codex' && isNpx && { startup_timeout_sec: NPX_START_SECONDS }),
    },
    inputs: [...gathered.inputs.values()],
    fromEnvironment: [...gathered.fromEnvironment],
    missing: [...gathered.missing],
    literals: [...gathered.literals],
  }
}

/** A variable of that name can only be passed on as it is. */
function canForward({ variable, parts }: Value, how: How): boolean {
  const [secret] = parts
  if (parts.length !== 1 || secret === undefined || typeof secret === 'string') return false
  if (secret.variable !== variable) return false
  return secret.isInEnvironment || (how === 'shown' && secret.text === undefined)
}

/** What stands in the file as it is, next to each other, is what the editor must leave as it is. */
function renderValue({ variable, parts }: Value, gathered: Gathered): string {
  const { editor } = gathered
  let text = ''
  let literal = ''
  for (const part of [...parts, undefined]) {
    const rendered = typeof part === 'object' ? renderSecret(part, gathered) : undefined
    const asItIs = part === undefined ? '' : typeof part === 'string' ? part : rendered?.literal
    if (asItIs === undefined || part === undefined) {
      if (editor.expands?.test(literal)) throw wouldExpand(variable, gathered)
      literal = ''
    } else literal += asItIs
    text += rendered?.text ?? asItIs ?? ''
  }
  return text
}

/** `literal`: what will be in the file as it is, where that is known; `text` may be less, for output. */
function renderSecret(secret: Secret, gathered: Gathered): { text: string; literal?: string } {
  const { editor, entry, how, inputs, fromEnvironment, missing, literals } = gathered
  const { secrets } = editor
  if (secrets?.kind === 'input') {
    const id = inputId(entry.name, secret.variable)
    inputs.set(id, { type: 'promptString', id, description: secret.what, password: true })
    return { text: `\${input:${id}}` }
  }
  const isUnknown = secret.text === undefined
  if (secrets?.kind === 'reference' && (secret.isInEnvironment || (how === 'shown' && isUnknown))) {
    fromEnvironment.add(secret.variable)
    return { text: secrets.write(secret.variable) }
  }
  const literal = textOfSecret(secret)
  if (how === 'shown') {
    missing.add(secret.variable)
    const text = `<${secret.variable}>`
    return literal === undefined ? { text } : { text, literal }
  }
  if (literal === undefined)
    throw new TypeError(`the secret ${secret.variable} was to be asked for before it is written`)
  literals.add(secret.variable)
  return { text: literal, literal }
}

/** What the editor keeps an answer under: the names of both are in it. */
function inputId(name: string, variable: string): string {
  return `${name}-${variable}`.toLowerCase().replace(/[^a-z0-9-]+/g, '-')
}

/** The inputs that were made for this entry and that nothing in `rest`, the text without it, uses. */
export function unusedInputs(name: string, server: ServerFields, rest: string): ReadonlySet<string> {
  const used = [...JSON.stringify(server).matchAll(/\$\{input:([^}]+)\}/g)].map(([, id]) => id ?? '')
  const ours = used.filter((id) => id.startsWith(inputId(name, '')))
  return new Set(ours.filter((id) => !rest.includes(`\${input:${id}}`)))
}

/** As it stands in the value. */
export function textOfSecret({ text, isInUrl }: Secret): string | undefined {
  return text !== undefined && isInUrl ? encodeURIComponent(text) : text
}

function wouldExpand(variable: string, { editor }: Gathered): Error {
  const sign = editor.secrets?.kind === 'reference' ? editor.secrets.write('NAME') : '${…}'
  const instead =
    editor.secrets?.kind === 'reference'
      ? `put all of it into a variable that is set in the environment that ${editor.title} is started in, and here, and write --header-env, --bearer-env or --url-env with that`
      : 'write the value itself, without a $ in it'
  return usage(
    'unsafe-value',
    `the value of ${variable} has a $ in it that ${editor.title} would take for a variable of its own, as in ${sign}; ${instead}`,
  )
}

/** A whole file with only this entry in it, to paste, with a line end at its end. */
export function textOf(editor: Editor, name: string, { server, inputs }: Rendered): string {
  if (editor.format === 'toml') return withServer('', editor, name, server)
  const table = [...editor.path].reverse().reduce<unknown>((inner, key) => ({ [key]: inner }), {
    [name]: server,
  })
  const file = { ...(inputs.length > 0 && { inputs }), ...(table as ServerFields) }
  return `${JSON.stringify(file, null, 2)}\n`
}
