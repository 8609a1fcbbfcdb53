// Variables that are named as ours are and mean nothing to us: one with a typo would otherwise be left out in silence.
// arguments.md 4.5.
import { FLAGS } from './flag-list.ts'
import { OTHER_VARIABLES } from './flags.ts'
import { nearest } from './nearest.ts'

const OURS = [...OTHER_VARIABLES, ...FLAGS.flatMap(({ env }) => (env === undefined ? [] : [env]))]

/** A sentence for each name of a variable that begins as ours do and is none. */
export function unknownVariables(names: readonly string[]): string[] {
  return names
    .filter((name) => /^MCP_FERRY_/i.test(name) && !OURS.includes(name.toUpperCase()))
    .map((name) => {
      const near = nearest(name, OURS, 1)[0]
      return `the variable ${name} means nothing to mcp-ferry${near === undefined ? '' : `; did you mean ${near}?`}`
    })
}
