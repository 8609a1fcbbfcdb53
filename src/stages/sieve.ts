// Which names the host gets to see: what is denied is hidden, what is allowed is shown, and everything is, where nothing is
// said of what is allowed. users.md 18.
import type { Patterns } from '../options/shaping.ts'
import { createGlob, type Glob } from './globs.ts'
import { decodePercent, formsOf, looseFormsOf } from './uri-forms.ts'

export interface Sieve {
  isShown(name: string): boolean
  /** The patterns that fit none of these names. */
  idle(names: readonly string[]): readonly { readonly side: 'allow' | 'deny'; readonly pattern: string }[]
}

/** A longer name is nobody's, and is not compared with anything: it is hidden. */
const LONGEST_NAME = 100_000

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
  return patterns && createSieve(patterns, globs, formsOf, looseFormsOf)
}

function createSieve(
  { allow, deny }: Patterns,
  globsOf: (pattern: string) => readonly Glob[],
  forms: (name: string) => readonly string[],
  /** For what is denied: what is allowed is written exactly so. */
  looseForms = forms,
): Sieve {
  const allowed = allow?.map(globsOf)
  const denied = (deny ?? []).map(globsOf)
  const isAllowed = (globs: readonly Glob[], form: string) => globs.some((glob) => glob.fits(form))
  const isDenied = (sets: typeof denied, name: string) =>
    sets.length > 0 &&
    looseForms(name).some((form) => sets.some((globs) => globs.some((glob) => glob.fitsLoosely(form))))

  const isShown = (name: string): boolean => {
    if (name.length > LONGEST_NAME || isDenied(denied, name)) return false
    // Each way to read it has to be allowed.
    return (
      allowed === undefined || forms(name).every((form) => allowed.some((globs) => isAllowed(globs, form)))
    )
  }
  return {
    isShown,
    idle(all) {
      const names = all.filter(({ length }) => length <= LONGEST_NAME)
      const idle = (side: 'allow' | 'deny', sets: readonly (readonly Glob[])[], fits: typeof isAllowed) =>
        sets
          .filter((globs) => !names.some((name) => fits(globs, name)))
          .map((globs) => ({ side, pattern: globs[0]!.pattern }))
      return [
        ...idle('allow', allowed ?? [], isAllowed),
        ...idle('deny', denied, (globs, name) => isDenied([globs], name)),
      ]
    },
  }
}
