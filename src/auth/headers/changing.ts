// An authorizer made of what may change while we run: commands that print headers, files that hold them, the keychain. After
// a 401 each is asked once more; what is the same then is refused for good. protocol.md G.2 (last sentence), 0.8.
import { readFileSync } from 'node:fs'
import { type BridgeError, isBridgeError, toBridgeError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { leftAsWritten, readChanging } from '../../options/changing-options.ts'
import type { Header, Options } from '../../options/options.ts'
import type { Authorizer, Challenge, Credential, Verdict } from '../../remote/authorizer.ts'
import { authFailure, describeHeaders, type Refused } from '../../remote/refused.ts'
import { createHeaderCommand } from './header-command.ts'
import { createHeaderFileSource } from './header-file-source.ts'
import type { Found, HeaderSource } from './held-headers.ts'
import { createKeychainSource } from './keychain-source.ts'

export interface ChangingSettings {
  readonly options: Options
  readonly platform: string
  readonly log: Log
  /** Wall clock in milliseconds. */
  readonly now?: () => number
}

/** Takes the place of `next`, which is asked where the remote wants something else than what these headers are. */
export type Changing = (next: Authorizer) => {
  readonly authorizer: Authorizer
  /** Without the headers that the authorizer knows. */
  readonly options: Options
}

/** Throws BridgeError `usage` if what the user has written cannot be read. Runs nothing yet. */
export function createChanging({ options, platform, log, now = Date.now }: ChangingSettings): Changing {
  const request = options.changing!
  const { values: env, windows } = request.environment
  const files = createHeaderFileSource({ ...request, readFile: (path) => readFileSync(path) }, log)
  const { headers: changing, ttlMs } = readChanging(request, files.current(), files.written)
  for (const { name } of leftAsWritten(files.current(), changing))
    log.warn(
      `the header ${name} comes from a variable that holds keychain:…, and goes out as it is; write keychain:service/account into --header itself`,
    )
  const made = changing.map((header) =>
    header.kind === 'command'
      ? createHeaderCommand({ header, ttlMs, env, windows, log, now })
      : createKeychainSource({ header, platform, env, log, now }),
  )
  // The files' come first: the keychain's replace their own place holders.
  const names = new Set([...files.current(), ...changing].map(({ name }) => name?.toLowerCase()))
  const headers = options.headers.filter(({ name }) => !names.has(name.toLowerCase()))
  const refused = { shown: () => `${options.url.origin}${options.url.pathname}`, redact: log.redact }
  /** A remote that asks for no token wants what the commands print. */
  const mayBeNext = ({ authenticate }: Challenge): boolean =>
    made.length === 0 || /\b(?:bearer|dpop)\b/i.test(authenticate.join())
  return (next) => ({
    authorizer: createSourcesAuthorizer({ sources: [files, ...made], next, mayBeNext, refused, now }),
    options: { ...options, headers },
  })
}

interface SourcesSettings {
  /** Of those with the same name the last one counts. */
  readonly sources: readonly HeaderSource[]
  readonly next: Authorizer
  /** Whether the refusal may be about a sign-in. */
  readonly mayBeNext: (challenge: Challenge) => boolean
  readonly refused: Pick<Refused, 'shown' | 'redact'>
  readonly now: () => number
}

interface Composed {
  readonly parts: readonly (readonly Header[])[]
  /** Whether an Authorization header is among ours: then nobody is signed in (G.2). */
  readonly hasOwn: boolean
  readonly others: Credential | undefined
  readonly credential: Credential
}

function createSourcesAuthorizer(settings: SourcesSettings): Authorizer {
  const { sources, next, mayBeNext, now } = settings
  let latest: Composed | undefined

  type Result = Composed | BridgeError

  function find(): Result | Promise<Result> {
    const parts = sources.map((source) => source.current())
    const isKnown = !parts.some((part) => part instanceof Promise)
    return isKnown ? join(parts as Found[]) : Promise.all(parts).then(join)
  }

  function join(found: readonly Found[]): Result | Promise<Result> {
    const failed = found.find(isBridgeError)
    if (failed !== undefined) return failed
    const parts = found as readonly (readonly Header[])[]
    const hasOwn = parts.some((part) => part.some(({ name }) => name.toLowerCase() === 'authorization'))
    const others = hasOwn ? undefined : next.credential()
    if (!(others instanceof Promise)) return compose(parts, hasOwn, others)
    return others.then((known) => compose(parts, hasOwn, known), toBridgeError)
  }

  /** The same value as long as nothing has changed: the one that was refused is told from the one that is known now. */
  function compose(
    parts: readonly (readonly Header[])[],
    hasOwn: boolean,
    others: Credential | undefined,
  ): Composed {
    if (latest?.others === others && parts.every((part, at) => part === latest?.parts[at])) return latest!
    const byName = new Map<string, Header>()
    for (const header of parts.flat()) byName.set(header.name.toLowerCase(), header)
    const ours = [...byName.values()].flatMap(({ name, value }) => [name, value])
    const made = others === undefined ? { headers: ours } : beside(others, ours)
    const isSame =
      latest?.others === others && latest?.credential.headers.join('\n') === made.headers.join('\n')
    latest = { parts, hasOwn, others, credential: isSame ? latest!.credential : made }
    return latest
  }

  async function challenged(challenge: Challenge): Promise<Verdict> {
    const sent = latest
    if (challenge.times === 0 && challenge.status === 401) {
      if (sent === undefined || sent.credential !== challenge.credential) return { kind: 'again' }
      const errors = await Promise.all(sources.map((source) => source.renew()))
      const found = await find()
      const error = errors.find((each) => each !== undefined) ?? (isBridgeError(found) ? found : undefined)
      if (error !== undefined) return { kind: 'failed', error }
      if (latest?.credential !== sent.credential) return { kind: 'again' }
    }
    if (sent?.hasOwn !== true && mayBeNext(challenge))
      return next.challenged({ ...challenge, credential: sent?.others })
    return challenge.status === 401 ? failed(challenge) : { kind: 'as-is' }
  }

  function failed({ credential, answer, times }: Challenge): Verdict {
    const sent = describeHeaders(pairs(credential?.headers ?? []), now())
    const again = sources.flatMap((source) => source.again ?? []).join(', ')
    const came = times === 0 ? 'the same value came' : 'what came then is refused as well'
    const tried = again === '' ? '' : `; ${again}, and ${came}`
    return { kind: 'failed', error: authFailure(answer, { ...settings.refused, sent, tried }) }
  }

  return {
    credential() {
      const found = find()
      const give = (composed: Result): Credential => {
        if (isBridgeError(composed)) throw composed
        return composed.credential
      }
      if (found instanceof Promise) return found.then(give)
      return isBridgeError(found) ? Promise.reject(found) : found.credential
    },
    challenged,
    get waitsFor() {
      return next.waitsFor
    },
    close() {
      for (const source of sources) source.close()
      return next.close()
    },
  }
}

/** What is learned of it is known of the other one as well. */
function beside(others: Credential, headers: readonly string[]): Credential {
  return {
    ...others,
    headers: [...headers, ...others.headers],
    get isProven() {
      return others.isProven === true
    },
    set isProven(is) {
      others.isProven = is
    },
  }
}

function pairs(headers: readonly string[]): Header[] {
  return headers.flatMap((name, at) => (at % 2 === 0 ? { name, value: headers[at + 1] ?? '' } : []))
}
