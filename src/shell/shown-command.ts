// What stands in a command that a person is shown, and may paste into a shell. Pure.

/** A path in it. */
export function quoted(path: string): string {
  return /^[\w./~:\\-]+$/.test(path) ? path : `"${path}"`
}

/** The name of an entry in it: whoever has made the project has chosen that, and a shell might obey what is in it. */
export function nameInCommand(name: string): string {
  return /^\w[\w.-]*$/.test(name) ? name : 'NAME'
}
