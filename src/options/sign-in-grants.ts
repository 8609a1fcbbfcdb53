// How tokens are got: by a person at a browser or on another device, or without a person, and what that takes.
// protocol.md G.1 rows 35, 36 and 38; peers.md 1.1.
import { readWords } from './command-words.ts'
import type { FurtherFlag } from './flag-table.ts'
import { bad, type Reading } from './reading.ts'
import type { GivenClient, GrantChoice, IdentityProvider, TextSource } from './sign-in.ts'
import { readEndpoint } from './sign-in-urls.ts'

type SourceFlags = readonly [file: FurtherFlag, command: FurtherFlag, variable: FurtherFlag]

const ASSERTION: SourceFlags = ['--assertion-file', '--assertion-command', '--assertion-env']
const ID_TOKEN: SourceFlags = ['--id-token-file', '--id-token-command', '--id-token-env']

/** What each grant other than the usual one is asked for with. */
const ASKED_BY: readonly (readonly [GrantChoice, readonly FurtherFlag[]])[] = [
  ['device', ['--device-code']],
  ['client-credentials', ['--client-credentials']],
  ['assertion', ASSERTION],
  ['enterprise', ['--idp-token-endpoint', ...ID_TOKEN, '--idp-client-id', '--idp-client-secret-env']],
]
const SWITCHES: ReadonlySet<FurtherFlag> = new Set(['--device-code', '--client-credentials'])

export interface GrantPart {
  readonly grant: GrantChoice
  readonly assertion?: TextSource
  readonly identityProvider?: IdentityProvider
  readonly tokenEndpoint?: URL
}

/** Throws `bad-value` if two are asked for, or what one needs is missing. */
export function readGrant(reading: Reading, client: GivenClient | undefined): GrantPart {
  const asked = ASKED_BY.flatMap(([grant, flags]) => {
    const by = flags.find((flag) =>
      SWITCHES.has(flag) ? reading.isOn(flag) : reading.raw(flag) !== undefined,
    )
    return by === undefined ? [] : [{ grant, by }]
  })
  const [first, second] = asked
  if (first !== undefined && second !== undefined)
    throw bad(`${first.by} and ${second.by} are two ways to sign in`, 'remove one of them')
  const grant = first?.grant ?? 'code'
  const tokenEndpoint = readTokenEndpoint(reading, grant)
  if (grant === 'client-credentials' && client?.secret === undefined && client?.privateKey === undefined)
    throw bad(
      '--client-credentials needs a client and its secret',
      'write --client-id <id> with --client-secret-env <VAR> or --private-key-file <path>',
    )
  const assertion = grant === 'assertion' ? readSource(reading, ASSERTION, 'the assertion') : undefined
  const identityProvider = grant === 'enterprise' ? readIdentityProvider(reading, first!.by) : undefined
  return {
    grant,
    ...(tokenEndpoint && { tokenEndpoint }),
    ...(assertion && { assertion }),
    ...(identityProvider && { identityProvider }),
  }
}

function readTokenEndpoint(reading: Reading, grant: GrantChoice): URL | undefined {
  const endpoint = readEndpoint(reading, '--token-endpoint')
  if (endpoint === undefined || grant === 'client-credentials' || grant === 'assertion') return endpoint
  throw bad(
    '--token-endpoint is for a client or a workload that signs in by itself',
    'add --client-credentials or --assertion-file, or remove --token-endpoint',
  )
}

function readIdentityProvider(reading: Reading, by: FurtherFlag): IdentityProvider {
  const tokenEndpoint = readEndpoint(reading, '--idp-token-endpoint')
  if (tokenEndpoint === undefined)
    throw bad(
      `${by} says nothing without the identity provider that it is for`,
      'write --idp-token-endpoint <url> beside it',
    )
  const idToken = readSource(reading, ID_TOKEN, 'the ID token')
  if (idToken === undefined)
    throw bad(
      '--idp-token-endpoint needs an ID token to show there',
      'write --id-token-file <path>, --id-token-command <command> or --id-token-env <VAR>',
    )
  const clientId = reading.text('--idp-client-id')?.text
  const clientSecret = reading.secret('--idp-client-secret-env')
  if (clientSecret !== undefined && clientId === undefined)
    throw bad(
      '--idp-client-secret-env says nothing without its client',
      'write --idp-client-id <id> beside it',
    )
  return Object.freeze({
    tokenEndpoint,
    idToken,
    ...(clientId !== undefined && { clientId }),
    ...(clientSecret !== undefined && { clientSecret }),
  })
}

/** The one place that a text comes from; undefined if none is given. */
function readSource(reading: Reading, flags: SourceFlags, what: string): TextSource | undefined {
  const given = flags.filter((flag) => reading.raw(flag) !== undefined)
  if (given.length > 1)
    throw bad(`${given[0]} and ${given[1]} both say where ${what} is`, 'remove one of them')
  const [fileFlag, commandFlag, variableFlag] = flags
  const file = reading.path(fileFlag, `the file with ${what}`)
  if (file !== undefined) return Object.freeze({ kind: 'file', path: file.path, name: file.name })
  const command = reading.raw(commandFlag)
  if (command !== undefined)
    return Object.freeze({ kind: 'command', command: Object.freeze(readWords(command, reading.request)) })
  const text = reading.secret(variableFlag)
  return text === undefined ? undefined : Object.freeze({ kind: 'text', text })
}
