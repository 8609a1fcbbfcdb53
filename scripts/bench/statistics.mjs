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
export const middle = (key) => (samples) => samples[key] && median(samples[key])
export const highest = (key) => (samples) => samples[key] && Math.max(...samples[key])
export const spread = (key) => (samples) =>
  samples[key] && quantile(samples[key], 0.75) - quantile(samples[key], 0.25)
