// A file of the user's, for the sentences: its name, and why it cannot be read. Pure.
import { looksLikeSecret } from './variables.ts'

/** A header's name, and not a drive's letter, with its separator. */
const HEADER = /^\s*["']?[A-Za-z][\w.-]+\s*[:=]/

/** `the log file /x/y`: with its path as it is written, unless a header or a token was written there instead. */
export function nameFile(what: string, path: string): string {
  const isHeader = HEADER.test(path) || /[:=]\s|["'=]|\b(?:bearer|basic)\b|^eyJ/i.test(path)
  const [root = '', ...rest] = path.split(/[\\/]+/).filter((part) => part !== '')
  // Base64 may begin with a slash; but no folder there has such a name.
  const isPath =
    /^(?:\.{1,2}|~|[A-Za-z]:|\$\{(?:env:)?\w+\})[\\/]|\.\w{1,8}$/.test(path) ||
    (!looksLikeSecret(root) && (/^[\\/]/.test(path) || !rest.some(looksLikeSecret)))
  return isPath && !isHeader && !/[\x00-\x1f\x7f]/.test(path) ? `${what} ${path}` : what
}

/** What follows the file's name in the sentence, with what to do. */
export function whyUnreadable(thrown: unknown): string {
  const code = (thrown as { code?: unknown } | null)?.code
  const why =
    code === 'ENOENT' ? 'does not exist' : `cannot be read${typeof code === 'string' ? ` (${code})` : ''}`
  return `${why}; write the path of a readable file`
}
