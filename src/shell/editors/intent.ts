// A command line of the bridge → arguments that survive every launcher, and what goes to `env` instead. What cannot be said
// so is refused with the reason. arguments.md 3, 6.
import { usage } from '../../errors.ts'
import { findFlag } from '../../options/flags.ts'
import type { Options } from '../../options/options.ts'
import type { Surroundings } from '../door.ts'
import { createDraft, type Draft, passOn, textOfParts } from './draft.ts'
import type { Value } from './entry.ts'
import { addFlags } from './flag-parts.ts'
import { addHeaders } from './header-parts.ts'
import { type Meaning, readBridge, readMeaning } from './meaning.ts'
import { wholePath } from './path-flags.ts'
import { isSafeArgument, isTaken } from './safe-text.ts'
import { checkSame } from './sameness.ts'
import { addUrl } from './url-parts.ts'

export interface Intent {
  /** For the entry, behind the program: each matches the pattern of arguments.md 6. */
  readonly args: readonly string[]
  readonly env: readonly Value[]
  /** What the bridge makes of the command line as it was given, where its secrets are known. */
  readonly options: Options | undefined
  /** For stderr. */
  readonly notes: readonly string[]
}

/**
 * `argv` as for the bridge. `own`: variables that belong to it alone, such as the `env` of an entry that is there: what they
 * hold is known, and no editor has it from elsewhere. Rejects with BridgeError `usage`.
 */
export async function readIntent(
  argv: readonly string[],
  surroundings: Surroundings,
  own: Readonly<Record<string, string | undefined>> = {},
): Promise<Intent> {
  const meaning = await readMeaning(argv, surroundings, own)
  refusePlaceholders(meaning)
  const draft = createDraft(meaning)
  addUrl(draft)
  await addHeaders(draft)
  addFlags(draft)
  addNamesInFiles(draft)
  const args = [...(draft.url === undefined ? [] : [draft.url]), ...draft.args]
  await check(args, draft)
  const { options, standIns } = meaning
  return {
    args,
    env: [...draft.env.values()],
    options: standIns.size === 0 ? options : undefined,
    notes: [...new Set(options.warnings.map(({ text }) => text))],
  }
}

/** The bridge would send them; whoever puts them into an editor's file wants to know now. */
function refusePlaceholders({ options, items, url }: Meaning): void {
  const warning = options.warnings.find(({ code }) => code === 'placeholder')
  if (warning !== undefined) throw usage('placeholder', warning.text)
  const isPlaceholder = (text: string): boolean => /<[A-Za-z][^<>@:]*>/.test(text)
  const item = items.find(({ flag, value }) => findFlag(flag)?.kind !== 'command' && isPlaceholder(value))
  const where = item?.flag ?? (isPlaceholder(url ?? '') ? 'the URL' : undefined)
  if (where !== undefined)
    throw usage('placeholder', `${where} still has a placeholder in it; put the real value there`)
}

/** What a header file or a file of JSON has `${NAME}` for, the command line does not show. */
function addNamesInFiles(draft: Draft): void {
  const { items, used } = draft.meaning
  if (!items.some(({ flag, value }) => flag === '--header-file' || value.startsWith('@'))) return
  for (const name of used)
    if (!draft.names.has(name.toUpperCase()) && !isTaken(name))
      passOn(draft, name, `the value of ${name} for ${draft.host}`)
}

/** With what editors give to every server and no more. */
async function check(args: readonly string[], { meaning, env }: Draft): Promise<void> {
  if (!args.every(isSafeArgument)) throw new TypeError('an argument of the entry would not survive')
  const { surroundings } = meaning
  const given = Object.entries(meaning.environment.values).filter(([name]) => isTaken(name))
  const set = [...env.values()].map(({ variable, parts }) => [variable, textOfParts(parts, meaning)])
  const values = Object.fromEntries([...given, ...set]) as Record<string, string>
  const made = await readBridge(args, surroundings, values)
  checkSame(meaning, made, (path) => wholePath(path, surroundings))
}
