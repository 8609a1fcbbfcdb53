// A text that is read anew each time it is needed, since whoever writes it renews it: an assertion, an ID token.
import { readFile } from 'node:fs/promises'
import { BridgeError } from '../errors.ts'
import type { TextSource } from '../options/sign-in.ts'
import type { Ground } from './ground.ts'
import { runProgram } from './headers/program-run.ts'

/** Trimmed, never empty, and hidden from now on. `what` it is, for sentences. Rejects with `auth-failed`. */
export async function readText(source: TextSource, what: string, ground: Ground): Promise<string> {
  const text = (await read(source, what, ground)).trim()
  if (text === '') throw new BridgeError('auth-failed', `${what} is empty`)
  ground.log.hide(text)
  return text
}

async function read(source: TextSource, what: string, { env, platform, log }: Ground): Promise<string> {
  if (source.kind === 'text') return source.text
  if (source.kind === 'command')
    return runProgram({ command: source.command, env, windows: platform === 'win32', redact: log.redact })
      .output
  try {
    return await readFile(source.path, 'utf8')
  } catch (thrown) {
    const { code = 'unknown failure' } = thrown as NodeJS.ErrnoException
    throw new BridgeError('auth-failed', `${what} cannot be read from ${source.name} (${code})`)
  }
}
