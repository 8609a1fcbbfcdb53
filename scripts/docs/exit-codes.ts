// The README's table of exit codes, held against the codes that each command's help tells and that the source ends with.
// Pure.
import type { Page } from './page.ts'
import type { CommandFacts, Facts } from './program-facts.ts'

interface Row {
  readonly codes: readonly number[]
  readonly isOf: (command: CommandFacts) => boolean
  readonly isGeneral: boolean
  readonly line: number
}

export function exitCodeComplaints(pages: readonly Page[], facts: Facts): string[] {
  const readme = pages.find(({ path }) => path === 'README.md')
  const rows = readme === undefined ? [] : rowsOf(readme)
  if (rows.length === 0) return ['README.md: there is no table of exit codes']
  return [...lacking(rows, facts), ...tooMany(rows, facts), ...elsewhere(pages, facts)]
}

function lacking(rows: readonly Row[], { commands, exitCodes }: Facts): string[] {
  const told = rows.flatMap(({ codes }) => codes)
  return [
    ...exitCodes
      .filter((code) => !told.includes(code))
      .map((code) => `README.md: the exit code ${code} is not documented`),
    ...commands.flatMap((command) =>
      command.exitCodes
        .filter((code) => !rows.some((row) => row.codes.includes(code) && row.isOf(command)))
        .map((code) => `README.md: the exit code ${code} of ${command.name} is not documented`),
    ),
  ]
}

function tooMany(rows: readonly Row[], { commands, exitCodes }: Facts): string[] {
  return rows.flatMap(({ codes, isOf, isGeneral, line }) => {
    const real = isGeneral ? exitCodes : commands.filter(isOf).flatMap((command) => command.exitCodes)
    return codes
      .filter((code) => !real.includes(code))
      .map((code) => `README.md:${line}: nothing that this row speaks of ends with exit code ${code}`)
  })
}

function elsewhere(pages: readonly Page[], { exitCodes }: Facts): string[] {
  return pages.flatMap(({ path, lines }) =>
    lines.flatMap((line, at) =>
      [...line.matchAll(/\bexit(?:s with| codes?(?: is)?) (\d+)/gi)]
        .filter(([, code]) => !exitCodes.includes(Number(code)))
        .map(([, code]) => `${path}:${at + 1}: there is no exit code ${code}`),
    ),
  )
}

function rowsOf({ lines }: Page): Row[] {
  const start = lines.findIndex((line) => /^\| exit code \|/.test(line))
  if (start < 0) return []
  const end = lines.findIndex((line, at) => at > start && !line.startsWith('|'))
  return lines.slice(start + 2, end < 0 ? undefined : end).map((line, at) => {
    const [, codes = '', meaning = ''] = line.split('|').map((cell) => cell.trim())
    return { codes: codesOf(codes), line: start + 3 + at, ...whose(meaning) }
  })
}

function codesOf(cell: string): number[] {
  const [, low, high] = /^(\d+) to (\d+)$/.exec(cell) ?? []
  if (low === undefined) return [...cell.matchAll(/\d+/g)].map(Number)
  return Array.from({ length: Number(high) - Number(low) + 1 }, (_, at) => Number(low) + at)
}

/** A row that begins with `of`, or ends so, is about some commands; another is about all. */
function whose(meaning: string): Pick<Row, 'isOf' | 'isGeneral'> {
  if (/\bof the commands that ask a server\b/.test(meaning))
    return { isGeneral: false, isOf: ({ asksServer }) => asksServer }
  const [, name] = /^of `([a-z]+)/.exec(meaning) ?? []
  return { isGeneral: name === undefined, isOf: (command) => name === undefined || command.name === name }
}
