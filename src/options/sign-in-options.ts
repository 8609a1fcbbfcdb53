// What the command line and the environment say about signing in → one frozen SignInOptions; and what login, logout and status
// go by. Loaded only where one of these flags, variables or commands is given. protocol.md G, peers.md 1.1: what mcp-remote
// warns of and leaves out is refused, because its users do not see the warning.
import { usage } from '../errors.ts'
import type { AccountCommand } from './command-names.ts'
import type { DemoOptions } from './demo-options.ts'
import type { FurtherFlag } from './flag-table.ts'
import { findFlag } from './flags.ts'
import { inFull, RESERVED_PARAMS } from './further-flags.ts'
import { readNetwork, readSignInNetwork } from './network-options.ts'
import type { Options } from './options.ts'
import { readChoice, readCount, readDuration } from './quantities.ts'
import type { FurtherRequest, Reading } from './reading.ts'
import { bad, createReading } from './reading.ts'
import type { SignInOptions, StoreChoice } from './sign-in.ts'
import { DEFAULT_SIGN_IN } from './sign-in.ts'
import { readClient, readClientMetadata } from './sign-in-client.ts'
import { readGrant } from './sign-in-grants.ts'
import { readMetadataUrl, readPage } from './sign-in-urls.ts'
import type { Warning } from './warning.ts'

/** The options with what is said about signing in. Throws BridgeError `usage`. */
export function readSignIn(options: Options, request: FurtherRequest): Options {
  const reading = createReading(request)
  const signIn = read(reading, options.signIn)
  const isUnused = options.signIn.isOff && [...request.given.keys()].some(isOfUse)
  const unused: Warning = {
    code: 'sign-in-unused',
    level: 'info',
    text: 'what is said about signing in is not used, since an Authorization header is given',
  }
  return Object.freeze({
    ...options,
    signIn,
    secrets: Object.freeze([...options.secrets, ...reading.secrets]),
    warnings: Object.freeze([...options.warnings, ...reading.warnings, ...(isUnused ? [unused] : [])]),
  })
}

/** Whether it says anything about how to sign in. */
function isOfUse(name: string): boolean {
  return /^--(?:client|scope|device|token-end|assertion|id-token|idp|private-key|static)/.test(name)
}

function read(reading: Reading, base: SignInOptions): SignInOptions {
  const client = readClient(reading)
  const clientMetadata = readClientMetadata(reading)
  const clientMetadataUrl = readMetadataUrl(reading)
  const scope = readScope(reading)
  const resource = readResource(reading)
  const callbackPort = readPort(reading, base.callbackPort)
  const successUrl = readPage(reading, '--auth-success-url')
  return Object.freeze({
    isOff: base.isOff || reading.isOn('--no-oauth'),
    profile: readProfile(reading),
    store: readStore(reading),
    ...readGrant(reading, client),
    ...(client && { client }),
    ...(clientMetadata && { clientMetadata }),
    ...(clientMetadataUrl && { clientMetadataUrl }),
    ...(scope !== undefined && { scope }),
    ...(resource !== undefined && { resource }),
    authorizeParams: readAuthorizeParams(reading),
    usesIdToken: reading.isOn('--use-id-token'),
    callbackHost: readHost(reading) ?? base.callbackHost,
    ...(callbackPort !== undefined && { callbackPort }),
    callbackPath: readPath(reading) ?? base.callbackPath,
    ...(successUrl && { successUrl }),
    timeoutMs: readTimeout(reading) ?? base.timeoutMs,
    opensBrowser: !reading.isOn('--no-browser'),
    ...(reading.isOn('--non-interactive') && { asksNobody: true }),
    allowsPrivate: reading.isOn('--allow-private'),
    allowsUnadvertisedPkce: reading.isOn('--allow-unadvertised-pkce'),
  })
}

/** A flag beats the argument behind the URL as little as that beats it: they must agree. A variable gives way. */
function readPort(reading: Reading, behindUrl: number | undefined): number | undefined {
  const given = reading.text('--callback-port')
  if (given === undefined) return behindUrl
  const port = readCount(flag('--callback-port'), given)
  if (behindUrl === undefined || behindUrl === port) return port
  if (given.from !== '--callback-port') return behindUrl
  throw bad('the port of the callback is given behind the URL and by --callback-port', 'remove one of them')
}

function flag(name: FurtherFlag) {
  return inFull(findFlag(name)!)
}

function readStore(reading: Reading): StoreChoice {
  const given = reading.text('--store')
  return given === undefined ? DEFAULT_SIGN_IN.store : (readChoice(flag('--store'), given) as StoreChoice)
}

function readTimeout(reading: Reading): number | undefined {
  const given = reading.text('--auth-timeout')
  return given && readDuration(flag('--auth-timeout'), given)
}

/** A part of the account's key, shown by `status` and typed by people. */
function readProfile(reading: Reading): string {
  const given = reading.text('--profile')
  if (given === undefined || /^[A-Za-z0-9][\w.@+-]{0,63}$/.test(given.text)) return given?.text ?? ''
  throw bad(
    `${given.from} is no name for a profile`,
    'write up to 64 letters, digits and . _ - @ +, a letter or a digit first',
  )
}

/** RFC 6749, 3.3. */
function readScope(reading: Reading): string | undefined {
  const given = reading.texts('--scope')
  if (given.length === 0) return undefined
  for (const { text, from } of given)
    if (!/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(text))
      throw bad(
        `${from} has a character that no scope can have`,
        'write names of scopes with blanks between them',
      )
  return [...new Set(given.flatMap(({ text }) => text.split(/ +/)))].join(' ')
}

