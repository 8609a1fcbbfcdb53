// Messages as they stand in a trace: byte for byte on one line, without secrets, and not longer than a limit. What is made here are
// members of a JSON object. protocol.md 0.4, 0.8.
import type { Envelope } from '../message/envelope.ts'
import { read } from '../message/envelope.ts'
import { oneLine, trim } from '../message/lines.ts'
import { peek } from '../message/peek.ts'
import { joined } from '../message/text.ts'
import { decode, encode } from '../message/utf8.ts'

/** Of one message, in bytes and in characters. */
export const LONGEST = 1024 * 1024
/** A secret that the limit cuts in two is not known any more: what may be the half of one goes too. */
const MARGIN = 16 * 1024
/** How much of a body must be kept for it. */
export const KEPT_BYTES = LONGEST + MARGIN
/** Of a page that tells of an error. */
const LONGEST_TEXT = 16 * 1024

export interface Carrying {
  /** Members that tell of this message. */
  ofMessage(envelope: Envelope): string
  /** Of a body: `bytes` are its beginning, if it has more than KEPT_BYTES. */
  ofBody(bytes: Uint8Array, sizeBytes: number): string
}

export function createCarrying(redact: (text: string) => string): Carrying {
  /** The same bytes mostly pass twice: on the side of the host, and of the remote. */
  const known = new WeakMap<Uint8Array, string>()

  function ofMessage(envelope: Envelope): string {
    const { bytes } = envelope
    let members = known.get(bytes)
    if (members === undefined) {
      members = membersOf(envelope)
      known.set(bytes, members)
    }
    return members
  }

  function membersOf(envelope: Envelope): string {
    const { bytes, hasNewline } = envelope
    if (bytes.length > LONGEST)
      return `${textMembers(bytes, LONGEST, bytes.length)},"rpc":${JSON.stringify(rpcOf(envelope))}`
    const text = decode(hasNewline ? oneLine(bytes) : bytes)
    const clean = redactJson(text)
    if (clean === text || isJson(clean)) return `"message":${clean}`
    return `"text":${JSON.stringify(clean)},"rpc":${JSON.stringify(rpcOf(envelope))}`
  }

  function rpcOf({ kind, id, method }: Envelope) {
    return {
      kind,
      ...(id && { id: redact(id.raw) }),
      ...(method !== undefined && { method: redact(method) }),
    }
  }

  /** Text that may be the beginning of something longer. */
  function textMembers(bytes: Uint8Array, longest: number, sizeBytes: number): string {
    const isCut = sizeBytes > longest
    const clean = redactJson(decode(isCut ? bytes.subarray(0, longest + MARGIN) : bytes))
    if (!isCut) return `"text":${JSON.stringify(clean)}`
    const length = Math.max(0, Math.min(longest, clean.length - MARGIN))
    return `"text":${JSON.stringify(clean.slice(0, length))},"cut":${sizeBytes}`
  }

  /** Some servers write even letters as escapes, which would hide a secret; what has none stays as it was. */
  function redactJson(text: string): string {
    if (text.includes('\\u00')) {
      const plain = text.replace(/\\u00([2-7][0-9a-f])/gi, (written, hex: string) => {
        const character = String.fromCharCode(Number.parseInt(hex, 16))
        return /[\w~!#-&(-/:-@[\]^`{|}']/.test(character) ? character : written
      })
      const clean = redact(plain)
      if (clean !== plain) return clean
    }
    return redact(text)
  }

  return {
    ofMessage,
    ofBody(bytes, sizeBytes) {
      const same = known.get(bytes)
      if (same !== undefined) return same
      if (sizeBytes > bytes.length) return textMembers(bytes, LONGEST, sizeBytes)
      const trimmed = joined(trim(bytes))
      const reading = read(trimmed)
      if (reading.kind === 'message') return ofMessage(reading.envelope)
      if (reading.kind !== 'batch' || bytes.length > LONGEST)
        return textMembers(bytes, LONGEST_TEXT, sizeBytes)
      const text = redactJson(decode(oneLine(trimmed)))
      return isJson(text) ? `"message":${text}` : `"text":${JSON.stringify(text)}`
    },
  }
}

function isJson(text: string): boolean {
  return peek(encode(text)).kind !== 'invalid'
}
