// What is wrong with the blocks of code of a page as text: a language that nothing reads, data that does not parse, a mark
// that gives no reason, and commands that neither run nor say why they do not. Pure.
import { parseTOML } from 'toml-eslint-parser'
import type { Block, Page } from './page.ts'

const LANGUAGES = ['', 'sh', 'console', 'json', 'toml', 'ts', 'http']

export function blockComplaints(pages: readonly Page[]): string[] {
  return pages.flatMap(({ path, blocks }) =>
    blocks.flatMap((block) => {
      const what = complaintOf(block)
      return what === undefined ? [] : [`${path}:${block.line}: ${what}`]
    }),
  )
}

function complaintOf({ language, text, mark }: Block): string | undefined {
  if (!LANGUAGES.includes(language))
    return `${language} is no language of the docs; they are ${LANGUAGES.filter(Boolean).join(', ')}`
  if (/^not run\b/.test(mark) && !/^not run: \S/.test(mark))
    return 'a block that is not run says why: <!-- not run: reason -->'
  const hasCommand = /^\$ /m.test(text)
  if (language === 'console' && !text.startsWith('$ ')) return 'a console block begins with a command: $ …'
  if (hasCommand && language === '' && !isSkipped(mark))
    return 'has commands: make it a console block, which is run, or write <!-- not run: reason --> above it'
  if (hasCommand && language === 'sh') return 'a sh block has no $ in front of its commands'
  try {
    if (language === 'json') JSON.parse(text)
    if (language === 'toml') parseTOML(text)
  } catch (error) {
    return `does not parse as ${language}: ${error instanceof Error ? error.message : String(error)}`
  }
  return undefined
}

export function isSkipped(mark: string): boolean {
  return /^not run: \S/.test(mark)
}
