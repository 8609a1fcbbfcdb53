// A header file's bytes → its headers as texts with their line numbers. Pure: whoever reads the file passes the bytes.
import { usage } from '../errors.ts'
import { nameFile } from './file-name.ts'
import type { HeaderText } from './headers.ts'

/**
 * `Name: value` per line; blank lines and lines that begin with # are skipped, a UTF-8 byte order mark and CRLF are
 * fine. A lone CR is no line end, so that it is refused inside a value. Throws `header-file-encoding` for UTF-16,
 * which Windows PowerShell writes with `>`.
 */
export function readHeaderFile(bytes: Uint8Array, path: string): HeaderText[] {
  if (isUtf16(bytes))
    throw usage(
      'header-file-encoding',
      `${nameFile('the header file', path)} is in UTF-16; save it as UTF-8, in PowerShell with Set-Content -Encoding utf8`,
    )
  const lines = new TextDecoder('utf-8').decode(bytes).split(/\r?\n/)
  return lines.flatMap((text, index) =>
    /^[ \t]*(?:#|$)/.test(text)
      ? []
      : [{ text, from: `line ${index + 1} of ${nameFile('the header file', path)}` }],
  )
}

/** A byte order mark, or a zero in every second byte of what are mostly ASCII letters. */
function isUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true
  const head = bytes.subarray(0, 256)
  const zeros = head.reduce((sum, byte) => sum + (byte === 0 ? 1 : 0), 0)
  return head.length >= 4 && zeros * 3 > head.length
}
