// Writes what a whole run has found: docs/bench.md, docs/bench.svg, and the README's table if it has a place for one.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { page, summary, withSummary } from './page.mjs'
import { picture } from './picture.mjs'

const root = new URL('../../', import.meta.url)

/** The names of the files that it wrote. */
export function writePages(result) {
  mkdirSync(fileURLToPath(new URL('docs', root)), { recursive: true })
  const readme = withSummary(readFileSync(new URL('README.md', root), 'utf8'), summary(result))
  const texts = Object.entries({
    'docs/bench.md': page(result),
    'docs/bench.svg': picture(result),
    ...(readme !== undefined && { 'README.md': readme }),
  })
  for (const [file, text] of texts) writeFileSync(new URL(file, root), text)
  return texts.map(([file]) => file)
}
