// How a number, a verdict and a table's row are written, in the terminal as in Markdown.
export const MARKS = new Map([
  [true, '✔'],
  [false, '✘'],
  [undefined, '–'],
])

export const numeral = (value, digits) =>
  value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })

export function cellText({ value, failed, worse }, digits) {
  if (failed !== undefined) return failed
  if (value === undefined) return '-'
  const small = value !== 0 && Math.abs(value) < 10 ? Math.max(digits, 1) : digits
  const text = numeral(value, Number.isInteger(value) ? digits : small)
  return worse === undefined ? text : `${text} (${numeral(worse, worse < 10 ? 2 : 0)}×)`
}

export const verdictText = (judged) => judged.map(({ met, text }) => `${MARKS.get(met)} ${text}`).join('; ')

export const noiseText = (noise) => (noise > 0 ? `± ${numeral(noise * 100, noise < 0.1 ? 1 : 0)} %` : '')

// A row of a table as its texts, and the head that goes over them.
export const headOf = (title, names) => [title, ...names, 'noise', 'limit of mcp-ferry']
export const textsOf = ({ label, digits, cells, noise, judged }) => [
  label,
  ...cells.map((cell) => cellText(cell, digits)),
  noiseText(noise),
  verdictText(judged),
]

export function align(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  const last = widths.length - 1
  const pad = (text, column) =>
    column === 0 || column === last ? text.padEnd(widths[column]) : text.padStart(widths[column])
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n')
}

/** For the terminal: one table, cell by cell. */
export function plainText(tables, names) {
  const lines = tables.flatMap(({ rows }) => rows.map(textsOf))
  const reasons = tables.flatMap(({ name, failures }) =>
    failures.map((one) => `${name}${one.part && `, ${one.part}`}: ${one.name}: ${one.reason}`),
  )
  return [align([headOf('', names), ...lines]), ...reasons].join('\n')
}
