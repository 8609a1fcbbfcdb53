// The commands, data only. What they are for is in command-list.ts.

/** The words of a text. */
export type Words<Text extends string> = Text extends `${infer First} ${infer Rest}`
  ? First | Words<Rest>
  : Text

const TEXT_COMMANDS = 'demo login logout status help'
/** Those that read their arguments themselves. */
const TOOL_COMMANDS =
  'config doctor tools resources templates prompts call read prompt complete ping watch trace completion'

type AnyCommand = Words<typeof TEXT_COMMANDS> | ToolCommand
export type Command = 'bridge' | Exclude<AnyCommand, 'help'>
export type ToolCommand = Words<typeof TOOL_COMMANDS>
export type AccountCommand = Exclude<Command, 'bridge' | 'demo' | ToolCommand>

export const COMMANDS = `${TEXT_COMMANDS} ${TOOL_COMMANDS}`.split(' ') as readonly AnyCommand[]

export function isToolCommand(command: Command): command is ToolCommand {
  return TOOL_COMMANDS.split(' ').includes(command)
}
