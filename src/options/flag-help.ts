// What each flag is for, in words and by groups: for `--help` and the README, and so not loaded by a start.
import type { FlagName } from './flag-table.ts'
import { findFlag } from './flags.ts'
import { FURTHER_HELP } from './further-flag-help.ts'
import { inFull } from './further-flags.ts'

export type FlagGroup =
  | 'Headers and credentials'
  | 'The remote'
  | 'Network'
  | 'What the editor sees'
  | 'Signing in'
  | 'Signing in without a person'
  | 'Timers and limits'
  | 'Log'
  | 'Commands'
  | 'Other'

export const GROUPS: readonly FlagGroup[] = [
  'Headers and credentials',
  'The remote',
  'Network',
  'What the editor sees',
  'Signing in',
  'Signing in without a person',
  'Timers and limits',
  'Log',
  'Commands',
  'Other',
]

const HELP: Readonly<Record<FlagName, readonly [FlagGroup, string]>> = {
  '--header': [
    'Headers and credentials',
    'send this header with every request; ${VAR} and ${VAR:-default} in the value are filled in from the environment, keychain:service/account from the keychain of the system; in the variable: one header per line',
  ],
  '--header-env': [
    'Headers and credentials',
    'send the header Name with what the environment variable VAR holds; survives every launcher and keeps the secret out of the process list; in the variable: entries separated by commas',
  ],
  '--bearer-env': [
    'Headers and credentials',
    'send "Authorization: Bearer ..." with the token that VAR holds',
  ],
  '--header-file': [
    'Headers and credentials',
    'read headers from a UTF-8 file, one "Name: value" per line, # starts a comment; it is read again when it changes and after HTTP 401',
  ],
  '--header-command': [
    'Headers and credentials',
    'send the header Name with what this command prints, run without a shell and again after HTTP 401; without Name= it prints a JSON object of headers; in the variable: one per line',
  ],
  '--bearer-command': [
    'Headers and credentials',
    'send "Authorization: Bearer ..." with the token that this command prints, e.g. "gcloud auth print-access-token"',
  ],
  '--credential-ttl': [
    'Headers and credentials',
    'how long what a command prints is used, if it does not say itself when it ends, as a JWT does; otherwise until HTTP 401',
  ],
  '--url-env': [
    'The remote',
    'take the URL from the environment variable VAR; for URLs with &, %, ^ or secrets in them',
  ],
  '--allow-http': ['The remote', 'allow a plain http:// URL outside this machine and private networks'],
  '--transport': [
    'The remote',
    'http, http+sse (the transport of 2024-11-05) or auto: HTTP, and HTTP+SSE where the remote speaks nothing else',
  ],
  '--remote-era': [
    'The remote',
    'which era of the protocol the remote speaks: legacy (up to 2025-11-25), modern (from 2026-07-28), auto: the one of the editor if it can, or prefer-modern: modern if it can',
  ],
  '--modern-host': [
    'The remote',
    'what an editor of 2026-07-28 gets from a remote that is older: translate, or decline, so that an editor that speaks both eras falls back',
  ],
  '--disable-cookies': [
    'The remote',
    'do not send back the cookies that the remote sets; they are kept in memory, for its origin alone',
  ],
  ...FURTHER_HELP,
  '--no-oauth': ['Signing in', 'never sign in; what the remote says to a request without credentials stands'],
  '--no-browser': ['Signing in', 'open no browser; the address to go to is printed on stderr'],
  '--non-interactive': [
    'Signing in',
    'ask nobody: a sign-in that is kept is used and renewed, and where there is none an error says how to sign in',
  ],
  '--profile': ['Signing in', 'keep this sign-in apart from others to the same remote: for two accounts'],
  '--store': [
    'Signing in',
    'where tokens are kept: file (in a folder of yours alone), keychain (the one of the system) or memory (until the end)',
  ],
  '--scope': [
    'Signing in',
    'ask for these scopes, with blanks between them, instead of those that the remote names',
  ],
  '--client-id': ['Signing in', 'the OAuth client that you have registered at the authorization server'],
  '--client-secret-env': [
    'Signing in',
    'the secret of that client is what the environment variable VAR holds',
  ],
  '--private-key-file': [
    'Signing in',
    'the private key by which that client makes itself known (private_key_jwt), as PEM or JWK',
  ],
  '--client-metadata-url': [
    'Signing in',
    'the https URL of the document that describes the client, for servers that take that for an id',
  ],
  '--static-oauth-client-info': [
    'Signing in',
    'the client as JSON or in a file, as with mcp-remote; ${VAR} in it is filled in; --client-id is easier to quote',
  ],
  '--static-oauth-client-metadata': [
    'Signing in',
    'merged over what a client is registered with, as JSON or in a file',
  ],
  '--resource': [
    'Signing in',
    'the resource that a token is asked for (RFC 8707), if it is not what the remote says',
  ],
  '--disable-resource-parameter': [
    'Signing in',
    'do not name the resource, for servers that refuse a request that does',
  ],
  '--authorize-param': [
    'Signing in',
    'add this to the address that the browser is sent to, such as prompt=login; in the variable: one per line',
  ],
  '--use-id-token': ['Signing in', 'send the ID token to the remote instead of the access token'],
  '--device-code': ['Signing in', 'sign in on another device: a code is printed, to be typed in there'],
  '--host': [
    'Signing in',
    'the name of this machine in the address that the browser comes back to; localhost with --static-oauth-client-info, except on Windows',
  ],
  '--callback-port': [
    'Signing in',
    'the port of that address, if it must be this one; the same as a port after the URL',
  ],
  '--callback-path': ['Signing in', 'the path of that address'],
  '--auth-timeout': ['Signing in', 'how long a person who signs in is waited for'],
  '--auth-success-url': ['Signing in', 'the page that the browser is sent to afterwards'],
  '--allow-private': [
    'Signing in',
    'allow an authorization server in a private network to a remote that is in none',
  ],
  '--allow-unadvertised-pkce': [
    'Signing in',
    'go on with an authorization server that does not say that it knows PKCE',
  ],
  '--client-credentials': [
    'Signing in without a person',
    'sign in as the client alone, with its secret or its key',
  ],
  '--token-endpoint': [
    'Signing in without a person',
    'where a client or a workload gets its tokens, whatever the remote says',
  ],
  '--assertion-file': [
    'Signing in without a person',
    'sign in as a workload (RFC 7523) with the assertion in this file, which is read anew each time',
  ],
  '--assertion-command': [
    'Signing in without a person',
    'the same with what this command prints; no shell reads it',
  ],
  '--assertion-env': ['Signing in without a person', 'the same with what the environment variable VAR holds'],
  '--idp-token-endpoint': [
    'Signing in without a person',
    "sign in through your organisation's identity provider: where it exchanges ID tokens",
  ],
  '--idp-client-id': ['Signing in without a person', 'the client as the identity provider knows it'],
  '--idp-client-secret-env': ['Signing in without a person', 'the secret of that client is what VAR holds'],
  '--id-token-file': [
    'Signing in without a person',
    'the ID token to show to the identity provider is in this file',
  ],
  '--id-token-command': [
    'Signing in without a person',
    'the ID token is what this command prints; no shell reads it',
  ],
  '--id-token-env': ['Signing in without a person', 'the ID token is what VAR holds'],
  '--start-budget': [
    'Timers and limits',
    'how long the editor waits for a remote that is slow or absent before it is told to go on without; 0 is for ever',
  ],
  '--request-timeout': [
    'Timers and limits',
    'how long the remote may take to answer a request, counted anew at each sign of progress; 0 is for ever',
  ],
  '--input-timeout': [
    'Timers and limits',
    'how long a call to an older remote that has asked the user something is kept for an editor of 2026-07-28 to come back with the answer',
  ],
  '--keep-alive': [
    'Timers and limits',
    'ask the remote at intervals whether it is still there; one that does not answer gets new connections, and at the second time what it owes is given up',
  ],
  '--ping-interval': [
    'Timers and limits',
    'the interval of --keep-alive, which it turns on; 30s if not given, 0 turns it off',
  ],
  '--max-reopens': [
    'Timers and limits',
    'how often within a minute a session that the remote has lost is opened anew',
  ],
  '--connect-timeout': ['Timers and limits', 'how long connecting may take: DNS, TCP and TLS together'],
  '--drain-timeout': [
    'Timers and limits',
    'how long outstanding answers are waited for after the editor has closed stdin',
  ],
  '--delete-timeout': ['Timers and limits', 'how long ending the session may take at the end'],
  '--retry-wait': [
    'Timers and limits',
    'the longest Retry-After that is waited for; a longer one is an error at once',
  ],
  '--retries': [
    'Timers and limits',
    'how often a request is sent again after HTTP 408, 425, 429, or 503 with Retry-After',
  ],
  '--max-line': ['Timers and limits', 'longest message taken from the editor'],
  '--max-event': ['Timers and limits', 'longest message taken from the remote'],
  '--log-level': [
    'Log',
    'silent, error, warn, info, debug or trace; header values and query strings are never logged',
  ],
  '--log-file': ['Log', 'write the log into this file instead of stderr'],
  '--log-json': ['Log', 'write the log as one JSON object per line'],
  '--trace': [
    'Log',
    'write every message with its time, HTTP status and headers into this file; mcp-ferry trace show reads it',
  ],
  '--json': ['Commands', 'print the outcome as JSON'],
  '--all': ['Commands', 'of logout: every server'],
  '--import-mcp-remote': [
    'Commands',
    'of login: take over the sign-in that mcp-remote has kept for this URL',
  ],
  '--version': ['Other', 'print the version'],
  '--help': ['Other', 'print this text'],
}

/** All flags in full, in the order that they are told in. */
export const TOLD_FLAGS = Object.keys(HELP).map((name) => inFull(findFlag(name)!))

export function groupOf(name: FlagName): FlagGroup {
  return HELP[name][0]
}

export function helpOf(name: FlagName): string {
  return HELP[name][1]
}
