// The conversation with the remote around one call: opened, asked, and taken back in order when the person wants an end.
// Ctrl-C once cancels the call and waits a moment until the remote has been told; twice leaves at once. protocol.md A.9.

import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../../log.ts'
import type { Envelope } from '../../message/envelope.ts'
import { textAt } from '../../message/utf8.ts'
import type { Options } from '../../options/options.ts'
import { type Asked, type Client, openClient } from '../client.ts'
import type { Surroundings } from '../door.ts'
import { fail, OUTCOME, withoutEchoes } from '../outcome.ts'
import type { Reply } from '../replies.ts'
import { isObject } from '../schema.ts'
import { capabilitiesOf, createQuestions, type QuestionSettings } from './questions.ts'
import { visitAll } from './required-visits.ts'
import { logLine } from './server-log.ts'
import { createTerminal, type Terminal } from './terminal.ts'

export interface ConversationSettings {
  readonly surroundings: Surroundings
  readonly options: Options
  /** The tool's. */
  readonly name: string
  /** Whether stdin was read for arguments. */
  readonly takesStdin: boolean
  readonly isYes: boolean
  readonly asksNobody: boolean
}

export interface Conversation {
  readonly client: Client
  /** Calls the tool with the JSON of its arguments. Does not resolve any more once the person wants an end. */
  call(args: string): Promise<Reply>
}

/** How long the remote may take to hear that the call is cancelled. */
const CANCEL_MS = 2000
const CLOSE_MS = 1000
const TOKEN = 'mcp-ferry'

/** The exit code: what `work` resolves with, or what its error means. Rejects with BridgeError `usage`. */
export async function converse(
  settings: ConversationSettings,
  work: (conversation: Conversation) => Promise<number>,
): Promise<number> {
  const { surroundings, options, isYes } = settings
  const terminal = createTerminal(settings)
  const log = surroundings.openLog(options)
  const asking: QuestionSettings = {
    host: options.url.host,
    desk: isYes ? undefined : terminal.desk,
    surroundings: { ...surroundings, tell: (line) => terminal.say(log.redact(line)) },
    opensBrowser: options.signIn.opensBrowser,
  }
  const questions = createQuestions(asking)
  let end = (): void => {}
  const ends = new Promise<void>((resolve) => {
    end = resolve
  })
  const run = await surroundings.prepare(options, withoutEchoes(log), ends)
  const opening = openClient({
    run,
    version: surroundings.version,
    capabilities: capabilitiesOf({ isPerson: terminal.desk !== undefined, isYes }),
    onQuestion: questions.answer,
    onNotification(notification) {
      if (notification.method === 'notifications/cancelled') questions.withdraw(notification)
      else tellOf(notification, { terminal, options, redact: log.redact })
    },
  })
  const under = { asked: undefined as Asked | undefined, isOver: false }
  const worked = opening
    .then((client) => work({ client, call: createCall(client, { settings, terminal, asking, under }) }))
    .catch((thrown: unknown) => {
      terminal.stop()
      return under.isOver ? OUTCOME.interrupted : fail(thrown, surroundings, log.redact)
    })
  const how = await Promise.race([worked.then(() => undefined), terminal.interrupted])
  terminal.close()
  const closed = opening.then((client) => client.close()).catch(() => {})
  if (how === undefined) {
    await Promise.race([closed, surroundings.stopped])
    return worked
  }
  under.isOver = true
  under.asked?.cancel('the person has pressed Ctrl-C')
  surroundings.tell('mcp-ferry: cancelled')
  if (under.asked === undefined) end()
  // The second signal ends the program by itself, if the first was one.
  const again = how === 'key' ? surroundings.stopped : new Promise(() => {})
  await Promise.race([closed, delay(CANCEL_MS), again])
  end()
  await Promise.race([closed, delay(CLOSE_MS), again])
  return OUTCOME.interrupted
}

interface Calling {
  readonly settings: ConversationSettings
  readonly terminal: Terminal
  readonly asking: QuestionSettings
  readonly under: { asked: Asked | undefined; readonly isOver: boolean }
}

function createCall(
  client: Client,
  { settings: { name }, terminal, asking, under }: Calling,
): Conversation['call'] {
  return async (args) => {
    // Who sees nothing of it wants none of it.
    const meta = terminal.canDraw ? `,"_meta":{"progressToken":"${TOKEN}"}` : ''
    const params = `{"name":${JSON.stringify(name)},"arguments":${args}${meta}}`
    for (;;) {
      terminal.start(name)
      under.asked = client.ask('tools/call', params)
      const reply = await under.asked.reply
      terminal.stop()
      // An answer that comes too late must not stand behind the word that the call is cancelled.
      if (under.isOver) return new Promise(() => {})
      if (!(await visitAll(reply, asking))) return reply
    }
  }
}

interface Telling extends Pick<Log, 'redact'> {
  readonly terminal: Terminal
  readonly options: Options
}

function tellOf(notification: Envelope, { terminal, options, redact }: Telling): void {
  if (notification.method === 'notifications/message') {
    const line = logLine(notification, options.log.level, redact)
    if (line !== undefined) terminal.murmur(line)
  }
  if (notification.method !== 'notifications/progress' || notification.shape.params === undefined) return
  const step: unknown = JSON.parse(textAt(notification.bytes, notification.shape.params))
  if (!isObject(step) || step.progressToken !== TOKEN || typeof step.progress !== 'number') return
  const { progress, total, message } = step
  terminal.step({
    progress,
    ...(typeof total === 'number' && { total }),
    ...(typeof message === 'string' && { message }),
  })
}
