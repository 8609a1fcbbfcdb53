// `call`: one tool of a remote's, as a person or a script wants it called. The result alone goes to stdout. users.md 2.
import { BridgeError, usage } from '../../errors.ts'
import { CALLING_FLAGS } from '../../options/calling-help.ts'
import type { Options } from '../../options/options.ts'
import type { Surroundings } from '../door.ts'
import { shownLine } from '../foreign-text.ts'
import { findNamed, LISTS } from '../listing.ts'
import { OUTCOME, resultOf } from '../outcome.ts'
import { fieldsOf, memberOf, rawOf, textOfRaw } from '../raw-json.ts'
import { readRemoteLine } from '../remote-line.ts'
import { type Given, readArguments } from './arguments.ts'
import { type Conversation, converse } from './conversation.ts'
import { createSaver } from './media.ts'
import { readObjects } from './objects.ts'
import { levelToSet } from './server-log.ts'
import { showResult, showWhole } from './showing.ts'

/** The exit code. Rejects with BridgeError `usage`. */
export async function runCall(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { options, flags, words } = await readRemoteLine(argv, CALLING_FLAGS, surroundings)
  const [name, ...rest] = words
  if (name === undefined || name === '')
    throw usage(
      'tool-missing',
      'no tool is named; write mcp-ferry call <url> <tool> name=value, and mcp-ferry tools <url> lists what there is',
    )
  const { program, tell, env, stopped } = surroundings
  const values = flags.get('--args') ?? []
  const takesStdin = values.includes('-')
  if (takesStdin && program.stdin.isTTY)
    tell('mcp-ferry: type the JSON of the arguments, and Ctrl-D at its end')
  const interrupted = stopped.then(() => undefined)
  const objects = await Promise.race([readObjects(values, program.stdin), interrupted])
  if (objects === undefined) return OUTCOME.interrupted
  const output = flags.get('--output')?.at(-1)
  const asksNobody = flags.has('--no-input')
  const settings = {
    surroundings,
    options: asksNobody ? { ...options, signIn: { ...options.signIn, asksNobody: true as const } } : options,
    name,
    takesStdin,
    isYes: flags.has('--yes'),
    asksNobody,
  }
  const showing = {
    output: program.stdout,
    env,
    saver: createSaver({ output, tool: name, cwd: program.cwd() }),
    savesAll: output !== undefined,
    tell,
  }
  return converse(settings, async (conversation) => {
    const json = await result(conversation, { name, words: rest, objects, options })
    await (flags.has('--json') ? showWhole(json, showing) : showResult(json, showing))
    if (member(json, 'isError') !== 'true') return OUTCOME.ok
    tell(`mcp-ferry: the tool ${shownLine(name)} says that it has failed`)
    return OUTCOME.tool
  })
}

interface Wanted extends Given {
  readonly name: string
  readonly options: Options
}

/** The JSON of the CallToolResult. */
async function result({ client, call }: Conversation, wanted: Wanted): Promise<string> {
  const { name, options } = wanted
  const level = levelToSet(options.log.level)
  if (level !== undefined && member(client.server, 'capabilities', 'logging') !== undefined)
    await client.ask('logging/setLevel', `{"level":"${level}"}`).reply
  // Without its schema nothing could be typed or checked.
  const { inputSchema } = fieldsOf(await findNamed(client, LISTS.tools, name))
  const json = resultOf('tools/call', await call(readArguments(wanted, { name, inputSchema })))
  const hasContent = member(json, 'content')?.startsWith('[') === true
  if (!hasContent && member(json, 'structuredContent') === undefined)
    throw new BridgeError('protocol', "the server's answer to tools/call has no content in it")
  return json
}

function member(json: string, ...path: string[]): string | undefined {
  const raw = memberOf(rawOf(json), ...path)
  return raw && textOfRaw(raw)
}
