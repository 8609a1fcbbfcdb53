// Which names the host gets to see: what is denied is hidden, what is allowed is shown, and everything is, where nothing is
// said of what is allowed. users.md 18.
import type { Patterns } from '../options/shaping.ts'
import { createGlob, type Glob } from './globs.ts'
import { decodePercent, formsOf } from './uri-forms.ts'

export interface Sieve {
  isShown(name: string): boolean
  /** Which flag hides it: for sentences. */
  hiddenBy(name: string): 'allow' | 'deny' | undefined
  /** The patterns that fit none of these names. */
  idle(names: readonly string[]): readonly { readonly side: 'allow' | 'deny'; readonly pattern: string }[]
}

/** Of tools and prompts. */
export function sieveNames(patterns: Patterns | undefined): Sieve | undefined {
  return (
    patterns &&
    createSieve(
      patterns,
      (pattern) => [createGlob(pattern)],
      (name) => [name],
    )
  )
}

/** Of resources and their templates. */
export function sieveUris(patterns: Patterns | undefined): Sieve | undefined {
  const globs = (pattern: string) => [createGlob(pattern), createGlob(pattern, decodePercent)]
  return patterns && createSieve(patterns, globs, formsOf)
}

function createSieve(
  { allow, deny }: Patterns,
  globsOf: (pattern: string) => readonly Glob[],
  forms: (name: string) => readonly string[],
): Sieve {
  const allowed = allow?.map(globsOf)
  const denied = (deny ?? []).map(globsOf)
  const isAllowed = (globs: readonly Glob[], form: string) => globs.some((glob) => glob.fits(form))
  const isDenied = (globs: readonly Glob[], name: string) =>
    forms(name).some((form) => globs.some((glob) => glob.fitsLoosely(form)))

  const hiddenBy: Sieve['hiddenBy'] = (name) => {
    if (denied.some((globs) => isDenied(globs, name))) return 'deny'
    if (allowed === undefined) return undefined
    // Each way to read it has to be allowed.
    const isWhollyAllowed = forms(name).every((form) => allowed.some((globs) => isAllowed(globs, form)))
    return isWhollyAllowed ? undefined : 'allow'
  }
  return {
    hiddenBy,
    isShown: (name) => hiddenBy(name) === undefined,
    idle: (names) => [
      ...(allowed ?? [])
        .filter((globs) => !names.some((name) => isAllowed(globs, name)))
        .map((globs) => ({ side: 'allow' as const, pattern: globs[0]!.pattern })),
      ...denied
        .filter((globs) => !names.some((name) => isDenied(globs, name)))
        .map((globs) => ({ side: 'deny' as const, pattern: globs[0]!.pattern })),
    ],
  }
}
