// Runs the argv vectors: one case through parseCommandLine, and what came out in the words of the vectors.
import { readFileSync } from 'node:fs'
import { isBridgeError } from '../../../src/errors.ts'
import type { Options } from '../../../src/options/options.ts'
import type { Door } from '../../../src/options/program.ts'
import { parseCommandLine } from '../../../src/options/program.ts'
import { DEFAULT_SIGN_IN, type SignInOptions } from '../../../src/options/sign-in.ts'
import type { AccountOptions } from '../../../src/options/sign-in-options.ts'
import { explain } from '../../../src/options/unexpected.ts'

export interface Expectation {
  readonly url?: string
  readonly port?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly warnings?: readonly string[]
  readonly flags?: Readonly<Record<string, boolean>>
  readonly error?: string
  readonly says?: string
  readonly plainHttp?: string
  readonly log?: Readonly<Record<string, unknown>>
  readonly limits?: Readonly<Record<string, number>>
  /** What is said of signing in, beside what is so without a word. */
  readonly signIn?: Readonly<Record<string, unknown>>
}

export interface Case {
  readonly id: string
  readonly argv: readonly string[] | null
  readonly env?: Readonly<Record<string, string>>
  readonly platform?: string
  readonly files?: Readonly<Record<string, string>>
  readonly secrets?: readonly string[]
  readonly expect: Expectation
}

/** The cases of a file under test/fixtures/vectors. */
export function readCases(name: string): Case[] {
  const file = new URL(`../../fixtures/vectors/${name}`, import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] }).cases
}

export interface Outcome {
  readonly options?: Options
  readonly error?: string
  /** Every sentence that was said. */
  readonly sentences: readonly string[]
}

/** Parses one command line; anything but a usage error with a code is thrown on. */
export function run(given: Omit<Case, 'id' | 'expect'>): Outcome {
  try {
    const door = open(given.argv ?? [], given)
    if (door.kind !== 'bridge') throw new Error(`not the bridge but ${door.kind}`)
    return { options: door.options, sentences: door.options.warnings.map(({ text }) => text) }
  } catch (thrown) {
    return refusal(thrown)
  }
}

/** The same, to the end: with what is said of signing in. */
export async function runWhole(given: Omit<Case, 'id' | 'expect'>): Promise<Outcome> {
  try {
    const door = open(given.argv ?? [], given)
    if (door.kind !== 'bridge') throw new Error(`not the bridge but ${door.kind}`)
    const options = (await door.whole?.()) ?? door.options
    return { options, sentences: options.warnings.map(({ text }) => text) }
  } catch (thrown) {
    return refusal(thrown)
  }
}

/** What login, logout or status go by. */
export async function runAccount(given: Omit<Case, 'id' | 'expect'>): Promise<AccountOptions | Outcome> {
  try {
    const door = open(given.argv ?? [], given)
    if (door.kind !== 'account') throw new Error(`no account but ${door.kind}`)
    return await door.whole()
  } catch (thrown) {
    return refusal(thrown)
  }
}

function refusal(thrown: unknown): Outcome {
  if (!isBridgeError(thrown) || thrown.kind !== 'usage') throw thrown
  const { code } = thrown.facts
  if (code === undefined) throw thrown
  return { error: code, sentences: [explain(thrown).message] }
}

/** What the command line opens, with a made-up world around it. */
export function open(argv: readonly string[], world: Partial<Omit<Case, 'argv'>> = {}): Door {
  return parseCommandLine({
    argv,
    env: world.env ?? {},
    platform: world.platform ?? 'linux',
    version: '1.2.3',
    home: () => '/home/u',
    readFile: (path) => {
      const text = world.files?.[path]
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      return new TextEncoder().encode(text)
    },
  })
}

/** The options in the words of the vectors, with what the case does not ask for left out. */
export function describe(outcome: Outcome, expected: Expectation): Expectation {
  if (outcome.options === undefined) return { error: outcome.error ?? '' }
  const { url, signIn, headers, warnings, plainHttp, log, limits } = outcome.options
  const port = signIn.callbackPort
  const asked = Object.keys(expected.limits ?? {}) as (keyof typeof limits)[]
  return {
    url: url.href,
    ...(port !== undefined && { port }),
    headers: Object.fromEntries(headers.map(({ name, value }) => [name, value])),
    warnings: [...new Set(warnings.map(({ code }) => code))].sort(),
    ...(expected.plainHttp !== undefined && { plainHttp }),
    ...(expected.log !== undefined && { log }),
    ...(expected.signIn !== undefined && { signIn: told(signIn) }),
    ...(expected.limits !== undefined && {
      limits: Object.fromEntries(asked.map((name) => [name, limits[name]])),
    }),
  }
}

/** What differs from the default, as JSON has it; the port is told beside it. */
function told({ callbackPort, ...signIn }: SignInOptions): Record<string, unknown> {
  const defaults = Object.entries(DEFAULT_SIGN_IN)
  const said = Object.entries(signIn).filter(([name, value]) => {
    const usual = defaults.find(([known]) => known === name)?.[1] as unknown
    return JSON.stringify(value) !== JSON.stringify(usual)
  })
  return JSON.parse(JSON.stringify(Object.fromEntries(said))) as Record<string, unknown>
}
