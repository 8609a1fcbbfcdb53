// A command's conversation with the remote, from the line of the person to the exit code: opened, worked with, and taken
// back when it is over, or when the person does not want it any more.
import type { Log } from '../../log.ts'
import type { Options } from '../../options/options.ts'
import { type Client, type ClientSettings, openClient } from '../client.ts'
import type { Surroundings } from '../door.ts'
import { fail, OUTCOME } from '../outcome.ts'
import { createScreen, type Screen } from '../screen.ts'

export interface Conversation {
  readonly client: Client
  readonly screen: Screen
  /** Writes a line for the person, on stderr. */
  readonly note: (text: string) => void
  /** Resolves when the person wants an end, or nobody reads what is written any more. */
  readonly over: Promise<void>
  readonly isOver: () => boolean
  /** How long the handshake has taken. */
  readonly openedMs: number
}

export interface ConversationSettings {
  readonly surroundings: Surroundings
  readonly options: Options
  readonly onNotification?: ClientSettings['onNotification']
  /** The log that the bridge writes to, if it is not the usual one. */
  readonly around?: (log: Log) => Log
}

/** The exit code: what `work` resolves with, or what its error means. Rejects with BridgeError `usage`. */
export async function converse(
  { surroundings, options, onNotification, around = (log) => log }: ConversationSettings,
  work: (conversation: Conversation) => Promise<number>,
): Promise<number> {
  const { tell, stopped, version } = surroundings
  let isStopped = false
  let isOver = false
  const log = surroundings.openLog(options)
  const screen = createScreen(surroundings)
  const over = Promise.race([
    stopped.then(() => {
      isStopped = true
    }),
    screen.closed,
  ]).then(() => {
    isOver = true
  })
  const run = await surroundings.prepare(options, around(withoutEchoes(log)))
  const startedMs = performance.now()
  let code: number
  try {
    const client = await openClient({ run, version, ...(onNotification && { onNotification }) })
    const openedMs = performance.now() - startedMs
    try {
      const note = (text: string): void => tell(`mcp-ferry: ${text}`)
      code = await work({ client, screen, note, over, isOver: () => isOver, openedMs })
    } finally {
      await client.close()
    }
  } catch (thrown) {
    // Whoever has pressed Ctrl-C wants no explanation.
    code = isStopped || isOver ? OUTCOME.ok : fail(thrown, { tell }, log.redact)
  }
  return isStopped ? OUTCOME.interrupted : code
}

/** What goes wrong is told once, at the end. Whoever has asked for a louder log gets all of it. */
function withoutEchoes(log: Log): Log {
  return log.isDebug ? log : { ...log, error: () => {} }
}
