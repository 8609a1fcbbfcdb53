// Every command line that is known to reach the bridge, as if it stood behind `config`: the entry says what the bridge has
// read, or is refused as the bridge refuses it, or for a reason of its own. arguments.md 4, 6.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isBridgeError } from '../../../src/errors.ts'
import type { Options } from '../../../src/options/options.ts'
import { readIntent } from '../../../src/shell/editors/intent.ts'
import { textOfSecret } from '../../../src/shell/editors/rendering.ts'
import { type Case, readCases } from '../options/command-lines.ts'
import { readAsBridge, surroundingsIn } from './editors-world.ts'

/** What the entry may refuse though the bridge would go on with a warning. */
const OWN_REASONS = ['unsafe-value', 'placeholder']

const cases = [...readCases('argv-corpus.json'), ...readCases('argv-own.json')].filter(
  ({ argv }) => argv !== null,
)

function codeOf(thrown: unknown): string {
  if (!isBridgeError(thrown) || thrown.kind !== 'usage') throw thrown
  return thrown.facts.code ?? ''
}

async function read(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  world: Partial<Case>,
): Promise<Options | string> {
  try {
    const door = await readAsBridge(argv, env, world)
    return door.kind === 'bridge' ? door.options : door.kind
  } catch (thrown) {
    return codeOf(thrown)
  }
}

function told({ url, headers, signIn, limits, transport, log }: Options) {
  return {
    url: url.href,
    headers: headers.map(({ name, value }) => `${name.toLowerCase()}: ${value}`).sort(),
    signIn: { ...signIn, assertion: undefined, identityProvider: undefined },
    limits,
    transport,
    level: log.level,
  }
}

/** What became of it. */
async function run({ argv, env = {}, ...world }: Case): Promise<string> {
  const shell = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('MCP_FERRY_')))
  const meant = await read(argv ?? [], shell, world)
  const made = await readIntent(argv ?? [], surroundingsIn({ env: shell, ...world })).catch(codeOf)
  if (typeof made === 'string') {
    if (!OWN_REASONS.includes(made) && typeof meant !== 'string')
      assert.fail(`the bridge reads it, and the entry is refused: ${made}`)
    return made
  }
  // A variable that is not set, or empty, is given to the entry later.
  if (typeof meant === 'string') {
    assert.match(meant, /^env-(?:undefined|empty)$/)
    return 'unset'
  }
  const set = Object.fromEntries(
    made.env.map(({ variable, parts }) => [
      variable,
      parts.map((part) => (typeof part === 'string' ? part : textOfSecret(part))).join(''),
    ]),
  )
  const again = await read(made.args, set, world)
  if (typeof again === 'string') assert.fail(`the bridge refuses the entry: ${again}`)
  assert.deepEqual(told(again), told(meant))
  return 'said'
}

const outcomes: string[] = []

for (const one of cases)
  test(`as an entry: ${one.id}`, async () => {
    outcomes.push(await run(one))
  })

test('most of what the bridge reads becomes an entry', () => {
  const count = (outcome: string): number => outcomes.filter((one) => one === outcome).length
  assert.equal(count('said') > 90, true, `only ${count('said')}`)
  assert.equal(count('unset') > 2, true, `only ${count('unset')}`)
  assert.equal(count('unsafe-value') < 10, true, `${count('unsafe-value')}`)
})
