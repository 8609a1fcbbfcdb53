// The one frozen Options value: what argv, the environment and the defaults come to. A flag beats its variable, which
// beats the default; headers are settled one by one, by name, in header-sources.ts.
import { usage } from '../errors.ts'
import type { LogLevel } from '../log.ts'
import type { FlagName } from './flag-table.ts'
import { findFlag, URL_VARIABLE } from './flags.ts'
import type { Given, HeaderSet } from './header-sources.ts'
import type { Header } from './headers.ts'
import { readLog } from './log-options.ts'
import { readNamedUrl } from './named-url.ts'
import type { NetworkOptions } from './network.ts'
import type { PlainHttp } from './plain-http.ts'
import { readChoice, readCount, readDuration, readSize } from './quantities.ts'
import { isOn, type Settle, settler } from './settling.ts'
import type { ShapingOptions, TraceOptions } from './shaping.ts'
import { DEFAULT_SIGN_IN, type SignInOptions } from './sign-in.ts'
import type { ReadUrl } from './url.ts'
import { readUrl } from './url.ts'
import type { Environment } from './variables.ts'
import { lookUp, trimEnds } from './variables.ts'
import type { Warning } from './warning.ts'

export type { Header, Warning }

export interface Limits {
  /** DNS, TCP and TLS together, per connection (protocol.md 0.6). */
  readonly connectTimeoutMs: number
  /** After stdin has ended, how long owed answers are waited for (protocol.md 0.10). */
  readonly drainTimeoutMs: number
  /** How long the DELETE of the session may take at the end (A.7). */
  readonly deleteTimeoutMs: number
  /** The longest `Retry-After` that is waited for; a longer one is an error at once (0.9). */
  readonly retryWaitMs: number
  /** How often a request is sent again after 429 or 503 (0.9). */
  readonly retries: number
  /** After how long `initialize` is answered in the remote's stead (0.12); 0: never; less: never, and after a few tries it is told why. */
  readonly startBudgetMs: number
  /** How long a request may take, counted anew at each sign of progress; 0: for ever. */
  readonly requestTimeoutMs: number
  /** How long a parked call waits for the host to come back with input (E.5). */
  readonly inputTimeoutMs: number
  /** How often the remote is asked whether it is still there (A.9); 0: never. */
  readonly pingIntervalMs: number
  /** How often within a minute a lost session is opened anew (0.9). */
  readonly reopens: number
  /** Longest line read from the host (0.3). */
  readonly lineLimitBytes: number
  /** Longest SSE event, and longest JSON body, read from the remote (0.7). */
  readonly eventLimitBytes: number
}

export type TransportChoice = 'auto' | 'http' | 'http+sse'
/** Which era is spoken with the remote (protocol.md F.4). */
export type EraChoice = 'auto' | 'legacy' | 'modern' | 'prefer-modern'

export interface Options {
  readonly url: URL
  readonly transport: TransportChoice
  readonly remoteEra: EraChoice
  /** Whether a modern host is sent back to the legacy era by a legacy remote (E.2). */
  readonly declinesModern: boolean
  readonly keepsCookies: boolean
  readonly signIn: SignInOptions
  readonly headers: readonly Header[]
  /** The command line, where some header may change while we run: changing-options.ts reads on. */
  readonly changing: Request | undefined
  readonly plainHttp: PlainHttp
  /** What is said of how to connect; undefined: as Node does by itself. */
  readonly network?: NetworkOptions
  /** What is said of what the host gets to see; undefined: everything, as it is. */
  readonly shaping?: ShapingOptions
  /** The file that every message is written to. */
  readonly trace?: TraceOptions
  /** What no output may show: header values, query values, and what variables have put into the path. */
  readonly secrets: readonly string[]
  readonly limits: Limits
  readonly log: {
    readonly level: LogLevel
    readonly json: boolean
    readonly file?: string
    /** The file for sentences, without what variables hold. */
    readonly fileName?: string
  }
  readonly warnings: readonly Warning[]
}

/** A command line as it has been read, and the world around it. */
export interface Request {
  readonly given: Given
  readonly url?: string
  /** mcp-remote's second argument, the port of the sign-in callback. */
  readonly port?: number
  readonly environment: Environment
  readonly home: () => string
  /** What argv repair has to tell. */
  readonly warnings: readonly Warning[]
}

/**
 * Merges, checks and freezes. Throws `bad-value`, `url-missing`, `url-invalid`, `http-not-allowed`
 * and the `env-…` errors of arguments.md 4.4.
 */
