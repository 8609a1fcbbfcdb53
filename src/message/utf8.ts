// Text and bytes. The two globals of the web platform that message/ may use are declared here, because this room is
// compiled without Node's types.

declare const TextDecoder: new (
  label: string,
  options: { ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string }
declare const TextEncoder: new () => { encode(text: string): Uint8Array }

const encoder = new TextEncoder()
let decoder: { decode(bytes: Uint8Array): string } | undefined

const SHORT = 64

/** UTF-8 bytes as text; an invalid sequence becomes U+FFFD. Short ASCII, which ids and methods are, never leaves JS. */
export function decode(bytes: Uint8Array): string {
  if (bytes.length <= SHORT) {
    let text = ''
    let i = 0
    for (; i < bytes.length; i++) {
      const byte = bytes[i]!
      if (byte > 0x7e) break
      text += String.fromCharCode(byte)
    }
    if (i === bytes.length) return text
  }
  decoder ??= new TextDecoder('utf-8', { ignoreBOM: true })
  return decoder.decode(bytes)
}

/** The text that stands between these two places. */
export function textAt(
  bytes: Uint8Array,
  { start, end }: { readonly start: number; readonly end: number },
): string {
  return decode(bytes.subarray(start, end))
}

/** Whether just these bytes stand from `start` to `end`. */
export function isSame(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  if (end - start !== word.length) return false
  for (let at = 0; at < word.length; at++) if (bytes[start + at] !== word[at]) return false
  return true
}

/** Text as UTF-8 bytes. */
export function encode(text: string): Uint8Array {
  return encoder.encode(text)
}

/** One array from many, copied once: joining at every chunk is quadratic. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
