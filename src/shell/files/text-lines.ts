// The lines of a config: where they begin and end, and which of them belong together. Pure.

/** That of the text, where it has one. */
export function lineEnd(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n'
}

export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1
}

/** Behind the line end, or at the end of the text. */
export function nextLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end + 1
}

/** In TOML, behind the comments that directly follow, unless they stand right above the next table and speak of that. */
export function behindComments(text: string, at: number): number {
  let end = at
  while (/^[ \t]*#/.test(lineAt(text, end))) end = nextLine(text, end)
  return /^[ \t]*\[/.test(lineAt(text, end)) ? at : end
}

/** Where the blank line right above begins, if there is one. */
export function blankLineAbove(text: string, at: number): number {
  const above = at === 0 ? 0 : lineStart(text, at - 1)
  return text.slice(above, at).trim() === '' ? above : at
}

function lineAt(text: string, at: number): string {
  return text.slice(at, nextLine(text, at))
}
