// The command line of what asks a remote: `mcp-ferry call <url> <tool> name=value --header …`. A shell mangles nothing, so that
// each option has one value, and a word belongs to the command; the bridge's options are read as the bridge reads them.
import { usage } from '../errors.ts'
import { findFlag } from '../options/flags.ts'
import { findMcpRemoteFlag } from '../options/mcp-remote-flags.ts'
import type { Options } from '../options/options.ts'
import type { ToolFlag } from '../options/tool-flags.ts'
import type { Surroundings } from './door.ts'

export interface RemoteLine<Name extends string = string> {
  /** The bridge's, for the same URL; nothing waits for a remote that is not there. */
  readonly options: Options
  /** The command's own flags: what was given for each, in order; of one without a value an empty text for each time. */
  readonly flags: ReadonlyMap<Name, readonly string[]>
  /** What stands behind the URL. */
  readonly words: readonly string[]
}

const URL_WORD = /^\s*(?:https?|http\+unix):\/\/|^\s*\$\{/i

/** Rejects with BridgeError `usage`. */
export async function readRemoteLine<Flag extends ToolFlag>(
  argv: readonly string[],
  own: readonly Flag[],
  { read, env }: Pick<Surroundings, 'read' | 'env'>,
): Promise<RemoteLine<Flag['name']>> {
  const { flags, words, bridge } = sort(argv, own)
  const [first] = words
  const hasUrl = first !== undefined && URL_WORD.test(first)
  const isNamed = bridge.some((word) => word.startsWith('--url-env='))
  const door = await read([...bridge, ...(hasUrl && !isNamed ? [first] : [])], env)
  if (door.kind !== 'bridge') throw new TypeError('options and a URL are the bridge')
  const { options } = door
  const limits = { ...options.limits, startBudgetMs: -1 }
  return { options: { ...options, limits }, flags, words: hasUrl && !isNamed ? words.slice(1) : words }
}

interface Sorted<Name extends string> {
  readonly flags: ReadonlyMap<Name, readonly string[]>
  readonly words: readonly string[]
  /** Each value behind its `=`. */
  readonly bridge: readonly string[]
}

function sort<Flag extends ToolFlag>(argv: readonly string[], own: readonly Flag[]): Sorted<Flag['name']> {
  const flags = new Map<Flag['name'], string[]>()
  const words: string[] = []
  const bridge: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!
    if (word === '--') {
      words.push(...argv.slice(at + 1))
      break
    }
    // A lone hyphen stands for stdin.
    if (!/^-[^\d]/.test(word)) {
      words.push(word)
      continue
    }
    const [, name = word, inline] = /^(--[^=\s]+|-[A-Za-z])=?([\s\S]*)$/.exec(word) ?? []
    const isInline = word.length > name.length
    const mine = own.find((flag) => flag.name === name)
    const value = (label: string): string => {
      const text = isInline ? inline : argv[++at]
      if (text === undefined || text === '' || (!isInline && text.startsWith('--')))
        throw usage('missing-value', `${name} is not followed by a value; write ${name} ${label}`)
      return text
    }
    if (mine !== undefined) {
      if (mine.value === undefined && isInline)
        throw usage('bad-value', `${name} takes no value; write ${name} alone`)
      flags.set(name as Flag['name'], [
        ...(flags.get(name as Flag['name']) ?? []),
        mine.value === undefined ? '' : value(mine.value),
      ])
    } else bridge.push(bridgeWord(name, word, isInline, value))
  }
  return { flags, words, bridge }
}

function bridgeWord(name: string, word: string, isInline: boolean, value: (label: string) => string): string {
  const flag = findFlag(name)
  const takesValue = flag !== undefined ? flag.kind !== 'switch' : findMcpRemoteFlag(name)?.takes === 'text'
  if (!takesValue || (isInline && name.startsWith('--'))) return word
  return `${flag?.name ?? name}=${value('<value>')}`
}
