// Log messages of the server's while a call is under way, for the person: those that are as loud as the log is wanted.
// Spec: 2025-11-25, server/utilities/logging.

import type { LogLevel } from '../../log.ts'
import type { Envelope } from '../../message/envelope.ts'
import { find, readString } from '../../message/peek.ts'
import { textAt } from '../../message/utf8.ts'
import { shownLine } from '../foreign-text.ts'

const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']
/** By --log-level: the quietest of the server's that is shown. */
const QUIETEST: Readonly<Record<LogLevel, string | undefined>> = {
  silent: undefined,
  error: 'error',
  warn: 'warning',
  info: 'info',
  debug: 'debug',
  trace: 'debug',
}
const LONGEST = 2000

/** What the server is asked to send: nothing is said where nobody has asked for more than usual. */
export function levelToSet(level: LogLevel): string | undefined {
  return level === 'info' || level === 'debug' || level === 'trace' ? QUIETEST[level] : undefined
}

/** The line for a `notifications/message`, or undefined where it is not wanted. */
export function logLine(
  { bytes, shape }: Envelope,
  wanted: LogLevel,
  redact: (text: string) => string,
): string | undefined {
  const { params } = shape
  const quietest = QUIETEST[wanted]
  if (params === undefined || quietest === undefined) return undefined
  const level = readString(bytes, find(bytes, params, 'level')) ?? 'info'
  if (LEVELS.indexOf(level) < LEVELS.indexOf(quietest)) return undefined
  const logger = readString(bytes, find(bytes, params, 'logger'))
  const data = find(bytes, params, 'data')
  const text = data === undefined ? '' : (readString(bytes, data) ?? textAt(bytes, data))
  const from = logger === undefined ? '' : ` ${shownLine(logger)}`
  return `${level}${redact(from)}: ${redact(shownLine(text)).slice(0, LONGEST)}`
}
