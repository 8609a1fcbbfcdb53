// What each flag is for, in words and by groups: for `--help` and the README, and so not loaded by a start.
import type { FlagName } from './flags.ts'

export type FlagGroup = 'Headers and credentials' | 'The remote' | 'Timers and limits' | 'Log' | 'Other'

export const GROUPS: readonly FlagGroup[] = [
  'Headers and credentials',
  'The remote',
  'Timers and limits',
  'Log',
  'Other',
]

const HELP: Readonly<Record<FlagName, readonly [FlagGroup, string]>> = {
  '--header': [
    'Headers and credentials',
    'send this header with every request; ${VAR} and ${VAR:-default} in the value are filled in from the environment; in the variable: one header per line',
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
    'read headers from a UTF-8 file, one "Name: value" per line, # starts a comment',
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
  '--version': ['Other', 'print the version'],
  '--help': ['Other', 'print this text'],
}

export function groupOf(name: FlagName): FlagGroup {
  return HELP[name][0]
}

export function helpOf(name: FlagName): string {
  return HELP[name][1]
}
