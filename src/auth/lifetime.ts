// How long a token is used. By the wall clock, which goes on while the machine sleeps. protocol.md G.1 row 28.
import type { Tokens } from './kept/account.ts'

/** How long before its end a token is renewed; one that lives shortly, halfway. */
const EARLY_MS = 60_000

/** It is to be renewed. */
export function isEnding({ expiresAt, obtainedAt }: Tokens): boolean {
  if (expiresAt === undefined) return false
  return expiresAt - Math.min(EARLY_MS, (expiresAt - obtainedAt) / 2) <= Date.now()
}

/** It is of no use any more. */
export function isOver({ expiresAt }: Tokens): boolean {
  return expiresAt !== undefined && expiresAt <= Date.now()
}
