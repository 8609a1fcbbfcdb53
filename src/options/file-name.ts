// A file of the user's, for the sentences. Pure.
import { looksLikeSecret } from './variables.ts'

/** A header's name, and not a drive's letter, with its separator. */
const HEADER = /^\s*["']?[A-Za-z][\w.-]+\s*[:=]/

/** `the log file /x/y`: with its path as it is written, unless a header or a token was written there instead. */
export function nameFile(what: string, path: string): string {
  const isHeader = HEADER.test(path) || /[:=]\s|["'=]|\b(?:bearer|basic)\b|^eyJ/i.test(path)
  const isPath = /[\\/]|\.\w{1,8}$/.test(path) || !looksLikeSecret(path)
  return isPath && !isHeader && !/[\x00-\x1f\x7f]/.test(path) ? `${what} ${path}` : what
}
