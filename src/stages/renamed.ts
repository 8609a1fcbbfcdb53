// What has other names for the host: the tools, of which all are known where it matters, and the prompts, whose names follow
// from the rule alone. What the command line says of names that are not there is told once. users.md 34.
import type { BridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Envelope, spanAt } from '../message/envelope.ts'
import type { Catalogue } from './catalogue.ts'
import type { Names, Naming } from './naming.ts'
import { meant, onceTo } from './telling.ts'
import type { Waiting } from './waiting.ts'

export interface Renamed {
  readonly what: 'tool' | 'prompt'
  /**
   * Calls back with the remote's name; with undefined if the host knows nothing of that name; with an error if that cannot be
   * told. Not if it was cancelled meanwhile.
   */
  mean(hostName: string, request: Envelope, go: (name: string | undefined | BridgeError) => void): void
  /** The host asks for a page of the list. */
  asked(request: Envelope): void
  /** These names have come with a page; returns at least theirs for the host. */
  listed(names: readonly string[], isLast: boolean): ReadonlyMap<string, string>
}

export interface Surroundings {
  readonly catalogue: Catalogue
  readonly waiting: Waiting
  readonly log: Log
}

export function createRenamedTools(naming: Naming, { catalogue, waiting, log }: Surroundings): Renamed {
  /** Of the last whole list. */
  let known: Names | undefined
  const check = createCheck('tool', naming, log)
  catalogue.onWhole(() => {
    known = undefined
    check(catalogue.names())
  })

  function unmake(hostName: string): string | undefined {
    known ??= naming.nameAll(catalogue.names())
    const name = known.made.get(hostName)
    if (name !== undefined) return name
    // A list that is on its way may have told the host of more.
    known = naming.nameAll(catalogue.names())
    return known.made.get(hostName)
  }

  return {
    what: 'tool',
    mean(hostName, call, go) {
      const meaning = naming.read(hostName)
      if (meaning.kind === 'name') return go(meaning.name)
      if (meaning.kind === 'unknown') return go(undefined)
      const decide = (isKnown: boolean) => {
        const name = (isKnown ? unmake(hostName) : undefined) ?? meaning.plain
        go(name ?? (isKnown ? undefined : catalogue.untold('which tool this name stands for')))
      }
      if (call.kind === 'request') waiting.until(call, decide)
      else decide(catalogue.isWhole)
    },
    asked: () => {},
    listed(names) {
      const here = naming.nameAll(names)
      // Only what is made can be in the way of anything.
      if (here.made.size === 0) return here.forHost
      return naming.nameAll([...catalogue.names(), ...names]).forHost
    },
  }
}

export function createRenamedPrompts(naming: Naming, log: Log): Renamed {
  const seen = new Set<string>()
  const check = createCheck('prompt', naming, log)
  // No other can have a name that was made.
  const nameAll = () => naming.nameAll([...seen, ...naming.displaced])
  return {
    what: 'prompt',
    mean(hostName, _question, go) {
      const meaning = naming.read(hostName)
      if (meaning.kind === 'name') return go(meaning.name)
      go(meaning.kind === 'unknown' ? undefined : (nameAll().made.get(hostName) ?? meaning.plain))
    },
    asked(request) {
      if (spanAt(request, 'params', 'cursor') === undefined) seen.clear()
    },
    listed(names, isLast) {
      for (const name of names) seen.add(name)
      if (isLast) check([...seen])
      return nameAll().forHost
    },
  }
}

/** Tells of each name on the command line that leads nowhere, and of each that takes another's place. */
function createCheck(what: Renamed['what'], naming: Naming, log: Log): (names: readonly string[]) => void {
  const flag = what === 'tool' ? '--rename' : '--rename-prompt'
  const tell = onceTo(log.warn)
  return (names) => {
    const known = new Set(names)
    for (const old of naming.renamed) {
      if (known.has(old)) continue
      tell(`the remote has no ${what} ${JSON.stringify(old)}, which ${flag} renames${meant(old, known)}`)
    }
    for (const name of naming.displaced) {
      if (!known.has(name)) continue
      const own = `the remote's own ${what} ${JSON.stringify(name)}`
      const shown = JSON.stringify(naming.nameAll(names).forHost.get(name))
      tell(`${own} is shown as ${shown}, since ${flag} gives its name to another`)
    }
  }
}
