// --allow-tool, --deny-tool and the same for prompts and resources, --read-only: what is written becomes lists of globs, with
// commas as good as line ends. An allowing flag that says nothing is an error: it would hide everything, or nothing. users.md 18.
import type { FurtherFlag } from './flag-table.ts'
import { bad, type Reading } from './reading.ts'
import type { FilterOptions, Patterns, ShapingOptions } from './shaping.ts'
import { trimEnds } from './variables.ts'

/** Throws BridgeError `usage`. */
export function readFilter(reading: Reading): Pick<ShapingOptions, 'filter'> {
  const tools = readPatterns(reading, '--allow-tool', '--deny-tool')
  const prompts = readPatterns(reading, '--allow-prompt', '--deny-prompt')
  const resources = readPatterns(reading, '--allow-resource', '--deny-resource')
  const filter: FilterOptions = {
    ...(tools && { tools }),
    ...(prompts && { prompts }),
    ...(resources && { resources }),
    ...(reading.isOn('--read-only') && { isReadOnly: true }),
  }
  return Object.keys(filter).length === 0 ? {} : { filter: Object.freeze(filter) }
}

function readPatterns(reading: Reading, allowing: FurtherFlag, denying: FurtherFlag): Patterns | undefined {
  const allow = globsOf(reading, allowing)
  const deny = globsOf(reading, denying)
  if (allow?.length === 0)
    throw bad(
      `${allowing} names nothing that is allowed`,
      `write ${allowing} and a glob (* is any text), or leave it out`,
    )
  // mcp-remote takes an empty --ignore-tool for none.
  if (deny?.length === 0)
    reading.warnings.push({ code: 'empty-glob', text: `${denying} is empty and hides nothing` })
  if (allow === undefined && !deny?.length) return undefined
  return Object.freeze({
    ...(allow && { allow: Object.freeze(allow) }),
    ...(deny?.length && { deny: Object.freeze(deny) }),
  })
}

/** Undefined: nothing is said. An editor sets a variable to nothing when it has nothing to put in. */
function globsOf(reading: Reading, name: FurtherFlag): string[] | undefined {
  const texts = reading.texts(name)
  if (texts.length === 0 && reading.request.given.get(name) === undefined) return undefined
  return texts.flatMap(({ text }) => splitAtCommas(text))
}

/** At line ends as well, but not within braces: a URI template may have commas of its own there. No name begins with a quote. */
function splitAtCommas(text: string): string[] {
  const parts = text.match(/(?:\{[^{}]*\}|[^,\r\n])+/g) ?? []
  return parts.map((part) => trimEnds(part).replace(/^["']+|["']+$/g, '')).filter((part) => part !== '')
}
