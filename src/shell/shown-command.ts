// What stands in a command that a person is shown, and may paste into a shell. Pure.

/** What a shell obeys in quotes too, or takes for their end. */
const LIVE = /["`$!%\u201c-\u201e\p{C}]|\\$/u

/** A path in it; whoever has made the project has named its folders as well. */
export function quoted(path: string): string {
  if (/^[\w./~:\\-]+$/.test(path)) return path
  return LIVE.test(path) ? 'FILE' : `"${path}"`
}

/** The name of an entry in it: whoever has made the project has chosen that, and a shell might obey what is in it. */
export function nameInCommand(name: string): string {
  return /^\w[\w.-]*$/.test(name) ? name : 'NAME'
}
