// A word of a command that a person is shown, and may paste into a shell. Pure.

/** What a shell obeys in quotes too, or takes for their end. */
const LIVE = /["`$!%\u201c-\u201e\p{C}]|\\$/u

/** In quotes, where it is not as `plain` says; `instead` where a shell would obey it all the same. */
export function wordInCommand(word: string, plain: RegExp, instead: string): string {
  if (plain.test(word)) return word
  return LIVE.test(word) ? instead : `"${word}"`
}
