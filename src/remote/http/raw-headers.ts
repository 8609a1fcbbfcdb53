// Headers as Node tells them, names and values in turn: read one by one, since few are asked for and Node's own `headers` would be
// built whole. Pure. protocol.md 0.6.

/** The value of the header of this name, in lower case; the last one if there are several. */
export function findHeader(raw: readonly string[], name: string): string | undefined {
  for (let index = raw.length - 2; index >= 0; index -= 2) {
    if (isNamed(raw[index]!, name)) return raw[index + 1]
  }
  return undefined
}

/** All values of the headers of this name, in lower case. */
export function findHeaders(raw: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let index = 0; index < raw.length; index += 2)
    if (isNamed(raw[index]!, name)) values.push(raw[index + 1]!)
  return values
}

function isNamed(candidate: string, name: string): boolean {
  return candidate.length === name.length && candidate.toLowerCase() === name
}
