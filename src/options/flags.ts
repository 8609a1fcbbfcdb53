// The flag table, data only: what the command line understands, what each option is called in the environment and
// what it means. commander is set up from it, argv repair asks it, `--help` prints it and the README is checked
// against it. Grammar: arguments.md 3 and 4.1; defaults: protocol.md 0.6, 0.7, 0.9, 0.10.

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

export interface Flag {
  readonly name: `--${string}`
  readonly short?: `-${string}`
  readonly kind: FlagKind
  /** What `--help` calls the value. */
  readonly value?: string
  /** The environment variable that says the same; the flag beats it. It is made from the name. */
  readonly env?: `MCP_FERRY_${string}`
  /** As one would write it. */
  readonly default?: string
  /** Smallest number allowed, in the kind's unit: milliseconds, bytes, times. */
  readonly min?: number
  /** Largest number allowed, in the same unit. */
  readonly max?: number
  /** For `choice`: each word that is understood, and the one it stands for. */
  readonly choices?: Readonly<Record<string, string>>
  /** May be given more than once, each counts; of the others the last one counts. */
  readonly repeatable?: true
  /** Means something to `mcp-ferry demo` as well. */
  readonly demo?: true
  /** No environment variable says the same. */
  readonly alone?: true
}

// Node's timers overflow beyond this and fire at once.
const LONGEST_MS = 2 ** 31 - 1
// Longer text does not fit a JavaScript string.
const LARGEST_BYTES = 512 * 1024 * 1024

const TABLE = [
  {
    name: '--header',
    short: '-H',
    kind: 'header',
    value: '<name: value>',
    repeatable: true,
  },
  {
    name: '--header-env',
    kind: 'text',
    value: '<Name=VAR>',
    repeatable: true,
  },
  {
    name: '--bearer-env',
    kind: 'text',
    value: '<VAR>',
    repeatable: true,
  },
  {
    name: '--header-file',
    kind: 'path',
    value: '<path>',
    repeatable: true,
  },
  {
    name: '--url-env',
    kind: 'text',
    value: '<VAR>',
  },
  {
    name: '--allow-http',
    kind: 'switch',
  },
  {
    name: '--transport',
    kind: 'choice',
    value: '<kind>',
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
      sse: 'http+sse',
    },
  },
  {
    name: '--remote-era',
    kind: 'choice',
    value: '<era>',
    default: 'auto',
    choices: { auto: 'auto', legacy: 'legacy', modern: 'modern', 'prefer-modern': 'prefer-modern' },
  },
  {
    name: '--modern-host',
    kind: 'choice',
    value: '<how>',
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
    value: '<time>',
    default: '8s',
    max: LONGEST_MS,
  },
  {
    name: '--request-timeout',
    kind: 'duration',
    value: '<time>',
    default: '0',
    max: LONGEST_MS,
  },
  {
    name: '--input-timeout',
    kind: 'duration',
    value: '<time>',
    default: '15m',
    min: 1,
    max: LONGEST_MS,
  },
  {
    name: '--keep-alive',
    kind: 'switch',
  },
  {
    name: '--ping-interval',
    kind: 'duration',
    value: '<time>',
    max: LONGEST_MS,
  },
  {
    name: '--max-reopens',
    kind: 'count',
    value: '<n>',
    default: '3',
    max: 1_000_000,
  },
  {
    name: '--connect-timeout',
    kind: 'duration',
    value: '<time>',
    default: '30s',
    min: 1,
    max: LONGEST_MS,
  },
  {
    name: '--drain-timeout',
    kind: 'duration',
    value: '<time>',
    default: '5s',
    max: LONGEST_MS,
  },
  {
    name: '--delete-timeout',
    kind: 'duration',
    value: '<time>',
    default: '1.5s',
    max: LONGEST_MS,
  },
  {
    name: '--retry-wait',
    kind: 'duration',
    value: '<time>',
    default: '30s',
    max: LONGEST_MS,
  },
  {
    name: '--retries',
    kind: 'count',
    value: '<n>',
    default: '2',
    max: 100,
  },
  {
    name: '--max-line',
    kind: 'size',
    value: '<size>',
    default: '64MiB',
    min: 1024,
    max: LARGEST_BYTES,
  },
  {
    name: '--max-event',
    kind: 'size',
    value: '<size>',
    default: '256MiB',
    min: 1024,
    max: LARGEST_BYTES,
  },
  {
    name: '--log-level',
    kind: 'level',
    value: '<level>',
    default: 'warn',
    demo: true,
  },
  {
    name: '--log-file',
    kind: 'path',
    value: '<path>',
    demo: true,
  },
  {
    name: '--log-json',
    kind: 'switch',
    demo: true,
  },
  { name: '--version', short: '-V', kind: 'switch', demo: true, alone: true },
  { name: '--help', short: '-h', kind: 'switch', demo: true, alone: true },
] as const satisfies readonly Flag[]

export type FlagName = (typeof TABLE)[number]['name']

export const FLAGS: readonly (Flag & { readonly name: FlagName })[] = TABLE.map(
  (flag: Flag & { readonly name: FlagName }) =>
    flag.alone
      ? flag
      : { ...flag, env: `MCP_FERRY_${flag.name.slice(2).toUpperCase().replaceAll('-', '_')}` },
)

/** The variable that holds the URL, as the first argument would. */
export const URL_VARIABLE = 'MCP_FERRY_URL'

export const COMMANDS = ['demo', 'help'] as const

const byName = new Map<string, (typeof FLAGS)[number]>()
for (const flag of FLAGS) {
  byName.set(flag.name, flag)
  if (flag.short !== undefined) byName.set(flag.short, flag)
}

/** The table's entry for `--long` or `-s`, written exactly so. */
export function findFlag(name: string): (typeof FLAGS)[number] | undefined {
  return byName.get(name)
}
