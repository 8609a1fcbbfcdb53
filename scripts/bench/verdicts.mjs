// Turns samples into the rows of the table: a number per target, how many times worse than the bare bridge that is
// (1.00 is the floor everywhere, whether more or less is better), the noise of the row, and which limits are met.
import { uncertainty } from './statistics.mjs'

const FERRY = 'mcp-ferry'
const FLOOR = 'bare'
const TWIN = 'bare again'
/** More noise than this is no excuse: then the machine was too busy for the row to say anything. */
const MOST_NOISE = 0.1

const number = (value) => (Number.isFinite(value) ? value : undefined)

// What two things that are the same differ by: the bare bridge from itself, and medians of so few values by chance.
function noiseOf(row, samples, worse) {
  const twin = number(row.of(samples.get(TWIN) ?? {}, samples.get('direct') ?? {}))
  const chance = [FLOOR, FERRY].map((name) => {
    const values = samples.get(name)?.[row.of.key] ?? []
    return values.every(Number.isFinite) && values.length > 1 ? uncertainty(values) : 0
  })
  return Math.max(twin === undefined ? 0 : Math.abs(worse(twin) - 1), Math.hypot(...chance))
}

function judge(limit, { row, value, floor, worse, noise, find }) {
  if (limit.times !== undefined && limit.fasterThan === undefined) {
    const allowed = limit.noise ? Math.min(noise, MOST_NOISE) : 0
    const plus = allowed > 0 ? `, ± ${(allowed * 100).toFixed(1)} % noise` : ''
    const text = row.more
      ? `≥ ${Math.round(100 / limit.times)} % of bare${plus}`
      : `≤ ${limit.times} × bare${plus}`
    return { text, met: floor === undefined ? undefined : worse(value) <= limit.times * (1 + allowed) }
  }
  if (limit.fasterThan !== undefined) {
    const other = find(limit.fasterThan)
    const times = other === undefined ? undefined : row.more ? value / other : other / value
    const text = `≥ ${limit.times} × faster than ${limit.fasterThan}${times ? ` (${times.toFixed(1)} ×)` : ''}`
    return { text, met: times === undefined ? undefined : times >= limit.times }
  }
  if (limit.above !== undefined)
    return {
      text: `≤ bare + ${limit.above}`,
      met: floor === undefined ? undefined : value - floor <= limit.above,
    }
  if (limit.below !== undefined)
    return { text: `< ${limit.below.toLocaleString('en')}`, met: value < limit.below }
  return { text: limit.most === 0 ? '0' : `≤ ${limit.most}`, met: value <= limit.most }
}

function rowOf(row, { samples, failures }, names) {
  const direct = samples.get('direct') ?? {}
  const part = row.part ?? ''
  const measured = (name) =>
    failures.get(name, part) ? undefined : number(row.of(samples.get(name) ?? {}, direct))
  const floor = measured(FLOOR)
  const worse = (value) => (row.more ? floor / value : value / floor)
  const isRatio = !row.plain && floor > 0
  const noise = isRatio ? noiseOf(row, samples, worse) : 0
  const cells = names.map((name) => {
    const value = measured(name)
    const failed = failures.get(name, part)?.text
    return { name, value, failed, worse: isRatio && value > 0 && name !== FLOOR ? worse(value) : undefined }
  })
  const own = measured(FERRY)
  const find = (name) => cells.find((cell) => cell.name.split(' ')[0] === name)?.value
  const judged = (row.limits ?? []).map((limit) =>
    own === undefined
      ? {
          ...judge(limit, { row, value: Number.NaN, floor: undefined, worse, noise, find: () => {} }),
          met: undefined,
        }
      : judge(limit, { row, value: own, floor, worse, noise, find }),
  )
  return {
    id: row.id,
    label: row.label,
    digits: row.digits ?? 1,
    more: row.more === true,
    noise,
    cells,
    judged,
  }
}

// A short run leaves some rows out.
const isEmpty = ({ cells }) => cells.every(({ value, failed }) => value === undefined && failed === undefined)

/** The tables of all cells: { name, title, rows, failures }. */
export const tabulate = (results, names) =>
  results
    .map(({ name, title, rows, samples, failures }) => ({
      name,
      title,
      rows: rows.map((row) => rowOf(row, { samples, failures }, names)).filter((row) => !isEmpty(row)),
      failures: failures.list().filter((one) => names.includes(one.name)),
    }))
    .filter(({ rows, failures }) => rows.length > 0 || failures.length > 0)

/** Limits that are missed, and cells in which mcp-ferry failed, each as a line; nothing: all is well. */
export function missed(tables) {
  const limits = tables.flatMap(({ rows }) =>
    rows.flatMap(({ label, judged }) =>
      judged.filter(({ met }) => met === false).map(({ text }) => `${label}: ${text}`),
    ),
  )
  const failed = tables.flatMap(({ name, failures }) =>
    failures
      .filter((one) => one.name === FERRY)
      .map(({ part, reason }) => `${name}${part && `, ${part}`}: ${reason}`),
  )
  return [...limits, ...failed]
}
