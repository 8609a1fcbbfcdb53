// The flags of mcp-remote 0.15.1 that mcp-ferry has no flag of the same name for, data only: people move over by
// changing the package name in a config. peers.md 1.1.

export type Answer =
  /** We do the same; `as` is our own flag for it, if it needs one; ended by `=` the value follows. */
  | { readonly kind: 'same'; readonly as?: string }
  /** Accepted, told at level info. */
  | { readonly kind: 'no-effect'; readonly why: string }

export interface McpRemoteFlag {
  /** Whether a value follows; a URL is none. */
  readonly takes: 'nothing' | 'text'
  /** One answer, or one for each value that mcp-remote knows. */
  readonly answer: Answer | Readonly<Record<string, Answer>>
}

const same: Answer = { kind: 'same' }
const flag = (takes: McpRemoteFlag['takes'], answer: McpRemoteFlag['answer']): McpRemoteFlag => ({
  takes,
  answer,
})

const FLAGS = new Map<string, McpRemoteFlag>([
  ['--debug', flag('nothing', { kind: 'same', as: '--log-level=debug' })],
  ['--silent', flag('nothing', { kind: 'same', as: '--log-level=error' })],
  ['--protocol', flag('text', { legacy: { kind: 'same', as: '--remote-era=legacy' }, auto: same })],
  ['--headers-timeout', flag('text', { kind: 'no-effect', why: 'a quiet response is never cut' })],
  ['--body-timeout', flag('text', { kind: 'no-effect', why: 'a quiet response is never cut' })],
  ['--enable-proxy', flag('nothing', same)],
  ['--ignore-tool', flag('text', { kind: 'same', as: '--deny-tool=' })],
])

export const MCP_REMOTE_NAMES: readonly string[] = [...FLAGS.keys()]

/** mcp-remote's flag of this name, if we have none of that name ourselves. */
export function findMcpRemoteFlag(name: string): McpRemoteFlag | undefined {
  return FLAGS.get(name)
}

/** What to do about the flag with this value; undefined: mcp-remote does not know the value either. */
export function answerTo(known: McpRemoteFlag, value: string | undefined): Answer | undefined {
  if (isAnswer(known.answer)) return known.answer
  return value === undefined || !Object.hasOwn(known.answer, value) ? undefined : known.answer[value]
}

/** The values that mcp-remote knows for the flag, where they are a closed list. */
export function valuesOf(known: McpRemoteFlag): readonly string[] {
  return isAnswer(known.answer) ? [] : Object.keys(known.answer)
}

function isAnswer(answer: McpRemoteFlag['answer']): answer is Answer {
  return typeof answer.kind === 'string'
}
