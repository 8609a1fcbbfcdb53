// A text that is read anew each time it is needed, since whoever writes it renews it: an assertion, an ID token.
import { readFile } from 'node:fs/promises'
import { BridgeError } from '../errors.ts'
import type { TextSource } from '../options/sign-in.ts'
import { runCommand } from './header-command.ts'

/** Trimmed, never empty. `what` it is, for sentences. Rejects with `auth-failed`. */
export async function readText(source: TextSource, what: string): Promise<string> {
  const text = (await read(source, what)).trim()
  if (text === '') throw new BridgeError('auth-failed', `${what} is empty`)
  return text
}

async function read(source: TextSource, what: string): Promise<string> {
  if (source.kind === 'text') return source.text
  if (source.kind === 'command') return runCommand(source.command, what)
  try {
    return await readFile(source.path, 'utf8')
  } catch (thrown) {
    const { code = 'unknown failure' } = thrown as NodeJS.ErrnoException
    throw new BridgeError('auth-failed', `${what} cannot be read from ${source.name} (${code})`)
  }
}
