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

export type FlagGroup = 'Headers and credentials' | 'The remote' | 'Timers and limits' | 'Log' | 'Other'

export interface Flag {
  readonly name: `--${string}`
  readonly short?: `-${string}`
  readonly kind: FlagKind
  /** What `--help` calls the value. */
  readonly value?: string
  /** The environment variable that says the same; the flag beats it. */
  readonly env?: `MCP_FERRY_${string}`
  /** As one would write it. */
  readonly default?: string
  /** Smallest number allowed, in the kind's unit: milliseconds, bytes, times. */
  readonly min?: number
  /** Largest number allowed, in the same unit. */
  readonly max?: number
  readonly group: FlagGroup
  readonly help: string
  /** For `choice`: each word that is understood, and the one it stands for. */
  readonly choices?: Readonly<Record<string, string>>
  /** May be given more than once, each counts; of the others the last one counts. */
  readonly repeatable?: true
  /** Means something to `mcp-ferry demo` as well. */
  readonly demo?: true
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
    env: 'MCP_FERRY_HEADER',
    group: 'Headers and credentials',
    repeatable: true,
    help: 'send this header with every request; ${VAR} and ${VAR:-default} in the value are filled in from the environment; in the variable: one header per line',
  },
  {
    name: '--header-env',
    kind: 'text',
    value: '<Name=VAR>',
    env: 'MCP_FERRY_HEADER_ENV',
    group: 'Headers and credentials',
    repeatable: true,
    help: 'send the header Name with what the environment variable VAR holds; survives every launcher and keeps the secret out of the process list; in the variable: entries separated by commas',
  },
  {
    name: '--bearer-env',
    kind: 'text',
    value: '<VAR>',
    env: 'MCP_FERRY_BEARER_ENV',
    group: 'Headers and credentials',
    repeatable: true,
    help: 'send "Authorization: Bearer ..." with the token that VAR holds',
  },
  {
    name: '--header-file',
    kind: 'path',
    value: '<path>',
    env: 'MCP_FERRY_HEADER_FILE',
    group: 'Headers and credentials',
    repeatable: true,
    help: 'read headers from a UTF-8 file, one "Name: value" per line, # starts a comment',
  },
  {
    name: '--url-env',
    kind: 'text',
    value: '<VAR>',
    env: 'MCP_FERRY_URL_ENV',
    group: 'The remote',
    help: 'take the URL from the environment variable VAR; for URLs with &, %, ^ or secrets in them',
  },
  {
    name: '--allow-http',
    kind: 'switch',
    env: 'MCP_FERRY_ALLOW_HTTP',
    group: 'The remote',
    help: 'allow a plain http:// URL outside this machine and private networks',
  },
  {
    name: '--transport',
    kind: 'choice',
    value: '<kind>',
    env: 'MCP_FERRY_TRANSPORT',
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
    group: 'The remote',
    help: 'http, http+sse (the transport of 2024-11-05) or auto: HTTP, and HTTP+SSE where the remote speaks nothing else',
  },
  {
    name: '--disable-cookies',
    kind: 'switch',
    env: 'MCP_FERRY_DISABLE_COOKIES',
    group: 'The remote',
    help: 'do not send back the cookies that the remote sets; they are kept in memory, for its origin alone',
  },
  {
    name: '--start-budget',
    kind: 'duration',
    value: '<time>',
    env: 'MCP_FERRY_START_BUDGET',
    default: '8s',
    max: LONGEST_MS,
    group: 'Timers and limits',
    help: 'how long the editor waits for a remote that is slow or absent before it is told to go on without; 0 is for ever',
  },
  {
    name: '--request-timeout',
    kind: 'duration',
    value: '<time>',
    env: 'MCP_FERRY_REQUEST_TIMEOUT',
    default: '0',
    max: LONGEST_MS,
    group: 'Timers and limits',
    help: 'how long the remote may take to answer a request, counted anew at each sign of progress; 0 is for ever',
  },
  {
    name: '--keep-alive',
    kind: 'switch',
    env: 'MCP_FERRY_KEEP_ALIVE',
    group: 'Timers and limits',
    help: 'ask the remote at intervals whether it is still there; one that does not answer gets new connections, and at the second time what it owes is given up',
  },
  {
    name: '--ping-interval',
    kind: 'duration',
    value: '<time>',
    env: 'MCP_FERRY_PING_INTERVAL',
    max: LONGEST_MS,
    group: 'Timers and limits',
    help: 'the interval of --keep-alive, which it turns on; 30s if not given, 0 turns it off',
  },
  {
    name: '--max-reopens',
    kind: 'count',
    value: '<n>',
    env: 'MCP_FERRY_MAX_REOPENS',
    default: '3',
    max: 1_000_000,
    group: 'Timers and limits',
    help: 'how often within a minute a session that the remote has lost is opened anew',
  },
  {
    name: '--connect-timeout',
    kind: 'duration',
    value: '<time>',
    env: 'MCP_FERRY_CONNECT_TIMEOUT',
    default: '30s',
    min: 1,
    max: LONGEST_MS,
    group: 'Timers and limits',
    help: 'how long connecting may take: DNS, TCP and TLS together',
  },
  {
    name: '--drain-timeout',
    kind: 'duration',
    value: '<time>',
    env: 'MCP_FERRY_DRAIN_TIMEOUT',
    default: '5s',
    max: LONGEST_MS,
    group: 'Timers and limits',
    help: 'how long outstanding answers are waited for after the editor has closed stdin',
  },
  {
    name: '--delete-timeout',
    kind: 'duration',
    value: '<time>',
    env: 'MCP_FERRY_DELETE_TIMEOUT',
    default: '1.5s',
    max: LONGEST_MS,
    group: 'Timers and limits',
    help: 'how long ending the session may take at the end',
  },
  {
    name: '--retry-wait',
    kind: 'duration',
    value: '<time>',
    env: 'MCP_FERRY_RETRY_WAIT',
    default: '30s',
    max: LONGEST_MS,
    group: 'Timers and limits',
    help: 'the longest Retry-After that is waited for; a longer one is an error at once',
  },
  {
    name: '--retries',
    kind: 'count',
    value: '<n>',
    env: 'MCP_FERRY_RETRIES',
    default: '2',
    max: 100,
    group: 'Timers and limits',
    help: 'how often a request is sent again after HTTP 408, 425, 429, or 503 with Retry-After',
  },
  {
    name: '--max-line',
    kind: 'size',
    value: '<size>',
    env: 'MCP_FERRY_MAX_LINE',
    default: '64MiB',
    min: 1024,
    max: LARGEST_BYTES,
    group: 'Timers and limits',
    help: 'longest message taken from the editor',
  },
  {
    name: '--max-event',
    kind: 'size',
    value: '<size>',
    env: 'MCP_FERRY_MAX_EVENT',
    default: '256MiB',
    min: 1024,
    max: LARGEST_BYTES,
    group: 'Timers and limits',
    help: 'longest message taken from the remote',
  },
  {
    name: '--log-level',
    kind: 'level',
    value: '<level>',
    env: 'MCP_FERRY_LOG_LEVEL',
    default: 'warn',
    group: 'Log',
    demo: true,
    help: 'silent, error, warn, info, debug or trace; header values and query strings are never logged',
  },
  {
    name: '--log-file',
    kind: 'path',
    value: '<path>',
    env: 'MCP_FERRY_LOG_FILE',
    group: 'Log',
    demo: true,
    help: 'write the log into this file instead of stderr',
  },
  {
    name: '--log-json',
    kind: 'switch',
    env: 'MCP_FERRY_LOG_JSON',
    group: 'Log',
    demo: true,
    help: 'write the log as one JSON object per line',
  },
  { name: '--version', short: '-V', kind: 'switch', group: 'Other', demo: true, help: 'print the version' },
  { name: '--help', short: '-h', kind: 'switch', group: 'Other', demo: true, help: 'print this text' },
] as const satisfies readonly Flag[]

export type FlagName = (typeof TABLE)[number]['name']

export const FLAGS: readonly (Flag & { readonly name: FlagName })[] = TABLE

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
