// Headers as Node tells them, names and values in turn: read one by one, since few are asked for and Node's own `headers` would be
// built whole. Pure. protocol.md 0.6.

/** The value of the header of this name, in lower case; the last one if there are several. */
export function findHeader(raw: readonly string[], name: string): string | undefined {
  for (let index = raw.length - 2; index >= 0; index -= 2) {
    const candidate = raw[index]!
    if (candidate.length === name.length && candidate.toLowerCase() === name) return raw[index + 1]
  }
  return undefined
}

/** All values of the headers of this name, in lower case. */
export function findHeaders(raw: readonly string[], name: string): string[] {
  return raw.filter((_, index) => index % 2 === 1 && raw[index - 1]!.toLowerCase() === name)
}
