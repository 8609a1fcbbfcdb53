// Odd characters in every place of a command line: what the bridge takes is either said by the entry exactly so, in arguments
// that survive every launcher, or refused; it is never written differently. arguments.md 6.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isBridgeError } from '../../../src/errors.ts'
import type { Options } from '../../../src/options/options.ts'
import { readIntent } from '../../../src/shell/editors/intent.ts'
import { textOfSecret } from '../../../src/shell/editors/rendering.ts'
import { readAsBridge, surroundingsIn, type World } from './editors-world.ts'

const ROUNDS = 1500
const SURVIVES = /^[A-Za-z0-9_@%+=:,./~#?-]+$/
const PIECES = [
  ...'abz019 "\'\\`$%^&|<>(){}[]!;,=:/?#@~*+-_.',
  '  ',
  '${KEY}',
  '${env:ODD}',
  '${UNSET}',
  '${UNSET:-d}',
  '$${KEY}',
  '%OS%',
  '%20',
  'é',
  'keychain:s/a',
  'Bearer ',
  '""',
  '\\"',
  '-x',
  '--y',
  'http://h/',
]
const ENV = { KEY: 'k1-abc', ODD: ' "o&d ^%d" ', OS: 'Windows_NT', QUOTED: "'q'", MARKED: 'a${KEY}b' }

/** Small and the same everywhere: a failure is found again by its number. */
function createRandom(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

type Random = ReturnType<typeof createRandom>

function textOf(random: Random): string {
  return Array.from({ length: 1 + random(5) }, () => PIECES[random(PIECES.length)]).join('')
}

const PARTS: readonly ((random: Random) => string[])[] = [
  (random) => ['--header', `X-A${random(3)}: ${textOf(random)}`],
  (random) => [`--header=Authorization: ${['', 'Bearer ', 'Api-Key '][random(3)]}${textOf(random)}`],
  (random) => [
    '--header',
    `X-Api-Key=${['${QUOTED}', '${MARKED}', '"v"'][random(3)]}${random(2) ? '' : textOf(random)}`,
  ],
  (random) => [`-HCookie:`, textOf(random)],
  (random) => [`--header-env`, `X-B=${['KEY', 'ODD', 'UNSET', 'PATH'][random(4)]}`],
  () => ['--bearer-env', 'KEY'],
  (random) => [`--scope=${textOf(random)}`],
  (random) => [`--authorize-param=p${random(2)}=${textOf(random)}`],
  (random) => [`--client-id=${textOf(random)}`],
  (random) => [`--bearer-command=${textOf(random)}`],
  (random) => [`--header-command=X-C=${textOf(random)}`],
  (random) => [`--log-file=${textOf(random)}`],
  (random) => [`--profile=${textOf(random)}`],
  (random) => [`--resource=https://r.example/${textOf(random)}`],
  (random) => [`--request-timeout=${textOf(random)}`],
  (random) => [`--static-oauth-client-metadata={"client_name":"${textOf(random)}"}`],
]

function commandLine(random: Random): string[] {
  const tail = random(2) === 0 ? '' : `${['/', '?q=', '?a=1&key='][random(3)]}${textOf(random)}`
  const url = `https://mcp.example.com/mcp${tail}`
  const rest = Array.from({ length: random(3) }, () => PARTS[random(PARTS.length)]!(random)).flat()
  return [url, ...rest]
}

/** What is compared here, and not how the entry itself compares. */
function told({ url, headers, signIn, limits }: Options) {
  const { scope, client, profile, resource, authorizeParams, clientMetadata } = signIn
  return {
    url: url.href,
    headers: headers.map(({ name, value }) => `${name.toLowerCase()}: ${value}`).sort(),
    signIn: [scope, client?.id, profile, resource, authorizeParams, clientMetadata],
    limits,
  }
}

async function optionsOf(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  world: World,
): Promise<Options> {
  const door = await readAsBridge(argv, env, world)
  if (door.kind !== 'bridge') throw new TypeError('not the bridge')
  return door.options
}

function codeOf(thrown: unknown): string {
  if (!isBridgeError(thrown) || thrown.kind !== 'usage') throw thrown
  return thrown.facts.code ?? ''
}

async function run(argv: readonly string[], world: World): Promise<'said' | 'refused' | 'unreadable'> {
  // Where only `${UNSET:-d}` asks for it, the default is what is meant.
  const later = argv.some((text) => /^(?!--static).*(?:(?<!\$)\$\{UNSET\}|=UNSET$)/.test(text))
    ? { ...ENV, UNSET: 'later' }
    : ENV
  const meant = await optionsOf(argv, later, world).then(told, codeOf)
  const made = await readIntent(argv, surroundingsIn({ env: ENV, ...world })).catch(codeOf)
  if (typeof meant === 'string') {
    assert.equal(typeof made, 'string', `the bridge refuses it (${meant}), the entry does not`)
    return 'unreadable'
  }
  if (typeof made === 'string') {
    // What a command is made of the bridge reads later; and a path is made whole now.
    const isOther =
      /^(?:command-shell|bad-value|env-syntax|env-undefined|header-duplicate|header-invalid-name|header-forbidden)$/
    const isAboutOther =
      argv.some((text) => /-command=|--log-file=|keychain:/.test(text)) && isOther.test(made)
    assert.equal(isAboutOther || made === 'unsafe-value' || made === 'placeholder', true, made)
    return 'refused'
  }
  for (const text of made.args) assert.match(text, SURVIVES)
  const env = Object.fromEntries(
    made.env.map(({ variable, parts }) => [
      variable,
      parts.map((part) => (typeof part === 'string' ? part : (textOfSecret(part) ?? 'later'))).join(''),
    ]),
  )
  assert.deepEqual(told(await optionsOf(made.args, env, world)), meant)
  for (const { value } of (await optionsOf(argv, later, world)).headers)
    for (const text of made.args)
      assert.equal(value.length > 5 && text.includes(value), false, 'a header in args')
  return 'said'
}

test(`${ROUNDS} odd command lines`, async () => {
  const counts = { said: 0, refused: 0, unreadable: 0 }
  for (let round = 0; round < ROUNDS; round++) {
    const argv = commandLine(createRandom(round))
    try {
      counts[await run(argv, { platform: round % 3 === 0 ? 'win32' : 'linux' })]++
    } catch (thrown) {
      throw new Error(`round ${round}, ${JSON.stringify(argv)}: ${String(thrown)}`, { cause: thrown })
    }
  }
  assert.equal(counts.said > ROUNDS / 4, true, `too few could be said: ${JSON.stringify(counts)}`)
  assert.equal(counts.unreadable > ROUNDS / 20, true, `too few were odd: ${JSON.stringify(counts)}`)
})
