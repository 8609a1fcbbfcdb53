// `call`: one tool of a remote's, as a person or a script wants it called. The result alone goes to stdout. users.md 2.
import { usage } from '../../errors.ts'
import { find } from '../../message/peek.ts'
import { encode } from '../../message/utf8.ts'
import { CALLING_FLAGS } from '../../options/calling-help.ts'
import type { Surroundings } from '../door.ts'
import { OUTCOME, resultOf } from '../outcome.ts'
import { readRemoteLine } from '../remote-line.ts'
import { readArguments } from './arguments.ts'
import { converse } from './conversation.ts'
import { textAt } from './json-text.ts'
import { createSaver } from './media.ts'
import { readObjects } from './objects.ts'
import { levelToSet } from './server-log.ts'
import { showResult, showWhole } from './showing.ts'
import { shownLine } from './terminal-text.ts'
import { findTool } from './tool.ts'

/** The exit code. Rejects with BridgeError `usage`. */
export async function runCall(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { options, flags, words } = await readRemoteLine(argv, CALLING_FLAGS, surroundings)
  const [name, ...rest] = words
  if (name === undefined || name === '')
    throw usage(
      'tool-missing',
      'no tool is named; write mcp-ferry call <url> <tool> name=value, and mcp-ferry tools <url> lists what there is',
    )
  const { program, tell, env } = surroundings
  const values = flags.get('--args') ?? []
  const takesStdin = values.includes('-')
  if (takesStdin && program.stdin.isTTY)
    tell('mcp-ferry: type the JSON of the arguments, and Ctrl-D at its end')
  const objects = await Promise.race([
    readObjects(values, program.stdin),
    surroundings.stopped.then(() => undefined),
  ])
  if (objects === undefined) return OUTCOME.interrupted
  const output = flags.get('--output')?.at(-1)
  const settings = {
    output: program.stdout,
    env,
    saver: createSaver({ output, tool: name, cwd: program.cwd() }),
    savesAll: output !== undefined,
    tell,
  }
  return converse(
    {
      surroundings,
      options,
      name,
      takesStdin,
      isYes: flags.has('--yes'),
      asksNobody: flags.has('--no-input'),
    },
    async ({ client, call }) => {
      const level = levelToSet(options.log.level)
      if (level !== undefined && hasLogging(client.server))
        await client.ask('logging/setLevel', `{"level":"${level}"}`).reply
      const tool = await findTool(client, name, options.url)
      const args = readArguments({ words: rest, objects }, tool)
      const json = resultOf('tools/call', await call(args))
      if (flags.has('--json')) await showWhole(json, settings)
      else await showResult(json, settings)
      if (!isFailed(json)) return OUTCOME.ok
      tell(`mcp-ferry: the tool ${shownLine(name)} says that it has failed`)
      return OUTCOME.tool
    },
  )
}

function hasLogging(server: string): boolean {
  return member(server, 'capabilities', 'logging') !== undefined
}

function isFailed(result: string): boolean {
  return member(result, 'isError') === 'true'
}

function member(json: string, ...path: string[]): string | undefined {
  const bytes = encode(json)
  const span = find(bytes, { start: bytes.indexOf(0x7b), end: bytes.length }, ...path)
  return span && textAt(bytes, span)
}
