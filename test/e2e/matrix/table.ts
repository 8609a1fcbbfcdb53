// The matrix as text: a row for each behaviour, a column for each pair, and why a cell is empty.

export type Outcome = '✓' | '–' | '✗' | ' '

export interface Cell {
  readonly behaviour: string
  readonly pair: string
  readonly outcome: Outcome
  /** Why it cannot be. */
  readonly reason?: string
}

export function drawTable(cells: readonly Cell[]): string {
  const pairs = [...new Set(cells.map(({ pair }) => pair))]
  const rows = [...new Set(cells.map(({ behaviour }) => behaviour))]
  const width = Math.max(...rows.map((row) => row.length))
  const outcomes = new Map(cells.map((cell) => [`${cell.behaviour}\n${cell.pair}`, cell.outcome]))
  const letters = pairs.map((_, index) => String.fromCharCode(97 + index))
  return [
    ...pairs.map((pair, index) => `${letters[index]}  ${pair}`),
    '',
    `${' '.repeat(width)}  ${letters.join(' ')}`,
    ...rows.map((row) => {
      const marks = pairs.map((pair) => outcomes.get(`${row}\n${pair}`) ?? ' ')
      return `${row.padEnd(width)}  ${marks.join(' ')}`
    }),
    '',
    ...reasons(cells),
  ].join('\n')
}

function reasons(cells: readonly Cell[]): string[] {
  const byReason = new Map<string, { pairs: Set<string>; behaviours: Set<string> }>()
  for (const { reason, pair, behaviour } of cells) {
    if (reason === undefined) continue
    const group = byReason.get(reason) ?? { pairs: new Set(), behaviours: new Set() }
    byReason.set(reason, group)
    group.pairs.add(pair)
    group.behaviours.add(behaviour)
  }
  return [...byReason].map(
    ([reason, { pairs, behaviours }]) =>
      `–  ${[...pairs].join(', ')}: ${[...behaviours].join('; ')}\n   ${reason}`,
  )
}
