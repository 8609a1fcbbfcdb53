// What a failure is to people who have given the path of a socket: it is told by that, and not by a host. Pure.
// protocol.md 0.5, 0.8.
import { BridgeError } from '../../errors.ts'

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist; is the server running, and is that its path?',
  EACCES: 'may not be used by you; ask whoever runs the server for the right to write to it',
  EPERM: 'may not be used by you; ask whoever runs the server for the right to write to it',
  ECONNREFUSED: 'is there, and nobody listens on it; is the server running?',
  ENOTSOCK: 'is no socket; write the path that the server listens on',
  ENOTDIR: 'cannot be there: a part of its path is no folder; look at the path',
  ENAMETOOLONG: 'has a longer path than sockets may have; give it a shorter one',
  EINVAL: 'has a longer path than sockets may have, or one with a NUL in it; give it another one',
  EPROTOTYPE: 'is a socket of another kind; write the path that the server listens on',
  EPIPE: 'was closed by the server while it was being connected to; is the server well?',
}

/** The same failure, by the path. */
export function socketFailure(error: BridgeError, socketPath: string): BridgeError {
  const { detail, maybeDelivered } = error.facts
  const why = maybeDelivered || detail === undefined ? undefined : WHY[detail]
  if (why === undefined) return error
  return new BridgeError('refused', `the socket ${socketPath} ${why} (${detail})`, error.facts, error)
}
