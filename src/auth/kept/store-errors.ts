// What is said when sign-ins cannot be kept or must not be used. Paths are named where the person has to do something
// with the file. protocol.md 0.8.
import { BridgeError } from '../../errors.ts'
import { CREDENTIALS_VARIABLE } from '../../paths.ts'

/** The code of a failure of the system. */
export function codeOf(thrown: unknown): string {
  const { code } = (thrown ?? {}) as { code?: unknown }
  return typeof code === 'string' ? code : 'unknown failure'
}

export function cannotBeKept(code: string): BridgeError {
  return failed(
    `the sign-in cannot be kept (${code}): make the folder of the sign-ins writable for you, name another one in ${CREDENTIALS_VARIABLE}, or use --store memory`,
  )
}

export function failed(text: string): BridgeError {
  return new BridgeError('auth-failed', text)
}
