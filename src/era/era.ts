// The two eras of the protocol, and which of them a host's message speaks: told by each message, not by the process, as
// one host may speak both on one pipe. protocol.md 0.2, "Terms".
import { type Envelope, stringAt } from '../message/envelope.ts'

/** `legacy`: any revision with `initialize`, up to 2025-11-25. `modern`: stateless, from 2026-07-28. */
export type Era = 'legacy' | 'modern'

/** The prefix of the `_meta` keys that the specification reserves. */
export const META = 'io.modelcontextprotocol/'

/** Oldest first. */
export const LEGACY_VERSIONS: readonly string[] = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']
/** The modern versions that the bridge can translate, newest first. */
export const MODERN_VERSIONS: readonly string[] = ['2026-07-28']

/** All that the bridge speaks, as `server/discover` names them: newest first (E.2). */
export const ALL_VERSIONS: readonly string[] = [...MODERN_VERSIONS, ...[...LEGACY_VERSIONS].reverse()]

/** From verbose to quiet, as in syslog: the same in both eras. */
export const LOG_LEVELS: readonly string[] = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
]

/** The version that a request names as its own, which only requests of the modern era do. */
export function modernVersion(request: Envelope): string | undefined {
  return stringAt(request, 'params', '_meta', `${META}protocolVersion`)
}
