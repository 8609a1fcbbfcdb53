// The flag table, data only: what the command line understands, what each option is called in the environment and
// what it means. flags.ts finds the flags in it; `--help` prints it and the README is checked against it. A file of its own,
// so that the hot file gives it to whoever goes through all of it. Grammar: arguments.md 3 and 4.1; defaults: protocol.md
// 0.6, 0.7, 0.9, 0.10.
import type { Words } from './command-names.ts'

/** How the text after a flag is read. `switch` takes none; `header` takes all pieces up to the next stop. */
export type FlagKind =
  | 'header'
  | 'switch'
  | 'text'
  | 'path'
  | 'duration'
  | 'size'
  | 'count'
  | 'level'
  | 'choice'
  /** Quotes around it are its own. */
  | 'command'
  /** A URL that follows is the value, and not the remote's. */
  | 'url'

export interface Flag {
  readonly name: `--${string}`
  readonly short?: `-${string}`
  readonly kind: FlagKind
  /** The environment variable that says the same; the flag beats it. It is made from the name. */
  readonly env?: `MCP_FERRY_${string}`
  /** As one would write it. */
  readonly default?: string
  /** Smallest number allowed, in the kind's unit: milliseconds, bytes, times. */
  readonly min?: number
  /** Largest number allowed, in the same unit; without it a duration is what a timer can count. */
  readonly max?: number
  /** For `choice`: each word that is understood, and the one it stands for. */
  readonly choices?: Readonly<Record<string, string>>
  /** May be given more than once, each counts; of the others the last one counts. */
  readonly repeatable?: true
  /** Means something to `mcp-ferry demo` as well. */
  readonly demo?: true
  /** Means something to `login`, `logout` and `status` alone. */
  readonly account?: true
  /** No environment variable says the same. */
  readonly alone?: true
}

// Longer text does not fit a JavaScript string.
const LARGEST_BYTES = 512 * 1024 * 1024

export const TABLE = [
  {
    name: '--header',
    short: '-H',
    kind: 'header',
    repeatable: true,
  },
  {
    name: '--header-env',
    kind: 'text',
    repeatable: true,
  },
  {
    name: '--bearer-env',
    kind: 'text',
    repeatable: true,
  },
  {
    name: '--header-file',
    kind: 'path',
    repeatable: true,
  },
  {
    name: '--header-command',
    kind: 'command',
    repeatable: true,
  },
  {
    name: '--bearer-command',
    kind: 'command',
  },
  {
    name: '--credential-ttl',
    kind: 'duration',
    min: 1,
  },
  {
    name: '--url-env',
    kind: 'text',
  },
  {
    name: '--allow-http',
    kind: 'switch',
  },
  {
    name: '--transport',
    kind: 'choice',
    default: 'auto',
    choices: {
      auto: 'auto',
      http: 'http',
      'http+sse': 'http+sse',
      // What mcp-remote and other bridges call them.
      'http-first': 'auto',
      'sse-first': 'auto',
      'http-only': 'http',
      'sse-only': 'http+sse',
      'streamable-http': 'http',
      streamablehttp: 'http',
      sse: 'http+sse',
    },
  },
  {
    name: '--remote-era',
    kind: 'choice',
    default: 'auto',
    choices: { auto: 'auto', legacy: 'legacy', modern: 'modern', 'prefer-modern': 'prefer-modern' },
  },
  {
    name: '--modern-host',
    kind: 'choice',
    default: 'translate',
    choices: { translate: 'translate', decline: 'decline' },
  },
  {
    name: '--disable-cookies',
    kind: 'switch',
  },
  {
    name: '--start-budget',
    kind: 'duration',
    default: '8s',
  },
  {
    name: '--request-timeout',
    kind: 'duration',
    default: '0',
  },
  {
    name: '--input-timeout',
    kind: 'duration',
    default: '15m',
    min: 1,
  },
  {
    name: '--keep-alive',
    kind: 'switch',
  },
  {
    name: '--ping-interval',
    kind: 'duration',
  },
  {
    name: '--max-reopens',
    kind: 'count',
    default: '3',
    max: 1_000_000,
  },
  {
    name: '--connect-timeout',
    kind: 'duration',
    default: '30s',
    min: 1,
  },
  {
    name: '--drain-timeout',
    kind: 'duration',
    default: '5s',
  },
  {
    name: '--delete-timeout',
    kind: 'duration',
    default: '1.5s',
  },
  {
    name: '--retry-wait',
    kind: 'duration',
    default: '30s',
  },
  {
    name: '--retries',
    kind: 'count',
    default: '2',
    max: 100,
  },
  {
    name: '--max-line',
    kind: 'size',
    default: '64MiB',
    min: 1024,
    max: LARGEST_BYTES,
  },
  {
    name: '--max-event',
    kind: 'size',
    default: '256MiB',
    min: 1024,
    max: LARGEST_BYTES,
  },
  {
    name: '--log-level',
    kind: 'level',
    default: 'warn',
    demo: true,
  },
  {
    name: '--log-file',
    kind: 'path',
    demo: true,
  },
  {
    name: '--log-json',
    kind: 'switch',
    demo: true,
  },
  { name: '--json', kind: 'switch', account: true, alone: true },
  { name: '--all', kind: 'switch', account: true, alone: true },
  { name: '--import-mcp-remote', kind: 'switch', account: true, alone: true },
  { name: '--version', short: '-V', kind: 'switch', demo: true, alone: true },
  { name: '--help', short: '-h', kind: 'switch', demo: true, alone: true },
] as const satisfies readonly Flag[]

/**
 * The flags that few starts have, by kind: of signing in, of the network, of what the host sees, of the trace. What else
 * there is to know of them is in further-flags.ts.
 */
export const FURTHER = {
  switch:
    'no-oauth no-browser non-interactive device-code client-credentials use-id-token disable-resource-parameter allow-private allow-unadvertised-pkce no-proxy insecure ipv4 ipv6 read-only',
  text: 'profile store scope client-id client-secret-env private-key-file authorize-param static-oauth-client-info static-oauth-client-metadata host callback-port callback-path auth-timeout assertion-file assertion-env idp-client-id idp-client-secret-env id-token-file id-token-env passphrase-env allow-tool deny-tool allow-prompt deny-prompt tool-prefix prompt-prefix rename rename-prompt describe set',
  command: 'assertion-command id-token-command',
  url: 'resource client-metadata-url token-endpoint auth-success-url idp-token-endpoint proxy allow-resource deny-resource',
  path: 'ca cert key pfx trace',
  count: 'max-tool-name',
  choice: 'schema-compat',
} as const

export type FurtherFlag = `--${Words<(typeof FURTHER)[keyof typeof FURTHER]>}`
export type FlagName = (typeof TABLE)[number]['name'] | FurtherFlag
