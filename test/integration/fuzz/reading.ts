// JSON as the most lenient of readers sees it: of members that come twice it knows both, and no name has a case.

export type Read = null | boolean | number | string | readonly Read[] | ReadonlyMap<string, readonly Read[]>

/** The text must be JSON. */
export function readAll(text: string): Read {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g) ?? []
  let at = 0
  const value = (): Read => {
    const token = tokens[at++]!
    if (token === '[') {
      const elements: Read[] = []
      while (tokens[at] !== ']') {
        elements.push(value())
        if (tokens[at] === ',') at++
      }
      at++
      return elements
    }
    if (token !== '{') return JSON.parse(token) as Read
    const members = new Map<string, Read[]>()
    while (tokens[at] !== '}') {
      const name = (JSON.parse(tokens[at]!) as string).toLowerCase()
      at += 2
      members.set(name, [...(members.get(name) ?? []), value()])
      if (tokens[at] === ',') at++
    }
    at++
    return members
  }
  return value()
}

/** The values of all members of this name. */
export function valuesOf(value: Read, name: string): readonly Read[] {
  return value instanceof Map
    ? ((value as ReadonlyMap<string, readonly Read[]>).get(name.toLowerCase()) ?? [])
    : []
}
