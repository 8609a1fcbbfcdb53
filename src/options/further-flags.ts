// What the flags that few starts have mean beyond their names: words, defaults and bounds. Data only, for the reader of these flags,
// for `--help` and for the README; the names themselves are in flag-table.ts. peers.md 1.1, protocol.md G.
import type { Flag, FlagName, FurtherFlag } from './flag-table.ts'

type Details = Pick<Flag, 'kind' | 'default' | 'choices' | 'min' | 'max' | 'repeatable'>

const DETAILS = {
  '--store': {
    kind: 'choice',
    default: 'file',
    choices: { file: 'file', keychain: 'keychain', memory: 'memory' },
  },
  '--scope': { kind: 'text', repeatable: true },
  '--authorize-param': { kind: 'text', repeatable: true },
  '--host': { kind: 'text', default: '127.0.0.1' },
  '--callback-port': { kind: 'count', min: 1, max: 65535 },
  '--callback-path': { kind: 'text', default: '/oauth/callback' },
  '--auth-timeout': { kind: 'duration', default: '5m', min: 1 },
  '--ca': { kind: 'path', repeatable: true },
  '--allow-tool': { kind: 'text', repeatable: true },
  '--deny-tool': { kind: 'text', repeatable: true },
  '--allow-prompt': { kind: 'text', repeatable: true },
  '--deny-prompt': { kind: 'text', repeatable: true },
  '--allow-resource': { kind: 'url', repeatable: true },
  '--deny-resource': { kind: 'url', repeatable: true },
  '--rename': { kind: 'text', repeatable: true },
  '--rename-prompt': { kind: 'text', repeatable: true },
  '--describe': { kind: 'text', repeatable: true },
  '--set': { kind: 'text', repeatable: true },
  '--max-tool-name': { kind: 'count', min: 16, max: 1000 },
  '--schema-compat': {
    kind: 'choice',
    choices: { gemini: 'gemini', openai: 'openai', strict: 'strict' },
  },
} as const satisfies Partial<Record<FurtherFlag, Details>>

/** The flag with all that is known of it. */
export function inFull<Known extends Flag & { readonly name: FlagName }>(flag: Known): Known {
  return { ...flag, ...(DETAILS as Partial<Record<FlagName, Details>>)[flag.name] }
}

/**
 * What the sign-in itself sends to the authorization endpoint, and what would take its place (RFC 6749, 7636, 8707, 9101,
 * 9449): none of it can be an --authorize-param. With the flag that says the same, where there is one.
 */
export const RESERVED_PARAMS: ReadonlyMap<string, FlagName | undefined> = new Map<
  string,
  FlagName | undefined
>([
  ['client_id', '--client-id'],
  ['client_secret', '--client-secret-env'],
  ['code_challenge', undefined],
  ['code_challenge_method', undefined],
  ['dpop_jkt', undefined],
  ['redirect_uri', '--host'],
  ['request', undefined],
  ['request_uri', undefined],
  ['resource', '--resource'],
  ['response_mode', undefined],
  ['response_type', undefined],
  ['scope', '--scope'],
  ['state', undefined],
])
