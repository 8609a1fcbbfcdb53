// `watch`: what the remote notifies of, a line each, as it comes. What nobody reads fast enough is left with the remote.
import kleur from 'kleur'
import { usage } from '../../errors.ts'
import type { Envelope } from '../../message/envelope.ts'
import { decode } from '../../message/utf8.ts'
import type { Sent, StreamEvent, Watch } from '../exchanges.ts'
import { cut, escaped, printable, textOf } from '../foreign-text.ts'
import { declares } from '../listing.ts'
import { OUTCOME, resultOf } from '../outcome.ts'
import { fieldsOf, memberOf, type Raw, textOfRaw } from '../raw-json.ts'
import { createLosses } from './losses.ts'
import { isModern } from './pinging.ts'
import type { Conversation } from './session.ts'

const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']

export interface WatchSettings {
  readonly host: string
  readonly subscribed: readonly string[]
  readonly level: string | undefined
  /** 0: without end. */
  readonly count: number
  readonly isJson: boolean
  /** What the bridge asks over HTTP, and how that is answered. */
  readonly seen: () => Watch | undefined
}

/** The stream on which a legacy remote tells of its own accord, as the bridge opens it. */
const isStream = ({ method, what }: Sent): boolean => method === 'GET' && what === 'stream'
const STREAM_MS = 60_000
const NOT_OFFERED = 405
const WITHOUT_STREAM =
  'the server offers no stream for notifications (HTTP 405): it can tell of something only while it answers a request'

const LOGS_WITH_ANSWERS =
  'a server of the version 2026-07-28 sends log messages only while it answers a request: none may come'

/** How many may be waiting to be written. */
const MOST_WAITING = 256
/** Of a message that is not shown whole. */
const LONGEST_SHOWN = 4000

export interface Watcher {
  readonly onNotification: (notification: Envelope) => void
  readonly onStream: (event: StreamEvent) => void
  readonly work: (conversation: Conversation) => Promise<number>
}

export function createWatcher(settings: WatchSettings): Watcher {
  const { host, subscribed, level, count, isJson, seen } = settings
  const early: Envelope[] = []
  let take = (notification: Envelope): void => void early.push(notification)
  const losses = createLosses(host)
  /** What has become of the stream before the first line. */
  let untold: string | undefined
  let tell = (line: string): void => {
    untold = line
  }

  async function work({ client, screen, note, over }: Conversation): Promise<number> {
    const shown = (json: string): string => (screen.isTerminal ? escaped(json) : json)
    let waiting = 0
    let heard = 0
    let finish: () => void = () => {}
    const enough = new Promise<void>((resolve) => {
      finish = resolve
    })
    take = (notification) => {
      if (count > 0 && heard >= count) return
      const isLast = ++heard === count
      const written = isJson
        ? screen.lines([shown(decode(notification.bytes))])
        : screen.lines([lineOf(notification)])
      if (++waiting === MOST_WAITING) client.pause()
      void written.then(() => {
        if (--waiting === 0) client.resume()
        if (isLast) finish()
      })
    }
    for (const notification of early.splice(0)) take(notification)
    const ask = async (method: string, params: unknown): Promise<void> =>
      void resultOf(method, await client.ask(method, JSON.stringify(params)).reply)
    if (level !== undefined && !declares(client, 'logging')) note('the server sends no log messages')
    else if (level !== undefined) await ask('logging/setLevel', { level })
    if (level !== undefined && isModern(seen()?.sent ?? [])) note(LOGS_WITH_ANSWERS)
    for (const uri of subscribed) await ask('resources/subscribe', { uri })
    note(`watching ${host}; Ctrl-C ends it`)
    tell = note
    if (untold !== undefined) note(untold)
    void seen()
      ?.answered(isStream, STREAM_MS)
      .then((stream) => {
        if (stream?.status === NOT_OFFERED) note(WITHOUT_STREAM)
      })
    await Promise.race([enough, over])
    return OUTCOME.ok
  }

  return {
    onNotification: (notification) => take(notification),
    onStream(event) {
      const line = losses(event)
      if (line !== undefined) tell(line)
    },
    work,
  }
}

/** Throws BridgeError `usage`. */
export function readLogLevel(text: string): string {
  const level = text.trim().toLowerCase()
  if (LOG_LEVELS.includes(level)) return level
  throw usage('bad-value', `--level does not know that level; write one of ${LOG_LEVELS.join(', ')}`)
}

/** `12:01:02.345  warning  disk: almost full` */
function lineOf({ method = '', bytes, shape }: Envelope): string {
  const time = kleur.dim(new Date().toISOString().slice(11, 23))
  const params: Raw | undefined = shape.params && { bytes, span: shape.params }
  return `${time}  ${cut(printable(words(method, params)), LONGEST_SHOWN)}`
}

const CHANGES: ReadonlyMap<string, string> = new Map([
  ['notifications/tools/list_changed', 'the list of tools has changed'],
  ['notifications/resources/list_changed', 'the list of resources has changed'],
  ['notifications/prompts/list_changed', 'the list of prompts has changed'],
])

function words(method: string, params: Raw | undefined): string {
  const change = CHANGES.get(method)
  if (change !== undefined) return change
  const fields = params === undefined ? {} : fieldsOf(params)
  if (method === 'notifications/resources/updated') return `the resource has changed: ${textOf(fields.uri)}`
  if (method === 'notifications/message' && params !== undefined) {
    const data = memberOf(params, 'data')
    const logger = typeof fields.logger === 'string' ? `${fields.logger}: ` : ''
    const text = typeof fields.data === 'string' ? fields.data : data === undefined ? '' : textOfRaw(data)
    return `${textOf(fields.level)}  ${logger}${text}`
  }
  return `${method}${params === undefined ? '' : ` ${textOfRaw(params)}`}`
}