export function resolveOptions(request: Request, headers: HeaderSet): Options {
  const settle = settler(request)
  const limits = readLimits(settle)
  const { log, warnings } = readLog(request)
  const allowHttp = isOn(settle('--allow-http'))
  const { url, plainHttp, authorization, secrets, warnings: urlWarnings } = readRemote(request, allowHttp)
  const hasAuthorization = headers.headers.some(({ name }) => name.toLowerCase() === 'authorization')
  const ignored: Warning[] =
    authorization !== undefined && hasAuthorization
      ? [
          {
            code: 'userinfo-ignored',
            level: 'info',
            text: 'the user in the URL is not used, since an Authorization header is given',
          },
        ]
      : []
  const all =
    authorization === undefined || hasAuthorization ? headers.headers : [...headers.headers, authorization]
  const transport = readWord(settle, '--transport') as TransportChoice
  return Object.freeze({
    url,
    signIn: Object.freeze({
      ...DEFAULT_SIGN_IN,
      isOff: authorization !== undefined || hasAuthorization,
      ...(request.port !== undefined && { callbackPort: request.port }),
    }),
    changing: canChange(settle, headers) ? request : undefined,
    headers: Object.freeze(all.map((header) => Object.freeze(header))),
    plainHttp,
    transport,
    remoteEra: readEra(settle, transport),
    declinesModern: readWord(settle, '--modern-host') === 'decline',
    keepsCookies: !isOn(settle('--disable-cookies')),
    secrets: Object.freeze([...all.flatMap(secretsOf), ...secrets]),
    limits: Object.freeze(limits),
    log: Object.freeze(log),
    warnings: Object.freeze([
      ...request.warnings,
      ...headers.warnings,
      ...urlWarnings,
      ...warnings,
      ...ignored,
    ]),
  })
}

function canChange(settle: Settle, { headers }: HeaderSet): boolean {
  return (
    (['--header-command', '--bearer-command', '--header-file'] as const).some(settle) ||
    headers.some(({ value }) => /^(?:\S+ )?keychain:/.test(value))
  )
}

/** A header's value; of a cookie also each part. */
function secretsOf({ name, value }: Header): string[] {
  return name.toLowerCase() === 'cookie' ? [value, ...value.split(/; *|=/)] : [value]
}

/** Of a choice that has a default. */
function readWord(settle: Settle, name: FlagName): string {
  return readChoice(findFlag(name)!, settle(name)!)
}

/** HTTP+SSE was given up long before the modern era. */
function readEra(settle: Settle, transport: TransportChoice): EraChoice {
  const era = readWord(settle, '--remote-era') as EraChoice
  if (transport !== 'http+sse') return era
  if (era !== 'modern') return 'legacy'
  throw usage(
    'bad-value',
    '--remote-era modern cannot be spoken over --transport http+sse; remove one of them',
  )
}

function readLimits(settle: Settle): Limits {
  // Each has a default.
  const read = (name: FlagName, reader: typeof readSize): number => reader(findFlag(name)!, settle(name)!)
  return {
    connectTimeoutMs: read('--connect-timeout', readDuration),
    drainTimeoutMs: read('--drain-timeout', readDuration),
    deleteTimeoutMs: read('--delete-timeout', readDuration),
    retryWaitMs: read('--retry-wait', readDuration),
    retries: read('--retries', readCount),
    startBudgetMs: read('--start-budget', readDuration),
    requestTimeoutMs: read('--request-timeout', readDuration),
    inputTimeoutMs: read('--input-timeout', readDuration),
    pingIntervalMs: readPingInterval(settle),
    reopens: read('--max-reopens', readCount),
    lineLimitBytes: read('--max-line', readSize),
    eventLimitBytes: read('--max-event', readSize),
  }
}

/** Either flag turns it on. */
function readPingInterval(settle: Settle): number {
  const interval = settle('--ping-interval')
  if (interval !== undefined) return readDuration(findFlag('--ping-interval')!, interval)
  return isOn(settle('--keep-alive')) ? PING_INTERVAL_MS : 0
}

const PING_INTERVAL_MS = 30_000

/** The URL by argument or --url-env, else by MCP_FERRY_URL or MCP_FERRY_URL_ENV. */
function readRemote(request: Request, allowHttp: boolean): ReadUrl {
  const { environment, given, url } = request
  const named = given.get('--url-env')?.at(-1)
  const rest = { allowHttp, environment }
  if (named !== undefined) return readNamedUrl({ text: named, from: '--url-env' }, url, rest)
  if (url !== undefined) return readUrl({ text: url, from: 'the command line', isData: false, ...rest })
  const written = trimEnds(lookUp(URL_VARIABLE, environment) ?? '')
  if (written !== '') return readUrl({ text: written, from: URL_VARIABLE, isData: false, ...rest })
  const variable = settler(request)('--url-env')
  if (variable !== undefined) return readNamedUrl(variable, url, rest)
  throw usage('url-missing', `there is no URL; write mcp-ferry https://host/path, or set ${URL_VARIABLE}`)
}
