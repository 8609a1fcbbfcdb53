// How many columns of a terminal a text takes, and rows of texts below one another. Pure.

/** Two columns each, in every terminal that knows them. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
const WITHOUT_WIDTH = /\p{M}/u
const PLAIN = /^[\x20-\x7e]*$/

export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length
  let width = 0
  for (const character of text) width += WITHOUT_WIDTH.test(character) ? 0 : WIDE.test(character) ? 2 : 1
  return width
}

/** At most so wide; what is missing shows as `…`. */
export function fit(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let left = width - 1
  let kept = ''
  for (const character of text) {
    left -= widthOf(character)
    if (left < 0) break
    kept += character
  }
  return `${kept.trimEnd()}…`
}

export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

export interface Column {
  readonly head: string
  /** At most so many columns in a terminal; a longer text moves what is behind it. Without it, it is cut at the edge. */
  readonly most?: number
}

const GAP = 2

/** For a terminal of `width` columns: below one another, the last column cut at the edge. */
export function alignRows(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const all = [columns.map(({ head }) => head), ...rows]
  const widths = columns.map(({ most = Number.POSITIVE_INFINITY }, at) =>
    Math.min(
      most,
      all.reduce((widest, row) => Math.max(widest, widthOf(row[at] ?? '')), 0),
    ),
  )
  return all.map((row) => {
    let line = ''
    let edge = 0
    row.forEach((text, at) => {
      const isLast = at === columns.length - 1
      const shown = columns[at]!.most === undefined ? fit(text, Math.max(8, width - widthOf(line))) : text
      edge += widths[at]! + GAP
      line += isLast ? shown : `${pad(shown, edge - widthOf(line) - GAP)}${' '.repeat(GAP)}`
    })
    return line.trimEnd()
  })
}
