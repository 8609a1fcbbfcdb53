// A command's conversation with the remote, from the line of the person to the exit code: opened, worked with, and taken
// back when it is over, or when the person does not want it any more.
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../../log.ts'
import type { Options } from '../../options/options.ts'
import { type Asked, type Client, type ClientSettings, openClient } from '../client.ts'
import type { Surroundings } from '../door.ts'
import { fail, OUTCOME, withoutEchoes } from '../outcome.ts'
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

/** How long the remote may take to hear that nothing is wanted any more, and the bridge to end. */
const CANCEL_MS = 1500
const CLOSE_MS = 1500

/** The exit code: what `work` resolves with, or what its error means. Rejects with BridgeError `usage`. */
export async function converse(
  { surroundings, options, onNotification, around = (log) => log }: ConversationSettings,
  work: (conversation: Conversation) => Promise<number>,
): Promise<number> {
  const { tell, stopped, version } = surroundings
  let isStopped = false
  let isOver = false
  let isOpen = false
  let end: () => void = () => {}
  const ends = new Promise<void>((resolve) => {
    end = resolve
  })
  const log = surroundings.openLog(options)
  const screen = createScreen(surroundings)
  const wanted = stopped.then(() => {
    isStopped = true
  })
  const over = Promise.race([wanted, screen.closed]).then(() => {
    isOver = true
  })
  const run = await surroundings.prepare(options, around(withoutEchoes(log)), ends)
  const startedMs = performance.now()
  const opening = openClient({ run, version, ...(onNotification && { onNotification }) })
  const underWay = new Set<Asked>()
  const worked = opening
    .then((client) => {
      isOpen = true
      const openedMs = performance.now() - startedMs
      const note = (text: string): void => tell(`mcp-ferry: ${text}`)
      return work({ client: counting(client, underWay), screen, note, over, isOver: () => isOver, openedMs })
    })
    // Whoever has pressed Ctrl-C wants no explanation.
    .catch((thrown: unknown) => (isOver ? OUTCOME.ok : fail(thrown, surroundings, log.redact)))
  const closed = (): Promise<void> => opening.then((client) => client.close()).catch(() => {})
  const code = await Promise.race([worked, over.then(() => undefined)])
  if (code !== undefined) {
    await Promise.race([closed(), wanted])
    return isStopped ? OUTCOME.interrupted : code
  }
  for (const asked of underWay) asked.cancel('the person has pressed Ctrl-C')
  // A handshake is not to be cancelled, and what waits for a sign-in has not been sent.
  if (!isOpen) end()
  const left = closed()
  await Promise.race([left, delay(CANCEL_MS)])
  end()
  await Promise.race([Promise.all([left, worked]), delay(CLOSE_MS)])
  return isStopped ? OUTCOME.interrupted : OUTCOME.ok
}

/** The same client; what it has asked and not been answered is in the set. */
function counting(client: Client, underWay: Set<Asked>): Client {
  return {
    ...client,
    ask(method, params) {
      const asked = client.ask(method, params)
      underWay.add(asked)
      void asked.reply.then(() => underWay.delete(asked))
      return asked
    },
  }
}
