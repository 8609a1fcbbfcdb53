// What looks like a variable or a placeholder that somebody forgot to fill in, in a header or URL as the user wrote
// it (arguments.md 4.5). It is sent as it stands, because `$` occurs in passwords and `%E4%` in percent-encoding.

import type { Environment } from './variables.ts'
import { looksLikeSecret, lookUp } from './variables.ts'
import type { Warning } from './warning.ts'

/** Warnings about the text as written; never give it what a variable holds. */
export function suspicions(text: string, what: string, environment: Environment): Warning[] {
  const found: Warning[] = []
  if (!/[$%<{]|op:/.test(text)) return found
  const has = (name: string) => lookUp(name, environment) !== undefined
  const dollar = [...text.matchAll(/\$(?:env:)?([A-Za-z_][A-Za-z0-9_]*)/gi)]
    .map((match) => match[1]!)
    .find(has)
  const alone = DOLLAR_ALONE.exec(text)?.[1] ?? ''
  const name = dollar ?? (looksLikeSecret(alone) ? '' : alone)
  // Not as it stands there: that is redacted with the rest of the value.
  if (name !== '')
    found.push({ code: 'unexpanded-dollar', text: sentAsItIs(`${what} has ${name} with only a $`, name) })
  if (hasPercentVariable(text, has))
    found.push({
      code: 'unexpanded-percent',
      text: `${what} contains a %NAME%, which is sent as it is; write $\{NAME} to have a variable filled in`,
    })
  const ofOpencode = /(?<!\$)\{env:([A-Za-z_][A-Za-z0-9_]*)\}/.exec(text)?.[1]
  if (ofOpencode !== undefined)
    found.push({ code: 'placeholder', text: sentAsItIs(`${what} contains {env:…}`, ofOpencode) })
  return [...found, ...leftovers(text, what)]
}

/** All of a credential, or of a part of a URL, is a variable in capitals, whether it is set or not. */
const DOLLAR_ALONE = /(?:^|[ \t=/])\$(?:env:)?([A-Z][A-Z0-9_]{2,})(?=$|[/?&#])/

function sentAsItIs(sees: string, name: string): string {
  return `${sees}, which is sent as it is; write $\{${name}} to have it filled in`
}

/** Warnings about what nobody has put a value in the place of: the text may also be what a variable holds. */
export function leftovers(text: string, what: string): Warning[] {
  if (hasPlaceholder(text)) return [placeholder(what)]
  if (!/(?:^|[ \t])op:\/\/\w/.test(text)) return []
  return [
    {
      code: 'placeholder',
      text: `${what} names a secret of 1Password, which is sent as it is; write --bearer-command or --header-command with op read in its place`,
    },
  ]
}

/** Whether it ends with a `<token>` that nobody has replaced; a link or a mail address is none. */
export function hasPlaceholder(text: string): boolean {
  return /(?:^|[ \t=/])<(?![^<>]*(?:@|:\/\/))[^<>]+>$/.test(text)
}

export function placeholder(what: string): Warning {
  return { code: 'placeholder', text: `${what} still has a placeholder in it; put the real value there` }
}

function hasPercentVariable(text: string, has: (name: string) => boolean): boolean {
  for (const match of text.matchAll(/%([A-Za-z_][A-Za-z0-9_]*)(?=%)/g)) {
    const name = match[1]!
    const rest = text.slice(match.index + match[0].length + 1)
    const isHex = (part: string) => /^[0-9a-f]{2}/i.test(part)
    // %E4%BD%A0 and %E4abc%20 are percent-encoding.
    const isEncoding = isHex(name) && (name.length === 2 || isHex(rest))
    if (!isEncoding || has(name)) return true
  }
  return false
}

/** `U+201C`: names a character that cannot be shown; what it is, the error that holds it tells in the end (unexpected.ts). */
export function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}
