// One entry of mcp-remote → the entry of ours that does the same. What stands in its `env` stays there as it is written,
// with what the editor fills in; what is secret in its arguments goes there as well. arguments.md 6.
import { type BridgeError, usage } from '../../errors.ts'
import type { Editor } from '../editors/editor.ts'
import type { Entry, Value } from '../editors/entry.ts'
import { readIntent } from '../editors/intent.ts'
import { type Rendered, textOfSecret } from '../editors/rendering.ts'
import type { ServerFields } from '../files/servers.ts'
import { type Call, isShared } from './config-call.ts'
import { makeEntry } from './config-entry.ts'
import { envOf, isByRunner, launchOf, wordsOf } from './config-launch.ts'

export interface Converted {
  readonly editor: Editor
  readonly name: string
  readonly before: ServerFields
  /** Without what is kept. */
  readonly entry: Entry
  /** For `env`, as it is to stand there. */
  readonly kept: Readonly<Record<string, string>>
  readonly notes: readonly string[]
  /** Whether it goes by a sign-in, as far as can be seen. */
  readonly isSignedIn: boolean
}

interface Given {
  readonly editor: Editor
  readonly name: string
  readonly server: ServerFields
}

/** In the place of what the editor fills in, while the arguments are read. */
const STAND_IN = 'stand-in'

/** Rejects with BridgeError `usage`: why it cannot be. */
export async function convert({ editor, name, server }: Given, call: Call): Promise<Converted> {
  const launch = launchOf(server)
  if (launch === undefined) throw unread(server)
  if (Array.isArray(server.command))
    throw usage(
      'bad-value',
      'its command is a list, as opencode has it, and that shape is not written here; write mcp-ferry there in the place of mcp-remote',
    )
  const { args, env: raw } = withVariables(launch.args, envOf(server), editor)
  const own = Object.fromEntries(
    Object.entries(raw).map(([variable, text]) => [variable, isFilledIn(text, editor) ? STAND_IN : text]),
  )
  const intent = await readIntent(args, call.surroundings, own)
  const { kept, rest } = parted(intent.env, raw)
  const wanted = {
    editor,
    name,
    intent: { ...intent, env: rest },
    isShared: isShared(editor, call.file!, call),
  }
  const { entry, notes } = await makeEntry(wanted, call)
  const hasCredential = intent.args.some((arg) => /^(?:Authorization=|--bearer)/i.test(arg))
  return {
    ...{ editor, name, before: server, entry, kept },
    notes: [...intent.notes, ...notes],
    isSignedIn: !hasCredential,
  }
}

function unread(server: ServerFields): BridgeError {
  const isOneText = wordsOf(server).some((word) => /\smcp-remote\b|\bmcp-remote\s/.test(word))
  if (isByRunner(server) && isOneText)
    return usage('bad-value', 'it has several words in one argument; write each as an argument of its own')
  const what = isByRunner(server)
    ? 'it is not mcp-remote itself that is started there'
    : 'mcp-remote is started by a shell there, whose line is not read'
  return usage('bad-value', `${what}; write the entry anew with config`)
}

/** What only the editor fills in becomes a variable that it fills in. */
function withVariables(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  editor: Editor,
): { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> } {
  const more: Record<string, string> = {}
  const replaced = args.map((arg) => {
    const text = arg.replace(/\$\{input:([^}]+)\}/g, (whole, id: string) => {
      const variable = id
        .toUpperCase()
        .replace(/[^A-Z0-9]+/g, '_')
        .replace(/^(?=\d)|^$/, '_')
      more[variable] = whole
      return `\${${variable}}`
    })
    return editor.name === 'gemini' ? text.replace(/\$([A-Za-z_]\w*)/g, '$${$1}') : text
  })
  return { args: replaced, env: { ...more, ...env } }
}

function isFilledIn(text: string, { expands }: Editor): boolean {
  return expands?.test(text) === true || text.includes('${input:')
}

/** What stays in `env` as it is written there, and the values that are new. */
function parted(
  env: readonly Value[],
  raw: Readonly<Record<string, string>>,
): { readonly kept: Readonly<Record<string, string>>; readonly rest: readonly Value[] } {
  const kept: Record<string, string> = {}
  const rest: Value[] = []
  for (const value of env) {
    const text = textFrom(value, raw)
    if (text === undefined) rest.push(value)
    else kept[value.variable] = text
  }
  const named = env.flatMap(({ variable, parts }) => [
    variable,
    ...parts.flatMap((part) => (typeof part === 'string' ? [] : part.variable)),
  ])
  for (const [variable, text] of Object.entries(raw)) if (!named.includes(variable)) kept[variable] = text
  return { kept, rest }
}

/** The value as it is to be written, if it is made of nothing but what the entry had. */
function textFrom({ parts }: Value, raw: Readonly<Record<string, string>>): string | undefined {
  let text = ''
  let isOwn = false
  for (const part of parts) {
    if (typeof part === 'string') {
      text += part
      continue
    }
    const written = raw[part.variable]
    if (written === undefined) return undefined
    isOwn = true
    text += part.text === written ? textOfSecret(part) : written
  }
  return isOwn ? text : undefined
}

/** With what is kept; `shown`: only what is no secret of it. */
export function withKept(
  rendered: Rendered,
  { kept, editor }: Converted,
  how: 'shown' | 'written',
): Rendered {
  const names = Object.keys(kept)
  if (names.length === 0) return rendered
  const { server } = rendered
  const isShown = (text: string): boolean => how === 'written' || isFilledIn(text, editor)
  const own = names.map((name) => [name, isShown(kept[name]!) ? kept[name]! : `<${name}>`])
  return { ...rendered, server: { ...server, env: { ...envOf(server), ...Object.fromEntries(own) } } }
}
