// Patterns over names and URIs: `*` is any text, `?` any one character, everything else is itself. What is allowed has to be
// written exactly so; what is denied is denied in every spelling that a lenient remote may take for the same. users.md 18.

export interface Glob {
  readonly pattern: string
  fits(text: string): boolean
  /** Whatever the case, the Unicode normal form and the spaces around it. */
  fitsLoosely(text: string): boolean
}

/** Any text; any one character. No text that is compared is one of them. */
const ANY = '*any'
const ONE = '?one'

export function createGlob(pattern: string, literally: (text: string) => string = (text) => text): Glob {
  const parts = pattern.split(/([*?])/)
  const tokensOf = (change: (text: string) => string): string[] =>
    parts.flatMap((part, at) => (at % 2 === 1 ? [part === '*' ? ANY : ONE] : [...change(literally(part))]))
  const exact = tokensOf((text) => text)
  const lower = tokensOf((text) => text.toLowerCase())
  const folded = tokensOf(fold)
  return {
    pattern,
    fits: (text) => isMatch(exact, [...text]),
    fitsLoosely: (text) =>
      isMatch(exact, [...text]) ||
      isMatch(lower, [...text.trim().toLowerCase()]) ||
      isMatch(folded, [...fold(text.trim())]),
  }
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().toUpperCase().normalize('NFKC')
}

/** At most as many steps as the one is long times the other. */
function isMatch(tokens: readonly string[], text: readonly string[]): boolean {
  let token = 0
  let at = 0
  let star = -1
  let from = 0
  while (at < text.length) {
    if (tokens[token] === ANY) {
      star = token++
      from = at
    } else if (token < tokens.length && (tokens[token] === ONE || tokens[token] === text[at])) {
      token++
      at++
    } else if (star >= 0) {
      token = star + 1
      at = ++from
    } else return false
  }
  while (tokens[token] === ANY) token++
  return token === tokens.length
}
