// One event per line on stderr or into a file, as text or JSON. Quiet by default: hosts paint stderr red, so only
// warnings and errors are shown. Every line passes the redactor, which is the only one in the program.

/** From quiet to loud. `warn` is the default. */
export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

export interface Log {
  error(text: string, fields?: LogFields): void
  warn(text: string, fields?: LogFields): void
  info(text: string, fields?: LogFields): void
  debug(text: string, fields?: LogFields): void
  /** Bodies go here and nowhere else. Absent when the level is off, so that nothing is cut or copied: `log.trace?.(…)`. */
  readonly trace: ((text: string, fields?: LogFields) => void) | undefined
  /** Whether debug events are shown: making them costs something on the hot path. */
  readonly isDebug: boolean
  readonly redact: (text: string) => string
  /** From now on this appears nowhere. Of cookies that is true for those that are in use, and some more. */
  hide(secret: string, isCookie?: boolean): void
}

export interface LogSettings {
  readonly level: LogLevel
  readonly json: boolean
  /** Whether a line of text begins with the time: into a file, yes; what reads stderr adds its own. JSON always has it. */
  readonly hasTime?: boolean
  /** Strings that must never appear: header values, query values, userinfo. */
  readonly secrets: readonly string[]
  /** Writes one finished line, without its newline. */
  readonly write: (line: string) => void
  /** Wall clock in milliseconds. */
  readonly now?: () => number
}

/**
 * What a terminal would obey, turns the direction of a text, or has no width: it goes where a remote is quoted for people. Many
 * such characters are letters to a model. How an emoji looks may be said.
 */
export const UNSEEN = /(?:(?![\ufe0e\ufe0f])[\p{C}\p{DI}\u2028\u2029])+/gu

const MOST_PASSING = 300
/** Shorter ones turn up in ordinary words, which would be garbled, and hide nothing. */
const SHORTEST_SECRET = 6
const BODY_LIMIT = 2000
/** How much of a body is to be handed to `trace`: more than is shown, so that no secret is cut in two before it is hidden. */
export const TRACE_BYTES = 16_384

/** Makes a logger. Never throws: a log that cannot be written is not a reason to lose a message. */
export function createLog(settings: LogSettings): Log {
  const threshold = LOG_LEVELS.indexOf(settings.level)
  const { redact, hide } = createRedactor(settings.secrets)
  const now = settings.now ?? Date.now

  function emit(level: LogLevel, text: string, fields: LogFields = {}): void {
    const known = Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, typeof value === 'string' ? redact(value) : value] as const],
    )
    const message = redact(text)
    const time = new Date(now()).toISOString()
    const line = settings.json
      ? JSON.stringify({ time, level, message, ...Object.fromEntries(known) })
      : [
          settings.hasTime ? `${time} ${level}:` : 'mcp-ferry:',
          message,
          ...known.map((pair) => pair.join('=')),
        ].join(' ')
    settings.write(line.replace(UNSEEN, ' '))
  }

  const isOn = (level: LogLevel): boolean => LOG_LEVELS.indexOf(level) <= threshold
  const at = (level: LogLevel): Log['error'] =>
    isOn(level) ? (text, fields) => emit(level, text, fields) : () => {}
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    trace: isOn('trace')
      ? (text, fields) => emit('trace', redact(text).slice(0, BODY_LIMIT), fields)
      : undefined,
    isDebug: isOn('debug'),
    redact,
    hide,
  }
}

export interface Redactor {
  readonly redact: (text: string) => string
  readonly hide: (secret: string, isCookie?: boolean) => void
}

/** Replaces every secret it knows, and everything that looks like a credential, by `[redacted]`. */
export function createRedactor(secrets: readonly string[]): Redactor {
  const known = new Set(secrets)
  const ids = new Set<string>()
  /** Some remotes set a new one with each answer, which must not drive out the id of a session. */
  const cookies = new Set<string>()
  let pattern: RegExp | undefined
  const compile = (): RegExp => {
    const words = [...new Set([...known, ...ids, ...cookies].flatMap(forms))].filter(
      (secret) => secret.length >= SHORTEST_SECRET,
    )
    return new RegExp(
      words
        .sort((a, b) => b.length - a.length)
        .map(escapeRegExp)
        .join('|') || '(?!)',
      'g',
    )
  }
  const redact = (text: string): string => {
    pattern ??= compile()
    return text
      .replace(pattern, '[redacted]')
      .replace(
        /\b(Bearer|Basic|DPoP|Api-Key|Token)[ :]+(?!\[)(?=[\w.~+/=-]*[\d.~+/=])[\w.~+/=-]{8,}/gi,
        '$1 [redacted]',
      )
      .replace(/(https?:\/\/)[^\s/@"']+@/gi, '$1[redacted]@')
  }
  return {
    redact,
    hide(secret, isCookie) {
      const passing = isCookie ? cookies : ids
      // The last ones stay.
      if (!passing.delete(secret)) pattern = undefined
      passing.add(secret)
      if (passing.size > MOST_PASSING) passing.delete(passing.values().next().value!)
    },
  }
}

/** A secret as it may turn up: whole, without its scheme, percent-encoded, inside JSON. */
function forms(secret: string): string[] {
  const bare = secret.replace(/^\s*[A-Za-z-]+\s+/, '')
  return [secret, bare].flatMap((text) => {
    const encoded = encodeURIComponent(text)
    const json = JSON.stringify(text).slice(1, -1)
    const lower = encoded.replace(/%../g, (hex) => hex.toLowerCase())
    return [text, encoded, lower, json, json.replaceAll('/', '\\/')]
  })
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
