// What stands in a command that a person is shown, and may paste into a shell. Pure.
import { wordInCommand } from '../options/word-in-command.ts'

/** A path in it; whoever has made the project has named its folders as well. */
export function quoted(path: string): string {
  return wordInCommand(path, /^[\w./~:\\-]+$/, 'FILE')
}

/** The name of an entry in it: whoever has made the project has chosen that, and a shell might obey what is in it. */
export function nameInCommand(name: string): string {
  return /^\w[\w.-]*$/.test(name) ? name : 'NAME'
}
