// Turns samples into the one table. In brackets stands how many times worse than the bare bridge a target is, whether
// more or less is better, so that 1.00x is the floor everywhere; limits are read against the same number.
const FERRY = 'mcp-ferry'
const FAILED = 'failed'

function rowOf(row, result, names) {
  const direct = result.samples.get('direct') ?? {}
  const values = names.map((name) => {
    if (result.failures.has(name)) return undefined
    return row.of(result.samples.get(name) ?? {}, direct)
  })
  const floor = values[0]
  const worse = (value) => (row.more ? floor / value : value / floor)
  const texts = values.map((value, at) => {
    if (result.failures.has(names[at])) return FAILED
    if (value === undefined || !Number.isFinite(value)) return '-'
    const number = value.toLocaleString('en', {
      minimumFractionDigits: row.digits ?? 1,
      maximumFractionDigits: row.digits ?? 1,
    })
    if (at === 0 || row.plain || !(floor > 0 && value > 0)) return number
    return `${number} (${worse(value).toFixed(worse(value) < 10 ? 2 : 0)}x)`
  })
  return { values, texts, verdict: judge(row.limit, { floor, value: values[names.indexOf(FERRY)], worse }) }
}

function judge(limit, { floor, value, worse }) {
  if (limit === undefined) return undefined
  const known = Number.isFinite(value) && (limit.most !== undefined || Number.isFinite(floor))
  if (limit.times !== undefined)
    return { text: `≤ ${limit.times}x`, met: known ? worse(value) <= limit.times : undefined }
  if (limit.above !== undefined)
    return { text: `≤ bare + ${limit.above}`, met: known ? value - floor <= limit.above : undefined }
  return { text: `< ${limit.most}`, met: known ? value < limit.most : undefined }
}

const WORDS = new Map([
  [true, 'met'],
  [false, 'MISSED'],
  [undefined, 'not measured'],
])

export function tabulate(results, names) {
  const lines = []
  const data = []
  for (const result of results)
    for (const row of result.rows) {
      const { values, texts, verdict } = rowOf(row, result, names)
      // A short run leaves some out.
      if (texts.includes('-') && texts.every((text) => text === '-' || text === FAILED)) continue
      const limit = verdict ? `${verdict.text} ${WORDS.get(verdict.met)}` : ''
      lines.push([row.label, ...texts, limit])
      data.push({
        cell: result.name,
        label: row.label.trim(),
        values: Object.fromEntries(names.map((name, at) => [name, values[at] ?? null])),
        ...(verdict && { limit: verdict.text, met: verdict.met ?? null }),
      })
    }
  return { text: align([['', ...names, `${FERRY}'s limit`], ...lines]), data }
}

function align(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  const last = widths.length - 1
  const pad = (text, column) =>
    column === 0 || column === last ? text.padEnd(widths[column]) : text.padStart(widths[column])
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n')
}