/** RFC 8707: an absolute URI without a fragment, kept as it is written. */
function readResource(reading: Reading): string | false | undefined {
  const given = reading.text('--resource')
  const isLeftOut = reading.isOn('--disable-resource-parameter')
  if (given === undefined) return isLeftOut ? false : undefined
  if (isLeftOut)
    throw bad(`${given.from} and --disable-resource-parameter contradict each other`, 'remove one of them')
  if (!URL.canParse(given.text) || /[\s#]/.test(given.text))
    throw bad(
      `${given.from} is no whole URL, or has a # in it`,
      'write it as https://host/path, as the authorization server knows it',
    )
  return given.text
}

function readAuthorizeParams(reading: Reading): SignInOptions['authorizeParams'] {
  const params = reading.texts('--authorize-param').map(({ text, from }) => {
    const at = text.indexOf('=')
    const name = text.slice(0, Math.max(at, 0)).trim()
    if (!/^[\w.:-]+$/.test(name))
      throw bad(`${from} has no name in front of a =`, 'write name=value, such as prompt=login')
    if (RESERVED_PARAMS.has(name)) {
      const other = RESERVED_PARAMS.get(name)
      throw bad(
        `${from} cannot set ${name}, which belongs to the sign-in itself`,
        other === undefined ? 'remove it' : `write ${other}`,
      )
    }
    return Object.freeze([name, text.slice(at + 1)] as const)
  })
  return Object.freeze(params)
}

/**
 * A host name alone. Clients that were registered for mcp-remote, which its own flag for them tells of, have its default in
 * their redirect URI.
 */
function readHost(reading: Reading): string | undefined {
  const given = reading.text('--host')
  if (given === undefined) {
    const isFromMcpRemote = reading.raw('--static-oauth-client-info') !== undefined
    return isFromMcpRemote && !reading.request.environment.windows ? 'localhost' : undefined
  }
  const host = (
    given.text.includes('::') ? `[${given.text.replace(/^\[|\]$/g, '')}]` : given.text
  ).toLowerCase()
  if (URL.canParse(`http://${host}`) && new URL(`http://${host}`).hostname === host) return host
  throw bad(
    `${given.from} is no name of a host`,
    'write 127.0.0.1, localhost, or another name of this machine',
  )
}

function readPath(reading: Reading): string | undefined {
  const given = reading.text('--callback-path')
  if (given === undefined) return undefined
  const { text, from } = given
  if (/^\/(?!\/)/.test(text) && new URL(text, 'http://h').pathname === text) return text
  throw bad(
    `${from} is no path`,
    'write one that begins with / and has no ? and # in it, such as /oauth/callback',
  )
}

/** What login, logout and status go by. */
export interface AccountOptions {
  readonly command: AccountCommand
  /** Undefined: every server that there is an account for; never so for login. */
  readonly remote: Options | undefined
  readonly signIn: SignInOptions
  readonly isJson: boolean
  /** Take over what mcp-remote has kept. */
  readonly importsMcpRemote: boolean
  readonly log: Options['log']
  readonly secrets: readonly string[]
  readonly warnings: readonly Warning[]
}

export interface AccountRequest extends FurtherRequest {
  readonly command: AccountCommand
  readonly url?: string
  /** Whether a variable names the URL. */
  readonly isUrlNamed: boolean
  /** The options of the bridge with the same arguments; throws BridgeError `usage`. */
  readonly resolve: () => Options
  /** The same without a URL. */
  readonly resolveAlone: () => DemoOptions
}

/** Throws BridgeError `usage`. */
export function readAccount(request: AccountRequest): AccountOptions {
  const { command, given } = request
  for (const [name, owner] of [
    ['--all', 'logout'],
    ['--import-mcp-remote', 'login'],
  ] as const)
    if (given.has(name) && command !== owner)
      throw usage('unknown-option', `${name} is an option of mcp-ferry ${owner}; remove it`)
  const isAll = given.has('--all')
  const isUrlGiven = request.url !== undefined || given.has('--url-env')
  const start = {
    command,
    isJson: given.has('--json'),
    importsMcpRemote: given.has('--import-mcp-remote'),
  }
  const hasUrl = isUrlGiven || request.isUrlNamed
  if (command === 'login' && !hasUrl)
    throw usage('url-missing', 'there is no URL; write mcp-ferry login https://host/path')
  if (command === 'login' || (!isAll && hasUrl)) {
    const remote = readNetwork(readSignIn(request.resolve(), request), request)
    const { signIn, log, secrets, warnings } = remote
    return Object.freeze({ ...start, remote, signIn, log, secrets, warnings })
  }
  const { log, warnings } = request.resolveAlone()
  if (isAll && isUrlGiven)
    throw usage('unexpected-argument', '--all means every server, and a URL one; remove one of them')
  if (command === 'logout' && !isAll)
    throw usage(
      'url-missing',
      'there is no URL; write mcp-ferry logout with one that mcp-ferry status lists, or --all for all of them',
    )
  const reading = createReading(request)
  const signIn = readSignInNetwork(read(reading, DEFAULT_SIGN_IN), reading)
  return Object.freeze({
    ...start,
    remote: undefined,
    signIn,
    log,
    secrets: Object.freeze(reading.secrets),
    warnings: Object.freeze([...warnings, ...reading.warnings]),
  })
}
