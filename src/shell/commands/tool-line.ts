// The command line of `config` and `doctor`: their own flags are taken out of it, and what is left is the bridge's, which is
// read as the bridge reads it. Pure. arguments.md 4.1.
import { usage } from '../../errors.ts'
import type { ToolFlag } from '../../options/tool-flags.ts'

export interface ToolLine<Name extends string = string> {
  /** What was given for each flag, in order; of a flag without a value an empty text for each time. */
  readonly flags: ReadonlyMap<Name, readonly string[]>
  readonly rest: readonly string[]
}

/** Throws BridgeError `usage`, code `missing-value` or `bad-value`. */
export function readToolLine<Flag extends ToolFlag>(
  argv: readonly string[],
  known: readonly Flag[],
): ToolLine<Flag['name']> {
  const flags = new Map<Flag['name'], string[]>()
  const rest: string[] = []
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length
  for (let at = 0; at < end; at++) {
    const word = argv[at]!
    const [name, ...value] = word.split('=')
    const flag = known.find((one) => one.name === name)
    if (flag === undefined) {
      rest.push(word)
      continue
    }
    const given = value.length > 0 ? value.join('=') : undefined
    const text = flag.value === undefined ? withoutValue(flag, given) : withValue(flag, given ?? argv[at + 1])
    if (flag.value !== undefined && given === undefined) at++
    flags.set(flag.name, [...(flags.get(flag.name) ?? []), text])
  }
  return { flags, rest: [...rest, ...argv.slice(end)] }
}

function withoutValue({ name }: ToolFlag, given: string | undefined): string {
  if (given !== undefined) throw usage('bad-value', `${name} takes no value; write ${name} alone`)
  return ''
}

function withValue({ name, value }: ToolFlag, given: string | undefined): string {
  if (given === undefined || given === '' || given.startsWith('--'))
    throw usage('missing-value', `${name} is not followed by a value; write ${name} ${value}`)
  return given
}
