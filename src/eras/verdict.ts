// What an answer tells of the era of the remote that gave it. Pure. protocol.md F.2, F.3; 26/V.
import { ERA_CODE } from '../era/codes.ts'
import type { BridgeError } from '../errors.ts'
import { type Envelope, spanAt, stringAt } from '../message/envelope.ts'
import { CODE, errorCode } from '../message/message.ts'
import { isArrayAt, readString } from '../message/peek.ts'
import { elementsOf } from '../message/rewrite.ts'
import type { Asked } from '../remote/modern/asking.ts'
import { isTransient } from '../remote/retry.ts'

/** Revisions are dates: what is not older than this is modern. */
const FIRST_MODERN = '2026-07-28'

/** What servers say to a method that they do not know, or to one that comes too early. */
const UNWILLING: ReadonlySet<number> = new Set([CODE.invalidRequest, CODE.methodNotFound, CODE.invalidParams])
/** The codes with which they say that they have not been initialized. */
const SHY: ReadonlySet<number> = new Set([-32000, CODE.invalidRequest, CODE.invalidParams])

/** The versions that an "unsupported version" error names. */
export function supportedIn(answer: Envelope): string[] {
  const { bytes } = answer
  const versions = elementsOf(bytes, spanAt(answer, 'error', 'data', 'supported'))
  return versions.flatMap((version) => readString(bytes, version) ?? [])
}

export function isModernVersion(version: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(version) && version >= FIRST_MODERN
}

/** Whether only a modern server says this (F.2). */
export function isModernError(answer: Envelope): boolean {
  const code = errorCode(answer)
  if (code === ERA_CODE.headerMismatch || code === ERA_CODE.missingCapability) return true
  return code === ERA_CODE.unsupportedVersion && supportedIn(answer).some(isModernVersion)
}

/** Whether the remote says that it speaks legacy versions, and no other. */
export function isLegacyOnly(answer: Envelope): boolean {
  if (errorCode(answer) !== ERA_CODE.unsupportedVersion) return false
  const supported = supportedIn(answer)
  return supported.length > 0 && !supported.some(isModernVersion)
}

/** Whether a legacy server says so to whom has not shaken hands, and has done nothing; the SDKs have many words for it. */
export function lacksHandshake(answer: Envelope): boolean {
  const said = stringAt(answer, 'error', 'message')
  const code = errorCode(answer)
  if (said === undefined || !SHY.has(code ?? 0)) return false
  const words = code === CODE.invalidParams ? /before initializ/i : /initializ|session id|protocol version/i
  return words.test(said)
}

export function isUnsupportedVersion(answer: Envelope): boolean {
  return errorCode(answer) === ERA_CODE.unsupportedVersion
}

/**
 * Whether a remote that has answered a legacy `initialize` so may be a modern one, and is worth a question (F.3). A result is
 * shown here only where it names a version that has no `initialize`.
 */
export function mayBeModern(answer: Envelope | undefined, error: BridgeError | undefined): boolean {
  if (answer?.shape.result !== undefined) return true
  if (answer !== undefined) return isModernError(answer) || UNWILLING.has(errorCode(answer) ?? 0)
  const { httpStatus = 0 } = error?.facts ?? {}
  return error?.kind === 'http' && ((httpStatus >= 400 && httpStatus < 500) || httpStatus === 501)
}

/** Whether it is a result of `server/discover`. */
export function isDiscoverResult(answer: Envelope): boolean {
  const span = spanAt(answer, 'result', 'supportedVersions')
  return span !== undefined && isArrayAt(answer.bytes, span)
}

export type ProbeVerdict =
  | { readonly kind: 'modern'; readonly answer: Envelope }
  /** With what it said, for when it turns out to speak no other era either. */
  | ({ readonly kind: 'legacy' } & Asked)
  /** It tells nothing yet, and may in a while. */
  | { readonly kind: 'unreachable'; readonly error: BridgeError }
  /** It tells nothing, and will not by waiting. */
  | { readonly kind: 'refused'; readonly error: BridgeError }

/** What came of a modern `server/discover` (F.3 for modern hosts). */
export function judgeProbe({ answer, error }: Asked): ProbeVerdict {
  if (error === undefined) {
    if (answer === undefined) return { kind: 'legacy' }
    const isModern = isDiscoverResult(answer) || isModernError(answer)
    return isModern ? { kind: 'modern', answer } : { kind: 'legacy', answer }
  }
  const { kind, facts } = error
  const { httpStatus = 0 } = facts
  if (isTransient(error) || kind === 'rate-limited') return { kind: 'unreachable', error }
  if (kind === 'protocol' || (kind === 'http' && (httpStatus < 500 || httpStatus === 501)))
    return { kind: 'legacy', error }
  if (kind === 'http') return { kind: 'unreachable', error }
  return { kind: 'refused', error }
}
