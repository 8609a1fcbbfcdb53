// What the command line says of names that the remote does not have is told once, as soon as all its names are known.
import type { Log } from '../log.ts'
import { nearest } from '../options/nearest.ts'

/** More than anybody reads. What there is to say of ever new names must not be kept for ever. */
const MOST_TOLD = 10_000

/** Says each sentence once. */
export function onceTo(say: Log['warn']): (text: string) => void {
  const told = new Set<string>()
  return (text) => {
    if (told.has(text)) return
    if (told.size >= MOST_TOLD) told.clear()
    told.add(text)
    say(text)
  }
}

/** The end of a sentence about a name that is not there. */
export function meant(name: string, known: Iterable<string>): string {
  const [near] = nearest(name, known, 1)
  return near === undefined ? '' : `; did you mean ${JSON.stringify(near)}?`
}

/** What the remote says, in a sentence: it may say anything, and a terminal must not obey it. */
export function clean(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/g, '\ufffd').slice(0, 100)
}
