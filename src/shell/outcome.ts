// How a command that asks a remote ends: its exit code, and the sentence on stderr. The same numbers as doctor's where they
// mean the same.
import { type BridgeError, type ErrorKind, EXIT, sentence, toBridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Surroundings } from './door.ts'
import { cut, printable } from './foreign-text.ts'
import { type Reply, refusedBy } from './replies.ts'

export const OUTCOME = {
  ...EXIT,
  /** The remote was not reached, the connection was lost, or HTTP failed. */
  transport: 3,
  /** Nobody is signed in, or the credential is refused. */
  auth: 6,
  /** The remote has answered with an error of the protocol. */
  protocol: 7,
  /** The tool says that it has failed. */
  tool: 8,
  /** Ctrl-C. */
  interrupted: 130,
} as const

const CODES: Partial<Readonly<Record<ErrorKind, number>>> = {
  usage: OUTCOME.usage,
  internal: OUTCOME.internal,
  'auth-required': OUTCOME.auth,
  'auth-failed': OUTCOME.auth,
  protocol: OUTCOME.protocol,
}

/** Longer sentences have a page of the remote's in them. */
const LONGEST_SENTENCE = 2000

/** Tells what went wrong, which may be in the remote's words; returns the exit code. */
export function fail(
  thrown: unknown,
  { tell }: Pick<Surroundings, 'tell'>,
  redact: (text: string) => string = (text) => text,
): number {
  const error: BridgeError = toBridgeError(thrown)
  // What is taken out may have stood in the middle of a secret.
  tell(cut(redact(printable(sentence(error))), LONGEST_SENTENCE))
  return codeOf(error)
}

/** What goes wrong is told once, at the end. Whoever has asked for a louder log gets all of it. */
export function withoutEchoes(log: Log): Log {
  return log.isDebug ? log : { ...log, error: () => {} }
}

export function codeOf({ kind }: Pick<BridgeError, 'kind'>): number {
  return CODES[kind] ?? OUTCOME.transport
}

/** The JSON of the result. Throws what the reply says instead. */
export function resultOf(method: string, reply: Reply): string {
  if (reply.kind === 'result') return reply.text
  throw reply.kind === 'failed' ? reply.error : refusedBy(method, reply)
}
