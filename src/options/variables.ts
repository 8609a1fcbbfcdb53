// Variables of the environment and the texts that are written around them: what each start asks. references.ts fills them
// in. Pure. arguments.md 4.1.

export interface Environment {
  readonly values: Readonly<Record<string, string | undefined>>
  /** Names are the same in any case there. */
  readonly windows: boolean
}

/** Blanks at both ends, and line ends at the end; never the exotic white space that `trim()` takes as well. Linear: each run is begun once. */
export function trimEnds(text: string): string {
  return text.replace(/^[ \t]+/, '').replace(/(?<![ \t\r\n])[ \t\r\n]+$/, '')
}

/** Whether this is a name that `${…}`, `--header-env` and the like take. */
export function isVariableName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)
}

/** The variable's text; where names have no case, in whatever case it is there. */
export function lookUp(name: string, environment: Environment): string | undefined {
  const direct = environment.values[name]
  // An object that is no real environment has `constructor` and the like, which are no texts.
  if (typeof direct === 'string' || !environment.windows)
    return typeof direct === 'string' ? direct : undefined
  const wanted = name.toLowerCase()
  const other = Object.keys(environment.values).find((known) => known.toLowerCase() === wanted)
  return other === undefined ? undefined : environment.values[other]
}

/** Without the one pair of quotes, plain or escaped, around all of it; or as it is. */
export function withoutQuotes(text: string): string {
  const quote = /^\\?["']/.exec(text)?.[0]
  if (quote === undefined || text.length < 2 * quote.length || !text.endsWith(quote)) return text
  const inner = text.slice(quote.length, -quote.length)
  return quote === '"' && inner.endsWith('\\') ? text : inner
}

/**
 * Names of variables and headers are shown; a token that was written in the place of a name must not be. A name is
 * made of words, each with a few digits at its end at most, or is in capitals.
 */
export function looksLikeSecret(word: string): boolean {
  if (/^(gh[a-z]_|github_pat_|sk[-_]|pk_|xox|glpat|eyJ|AKIA|hf_|npm_)/.test(word)) return true
  if (/^[A-Z][A-Z0-9_]{0,39}$/.test(word) && (word.length < 20 || word.includes('_'))) return false
  return !word.split(/[-_.]/).every((part) => /^[A-Za-z]{0,20}\d{0,4}$/.test(part))
}
