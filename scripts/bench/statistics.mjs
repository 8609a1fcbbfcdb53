// Medians and not means: on a busy machine a few runs are always far off, and only to one side.
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * q
  const below = Math.floor(at)
  const above = Math.ceil(at)
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below)
}

export const median = (values) => quantile(values, 0.5)

// For the rows of a cell: how the number in the table is made of a target's samples, by their key.
const known = (samples, key) => samples[key]?.every(Number.isFinite) && samples[key].length > 0
const by = (make) => (key) => {
  const of = (samples) => (known(samples, key) ? make(samples[key]) : undefined)
  of.key = key
  return of
}
export const middle = by(median)
export const highest = by((values) => Math.max(...values))
export const spread = by((values) => quantile(values, 0.75) - quantile(values, 0.25))

// How far medians of so many values lie apart by chance, as a part of themselves: two standard errors, taken from the
// middle half of the values, which no outlier moves.
export function uncertainty(values) {
  if (values.length < 2) return 0
  const sigma = (quantile(values, 0.75) - quantile(values, 0.25)) / 1.349
  return (2 * 1.2533 * sigma) / Math.sqrt(values.length) / median(values)
}
