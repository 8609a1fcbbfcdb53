// What the code in a page says of the program: which commands, options and variables it names. Pure.
import type { Page } from './page.ts'

export interface Code {
  readonly text: string
  readonly line: number
  /** Of a block; a span has none. */
  readonly language?: string
}

/** One `mcp-ferry …` in some code. */
export interface Call {
  /** The first word behind the program's name, if it could be a command. */
  readonly word: string | undefined
  readonly flags: readonly string[]
  readonly line: number
}

const FLAG = /(?<![\w-])--[a-z][a-z0-9-]*/g
const PROGRAM = /(?<![\w./@-])mcp-ferry(?:@[\w.]+)?(?=\s|$)([^|;&#]*)/g

/** All code of a page, a line of it each; a line that ends with a backslash goes on in the next. */
export function codeOf({ spans, blocks }: Page): Code[] {
  const lines = blocks.flatMap(({ text, line, language }) => {
    return text
      .replace(/\\\n/g, ' ')
      .split('\n')
      .map((one, at) => ({ text: one, line: line + 1 + at, language }))
  })
  return [...spans, ...lines]
}

export function flagsIn(text: string): string[] {
  return [...text.matchAll(FLAG)].map(([flag]) => flag)
}

export function variablesIn(text: string): string[] {
  return [...text.matchAll(/(?<![A-Z_])MCP_FERRY(?:_[A-Z0-9]+)+(?![A-Z_])/g)].map(([name]) => name)
}

/** Each start of the program, and each span that begins with a command alone, such as `config --list`. */
export function callsIn({ text, line, language }: Code, commands: readonly string[]): Call[] {
  const found = [...text.matchAll(PROGRAM)].map(([, rest]): Call => {
    const [, word] = /^\s+([a-z][a-z-]*)(?=\s|$)/.exec(rest!) ?? []
    return { word, flags: flagsIn(rest!), line }
  })
  const first = text.split(/\s/, 1)[0]!
  if (found.length > 0 || language !== undefined || !commands.includes(first)) return found
  return [{ word: first, flags: flagsIn(text), line }]
}

/** The scripts that `npm run …` and `npm test` name. */
export function npmScriptsIn(text: string): string[] {
  const run = [...text.matchAll(/\bnpm run(?:-script)?(?: --silent)? ([a-z][\w:-]*)/g)]
  const short = [...text.matchAll(/\bnpm (test|start)\b/g)]
  return [...run, ...short].map(([, name]) => name!)
}

/** The files that `node …` starts. */
export function nodeFilesIn(text: string): string[] {
  const starts = text.matchAll(
    /(?<![\w./-])node (?:--import \S+ |--[\w-]+ )*((?:[\w.-]+\/)*[\w.-]+\.[cm]?[jt]s)\b/g,
  )
  return [...starts].map(([, file]) => file!)
}
