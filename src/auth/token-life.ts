// How long tokens last and what they are for. Pure.
import type { Tokens } from './account.ts'

/** How long before its end a token is renewed; one that lives shortly, halfway. */
const EARLY_MS = 60_000

export function isEnding({ expiresAt, obtainedAt }: Tokens): boolean {
  if (expiresAt === undefined) return false
  return expiresAt - Math.min(EARLY_MS, (expiresAt - obtainedAt) / 2) <= Date.now()
}

export function isOver({ expiresAt }: Tokens): boolean {
  return expiresAt !== undefined && expiresAt <= Date.now()
}

export function hasScopes({ scope }: Tokens, wanted: string): boolean {
  const has = new Set(scope?.split(' '))
  return wanted.split(' ').every((each) => has.has(each))
}
