// login, logout and status: what a person types to sign in, to sign out, and to see where they are signed in. protocol.md G.
import type { Readable, Writable } from 'node:stream'
import { type BridgeError, redacted, sentence, toBridgeError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { AccountOptions } from '../../options/sign-in-options.ts'
import { writeTo } from '../screen.ts'
import { login } from './account-login.ts'
import { logout } from './account-logout.ts'
import { status } from './account-status.ts'

export interface AccountSettings {
  readonly options: AccountOptions
  readonly log: Log
  readonly input: Readable
  readonly output: Writable & { readonly isTTY?: boolean }
  /** Writes a line for the person, beside the output. */
  readonly tell: (line: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: string
  readonly userAgent: string
}

const COMMANDS = { login, logout, status }

/** Resolves with the exit code; never rejects. */
export async function runAccount(settings: AccountSettings): Promise<number> {
  const { options, log } = settings
  try {
    return await COMMANDS[options.command](settings)
  } catch (thrown) {
    await refuse(settings, redacted(toBridgeError(thrown), log.redact))
    return 1
  }
}

async function refuse({ options, output, tell }: AccountSettings, error: BridgeError): Promise<void> {
  tell(sentence(error))
  if (!options.isJson) return
  await writeTo(output, `${JSON.stringify({ error: { kind: error.kind, message: error.message } })}\n`)
}
