// A header file's bytes → its headers as texts with their line numbers. Pure: whoever reads the file passes the bytes.
import { BridgeError } from '../errors.ts'
import type { HeaderText } from './headers.ts'
import { looksLikeSecret } from './variables.ts'

/**
 * `Name: value` per line; blank lines and lines that begin with # are skipped, a UTF-8 byte order mark and CRLF are
 * fine. A lone CR is no line end, so that it is refused inside a value. Throws `header-file-encoding` for UTF-16,
 * which Windows PowerShell writes with `>`.
 */
export function readHeaderFile(bytes: Uint8Array, path: string): HeaderText[] {
  if (isUtf16(bytes))
    throw new BridgeError(
      'usage',
      `${nameHeaderFile(path)} is in UTF-16; save it as UTF-8, in PowerShell with Set-Content -Encoding utf8`,
      { code: 'header-file-encoding' },
    )
  const lines = new TextDecoder('utf-8').decode(bytes).split(/\r?\n/)
  return lines.flatMap((text, index) =>
    /^[ \t]*(?:#|$)/.test(text) ? [] : [{ text, from: `line ${index + 1} of ${nameHeaderFile(path)}` }],
  )
}

/** The file for the sentences: with its path as it is written, unless a header or a token was written there instead. */
export function nameHeaderFile(path: string): string {
  const isHeader = /[:=]\s|["'=]|\b(?:bearer|basic)\b|^eyJ/i.test(path)
  const isPath = /[\\/]|\.\w{1,8}$/.test(path) || !looksLikeSecret(path)
  return isPath && !isHeader ? `the header file ${path}` : 'the header file'
}

/** A byte order mark, or a zero in every second byte of what are mostly ASCII letters. */
function isUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true
  const head = bytes.subarray(0, 256)
  const zeros = head.reduce((sum, byte) => sum + (byte === 0 ? 1 : 0), 0)
  return head.length >= 4 && zeros * 3 > head.length
}
