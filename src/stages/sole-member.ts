// A member that must be there once: of two the remote may take the other one, and a name that is checked here would not be
// the name that is called there. Some parsers do not even look at the case. protocol.md 0.4.
import type { Envelope } from '../message/envelope.ts'
import type { Span } from '../message/peek.ts'
import { membersOf } from '../message/rewrite.ts'

/** Which of these members of params is there more than once, or params itself; read as loosely as anybody may. */
export function doubled({ bytes, shape }: Envelope, ...names: readonly string[]): string | undefined {
  const whole = { start: bytes.indexOf(0x7b), end: bytes.length }
  return doubledIn(bytes, whole, 'params') ?? doubledIn(bytes, shape.params, ...names)
}

/** The same for any object. */
export function doubledIn(
  bytes: Uint8Array,
  span: Span | undefined,
  ...names: readonly string[]
): string | undefined {
  const known = membersOf(bytes, span).map(({ name }) => name.toLowerCase())
  return names.find((name) => known.indexOf(name) !== known.lastIndexOf(name))
}
