// --tool-prefix, --prompt-prefix, --rename, --rename-prompt, --max-tool-name, --describe, --set. What is written by hand must be
// right at once: a name that no host takes, or two tools with one name, is an error of the command line. users.md 18, 34.
import type { FurtherFlag } from './flag-table.ts'
import { findFlag } from './flags.ts'
import { inFull } from './further-flags.ts'
import { readCount, type Sourced } from './quantities.ts'
import { bad, type Reading } from './reading.ts'
import { fillIn } from './references.ts'
import { MARK_DIGITS, type RenameOptions, type ShapingOptions } from './shaping.ts'
import { looksLikeSecret, trimEnds } from './variables.ts'

/** A name shorter than this says nothing: what --max-tool-name leaves beside the prefix and what tells shortened names apart. */
const LEAST_OF_NAME = 3

/** Throws BridgeError `usage`. */
export function readNaming(reading: Reading): Pick<ShapingOptions, 'rename' | 'descriptions' | 'fixed'> {
  const rename = readRename(reading)
  const descriptions = readDescriptions(reading)
  const fixed = readFixed(reading)
  return {
    ...(Object.keys(rename).length > 0 && { rename }),
    ...(descriptions.size > 0 && { descriptions }),
    ...(fixed.size > 0 && { fixed }),
  }
}

function readRename(reading: Reading): RenameOptions {
  const most = reading.raw('--max-tool-name')
  const mostCharacters = most && readCount(inFull(findFlag('--max-tool-name')!), most)
  const toolPrefix = readPrefix(reading, '--tool-prefix')
  const promptPrefix = readPrefix(reading, '--prompt-prefix')
  const tools = readRenames(reading, '--rename', mostCharacters)
  const prompts = readRenames(reading, '--rename-prompt')
  const isTooLong = (toolPrefix?.length ?? 0) + LEAST_OF_NAME + 1 + MARK_DIGITS > (mostCharacters ?? Infinity)
  if (isTooLong)
    throw bad(
      `--tool-prefix leaves no room for names within --max-tool-name ${mostCharacters}`,
      'take a shorter prefix',
    )
  return {
    ...(toolPrefix !== undefined && { toolPrefix }),
    ...(promptPrefix !== undefined && { promptPrefix }),
    ...(tools.size > 0 && { tools }),
    ...(prompts.size > 0 && { prompts }),
    ...(mostCharacters !== undefined && { mostCharacters }),
  }
}

function readPrefix(reading: Reading, name: FurtherFlag): string | undefined {
  const given = reading.text(name)
  if (given === undefined) return undefined
  refuseUnsuited(given.text, `the prefix from ${given.from}`)
  return given.text
}

/** By the old name. The new one has no = in it, an old one may. */
function readRenames(reading: Reading, name: FurtherFlag, most = Infinity): Map<string, string> {
  const renames = new Map<string, string>()
  const taken = new Set<string>()
  const pairs = reading
    .texts(name)
    .flatMap(({ text, from }) => text.split(',').map((part) => ({ text: trimEnds(part), from })))
  for (const { text, from } of pairs) {
    if (text === '') continue
    const at = text.lastIndexOf('=')
    const [old, renamed] = [trimEnds(text.slice(0, Math.max(at, 0))), trimEnds(text.slice(at + 1))]
    if (at < 0 || old === '') throw bad(`${from} does not say what is renamed to what`, 'write old=new')
    const what = `the new name of ${shown(old)} from ${from}`
    refuseUnsuited(renamed, what)
    if (renamed.length > most)
      throw bad(`${what} has more than the ${most} characters of --max-tool-name`, 'take a shorter one')
    if (renames.get(old) === renamed) continue
    if (renames.has(old)) throw bad(`${from} renames ${shown(old)} twice`, 'write it once')
    if (taken.has(renamed)) throw bad(`${from} gives the name ${shown(renamed)} twice`, 'take another name')
    taken.add(renamed)
    renames.set(old, renamed)
  }
  return renames
}

/** 26/TOOL Tool Names: which characters, and how many. Hosts refuse others, or leave the tool out without a word. */
function refuseUnsuited(name: string, what: string): void {
  const why =
    name === ''
      ? 'is empty'
      : name.length > 128
        ? 'has more than 128 characters'
        : /^[A-Za-z0-9_.-]+$/.test(name)
          ? undefined
          : 'has a character in it that editors do not take in names'
  if (why !== undefined) throw bad(`${what} ${why}`, 'write letters, digits, _, - and . alone')
}

/** The text may be empty: it takes the description away. */
function readDescriptions(reading: Reading): Map<string, string> {
  const descriptions = new Map<string, string>()
  for (const { text, from } of reading.texts('--describe')) {
    const at = text.indexOf('=')
    const tool = trimEnds(text.slice(0, Math.max(at, 0)))
    if (at < 0 || tool === '') throw bad(`${from} does not say which tool it describes`, 'write tool=text')
    if (descriptions.has(tool)) throw bad(`${from} describes ${shown(tool)} twice`, 'write it once')
    descriptions.set(tool, trimEnds(text.slice(at + 1)))
  }
  return descriptions
}

/** The tool is what stands in front of the last dot; which part of it is its name is seen when the tools are known. */
function readFixed(reading: Reading): Map<string, Map<string, string>> {
  const fixed = new Map<string, Map<string, string>>()
  // As it is written: a variable is filled in where a value stands, and its text is never looked at.
  for (const { text: line, from } of reading.lines('--set')) {
    const text = trimEnds(line)
    if (text === '') continue
    const equals = text.indexOf('=')
    const path = trimEnds(text.slice(0, Math.max(equals, 0)))
    const dot = path.lastIndexOf('.')
    const [tool, name] = [path.slice(0, Math.max(dot, 0)), path.slice(dot + 1)]
    if (equals < 0 || tool === '' || name === '')
      throw bad(`${from} does not say which argument of which tool it sets`, 'write tool.argument=value')
    const known = fixed.get(tool) ?? new Map<string, string>()
    if (known.has(name)) throw bad(`${from} sets ${shown(name)} of ${shown(tool)} twice`, 'write it once')
    fixed.set(tool, known.set(name, filled(reading, { text: text.slice(equals + 1), from })))
  }
  return fixed
}

/** What a variable holds is a secret, as it is in a header. */
function filled({ request, secrets, warnings }: Reading, { text, from }: Sourced): string {
  const place = { what: `the value from ${from}`, environment: request.environment }
  const full = fillIn(trimEnds(text), place, ({ value }) => {
    secrets.push(value)
    return value
  })
  warnings.push(...full.warnings)
  return full.text
}

/** A name in a sentence: a token that has slipped in there is not shown. */
function shown(name: string): string {
  return looksLikeSecret(name) ? 'something' : name
}
