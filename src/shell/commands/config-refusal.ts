// Why the bridge refuses a command line, said to somebody who has typed one of `config`, or has one of mcp-remote in a file.
// arguments.md 4.4.
import { type BridgeError, usage } from '../../errors.ts'
import type { Unexpected } from '../../options/argv.ts'
import { FLAGS } from '../../options/flag-list.ts'
import { nearest } from '../../options/nearest.ts'
import { CONFIG_FLAGS } from '../../options/tool-flags.ts'

/** What stands in front of the arguments of an entry of mcp-remote. */
export const THEIRS = 'mcp-remote'

export interface Line {
  /** What stands in front of the arguments that are counted. */
  readonly behind: string
  /** What to do where there is no URL. */
  readonly noUrl: string
}

/** Any other error as it is. */
export async function toldFor(error: BridgeError, { behind, noUrl }: Line): Promise<BridgeError> {
  const { kind, facts } = error
  if (kind !== 'usage') return error
  if (facts.code === 'url-missing') return usage('url-missing', `there is no URL; ${noUrl}`)
  const unexpected = error.cause as Unexpected | undefined
  const meant = behind === THEIRS ? unknownThere(unexpected) : ownFlagMeant(unexpected)
  if (meant !== undefined) return usage('unknown-option', meant)
  const { explain } = await import('../../options/unexpected.ts')
  const explained = explain(error)
  const text = explained.message
    .replace(/\bargument (\d+)\b/g, `argument $1 behind ${behind}`)
    .replaceAll('mcp-ferry --help', 'mcp-ferry config --help')
  return text === explained.message ? explained : usage(facts.code ?? '', text)
}

/** It worked with that option in it: mcp-remote does not look at what it does not know. */
function unknownThere(unexpected: Unexpected | undefined): string | undefined {
  const name = optionIn(unexpected)
  if (name === undefined) return undefined
  return `mcp-remote does not know the option ${name} either and passes over it; remove it`
}

/** The name of an option that nobody knows, if it looks like one. */
function optionIn(unexpected: Unexpected | undefined): string | undefined {
  if (unexpected?.kind !== 'option' || unexpected.isAfterHeader) return undefined
  const [name = ''] = (unexpected.argv[unexpected.at] ?? '').split('=', 1)
  return /^--[a-z-]{1,30}$/.test(name) ? name : undefined
}

/** An option that is nearly one of config: the bridge does not know those. */
function ownFlagMeant(unexpected: Unexpected | undefined): string | undefined {
  const name = optionIn(unexpected)
  if (name === undefined) return undefined
  const names = [...CONFIG_FLAGS, ...FLAGS].map((flag) => flag.name)
  const [near] = nearest(name, names, 1)
  if (!CONFIG_FLAGS.some((flag) => flag.name === near)) return undefined
  return `the option ${name} does not exist; did you mean ${near}?`
}
