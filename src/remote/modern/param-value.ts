// A value of a request as an HTTP header carries it. Pure. protocol.md C.1 "Value encoding"; 26/SH Request Metadata.
import { readString, type Span } from '../../message/peek.ts'
import { encode, textAt } from '../../message/utf8.ts'

/** What cannot be said in a header at all: half of a character that takes two. */
export const UNSAYABLE = Symbol('a lone surrogate')

/** The text of a string, an integer or a boolean at `span`; undefined for anything else, which is then left out. */
export function headerText(bytes: Uint8Array, span: Span | undefined): string | undefined {
  if (span === undefined) return undefined
  const text = readString(bytes, span)
  if (text !== undefined) return text
  const raw = textAt(bytes, span)
  if (raw === 'true' || raw === 'false') return raw
  const number = /^[-\d]/.test(raw) ? Number(raw) : Number.NaN
  // 42.0 is an integer too; one that JavaScript would round is not to be trusted.
  return Number.isSafeInteger(number) ? String(number === 0 ? 0 : number) : undefined
}

/** The text as a header value: as it is where that is safe, else in Base64. */
export function encodeHeader(text: string): string | typeof UNSAYABLE {
  if (/\p{Surrogate}/u.test(text)) return UNSAYABLE
  const isPlain = /^[\x20-\x7e]+$/.test(text) && !/^ | $/.test(text) && !/^=\?base64\?.*\?=$/.test(text)
  return isPlain ? text : `=?base64?${Buffer.from(encode(text)).toString('base64')}?=`
}

/** Whether the text can be a header value as it is, and must be. */
export function isVisible(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}
