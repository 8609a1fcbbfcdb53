// Which known name a mistyped one was meant to be: for option names and for names of environment variables.

/**
 * The candidates that a mistyped word may stand for, nearest first, at most `most`. Case does not count; otherwise
 * up to a third of the letters may be wrong, but never more than three, or the word may be cut short.
 */
export function nearest(word: string, candidates: Iterable<string>, most: number): string[] {
  const wanted = bare(word)
  const allowed = Math.min(3, Math.floor(wanted.length / 3))
  const found: { name: string; distance: number }[] = []
  for (const name of candidates) {
    const other = bare(name)
    const cut = wanted.length >= 3 && other.startsWith(wanted)
    // The length alone tells most of them apart, and an environment may hold hundreds of names.
    if (!cut && Math.abs(other.length - wanted.length) > allowed) continue
    const distance = editDistance(wanted, other)
    if (cut || distance <= allowed) found.push({ name, distance })
  }
  return found
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name)
}

function bare(word: string): string {
  return word.replace(/^-+/, '').toLowerCase()
}

/** Insertions, deletions, replacements and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const now = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1
      let cost = Math.min(last[column]! + 1, now[column - 1]! + 1, last[column - 1]! + same)
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        cost = Math.min(cost, before[column - 2]! + 1)
      now.push(cost)
    }
    before = last
    last = now
  }
  return last[b.length]!
}
