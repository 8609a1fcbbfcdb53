// Log messages: in the legacy era a session has one level for all; in the modern era each request says whether and from
// which level on it wants to hear any. protocol.md E.8.
import { type Envelope, stringAt } from '../../message/envelope.ts'
import { LOG_LEVELS } from '../era.ts'
import type { LegacySession } from './legacy-session.ts'
import type { ModernRequest } from './modern-request.ts'

export interface LogLevels {
  /** Has the session log what this request wants to hear; resolves when it does, undefined when it does already. */
  prepare(session: LegacySession, request: ModernRequest): Promise<void> | undefined
}

/** A server that does not answer does not keep the request from being sent. */
const SET_LEVEL_MS = 2000

export function createLogLevels(): LogLevels {
  const levels = new WeakMap<
    LegacySession,
    { readonly level: number; readonly isSet: Promise<void> | undefined }
  >()

  return {
    prepare(session, { logLevel }) {
      if (logLevel === undefined || !session.offers('logging')) return undefined
      const known = levels.get(session)
      if (known !== undefined && known.level <= logLevel) return known.isSet
      const isSet = new Promise<void>((resolve) => {
        const timer = setTimeout(settle, SET_LEVEL_MS).unref()
        session.askBriefly('logging/setLevel', `{"level":"${LOG_LEVELS[logLevel]}"}`, settle)
        function settle(): void {
          clearTimeout(timer)
          const now = levels.get(session)
          if (now?.isSet === isSet) levels.set(session, { level: now.level, isSet: undefined })
          resolve()
        }
      })
      levels.set(session, { level: logLevel, isSet })
      return isSet
    },
  }
}

/** Whether a request that wants this level wants to hear this message. */
export function isWanted(message: Envelope, { logLevel }: ModernRequest): boolean {
  if (logLevel === undefined) return false
  return LOG_LEVELS.indexOf(stringAt(message, 'params', 'level') ?? '') >= logLevel
}
