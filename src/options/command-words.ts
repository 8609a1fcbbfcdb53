// A command as one text → its words, as a person means them; no shell reads it, so nothing in it is special but blanks and
// quotes. A backslash is one, since Windows paths have them, except before a quote inside double quotes. Pure.
import { usage } from '../errors.ts'
import type { Sourced } from './quantities.ts'

/** Throws `bad-value` for a quote that does not end and for a text without a word. */
export function commandWords({ text, from }: Sourced): string[] {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!
    if (quote !== '') {
      if (letter === quote) quote = ''
      else if (letter === '\\' && quote === '"' && text[at + 1] === '"') word += text[++at]!
      else word += letter
    } else if (letter === '"' || letter === "'") {
      quote = letter
      word ??= ''
    } else if (/\s/.test(letter)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = (word ?? '') + letter
  }
  if (quote !== '')
    throw usage('bad-value', `the command from ${from} has a quote that does not end; close it or remove it`)
  if (word !== undefined) words.push(word)
  if ((words[0] ?? '') === '')
    throw usage('bad-value', `the command from ${from} names no program; write the program first`)
  return words
}
