// The outcome of a run: scenarios down, cells across, and how many passed.
import type { Cell } from './cells.ts'
import type { Outcome, Scenario } from './suite.ts'

export function table(
  results: ReadonlyMap<Cell, readonly Outcome[]>,
  scenarios: readonly Scenario[],
): string {
  const cells = [...results.keys()]
  const ran = new Set([...results.values()].flat().map(({ scenario }) => scenario))
  const rows = scenarios
    .filter(({ name }) => ran.has(name))
    .map(({ name }) => [
      name,
      ...cells.map((cell) => entry(results.get(cell)?.find(({ scenario }) => scenario === name))),
    ])
  const sums = cells.map((cell) => {
    const outcomes = results.get(cell) ?? []
    return `${outcomes.filter(({ passed }) => passed).length} of ${outcomes.length}`
  })
  return aligned([['', ...cells.map(({ name }) => name)], ...rows, ['passed', ...sums]])
}

function entry(outcome: Outcome | undefined): string {
  if (outcome === undefined) return '·'
  return `${outcome.passed ? '✔' : '✘'} ${outcome.checks}`
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? []
  return rows
    .map((row) =>
      row
        .map((text, at) => text.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
