// Which files are the docs, and which of them the package has in it. Pure.

const PAGES =
  /^(?:README|CONTRIBUTING|SECURITY|CHANGELOG)\.md$|^docs\/[^/]+\.md$|^examples\/(?:(?!node_modules\/)[^/]+\/)*README\.md$/

/** npm packs these whatever package.json says. */
const ALWAYS = ['package.json', 'README.md', 'LICENSE']

export function docPaths(files: Iterable<string>): string[] {
  return [...files].filter((path) => PAGES.test(path)).sort()
}

/** `patterns`: what package.json lists as `files`; a star is any text without a slash. */
export function packedIn(patterns: readonly string[]): (path: string) => boolean {
  const fits = patterns.map((pattern) => {
    const text = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')
    return new RegExp(`^${text}$`)
  })
  return (path) => ALWAYS.includes(path) || fits.some((pattern) => pattern.test(path))
}
