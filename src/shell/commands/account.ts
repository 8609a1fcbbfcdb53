// login, logout and status: what a person types to sign in, to sign out, and to see where they are signed in. protocol.md G.
import type { Readable, Writable } from 'node:stream'
import type { Log } from '../../log.ts'
import type { AccountOptions } from '../../options/sign-in-options.ts'

export interface AccountSettings {
  readonly options: AccountOptions
  readonly log: Log
  readonly input: Readable
  readonly output: Writable
  /** Writes a line for the person, beside the output. */
  readonly tell: (line: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: string
  readonly userAgent: string
}

/** Resolves with the exit code; never rejects. */
export async function runAccount({ options, tell }: AccountSettings): Promise<number> {
  tell(`mcp-ferry: ${options.command}`)
  return 1
}
