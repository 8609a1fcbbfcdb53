// The sentences for arguments that have no meaning (options that do not exist, words that belong to nothing) and for
// variables that cannot be filled in. An argument is named by its number and never shown, since a piece of a header may
// have ended up there; only names of options and variables are. Loaded only when there is something to explain.
// arguments.md 4.4.
import { type BridgeError, usage } from '../errors.ts'
import type { Unexpected } from './argv.ts'
import { COMMAND_LIST } from './command-list.ts'
import { COMMANDS } from './command-names.ts'
import { FLAGS } from './flag-list.ts'
import { valueNameOf } from './flag-values.ts'
import { findFlag } from './flags.ts'
import { brokenJson } from './json-argument.ts'
import { findMcpRemoteFlag, MCP_REMOTE_NAMES, valuesOf } from './mcp-remote-flags.ts'
import { nearest } from './nearest.ts'
import type { Unfilled } from './references.ts'
import { codePoint } from './suspicions.ts'
import { looksLikeSecret } from './variables.ts'

const URL_ALONE = 'does not exist; write the URL by itself, without a flag'
const TOKEN_IN_VARIABLE =
  'does not exist; put the token into an environment variable and write --bearer-env VAR'

/** Of unknown options. */
const MOST_TOLD = 5

/** What people write by habit, and what to write here. */
const HABITS: Readonly<Record<string, string>> = {
  '-y': 'is for npx; put it before the package name: npx -y mcp-ferry <url>',
  '--yes': 'is for npx; put it before the package name: npx --yes mcp-ferry <url>',
  '-v': 'does not exist; -V prints the version, --log-level debug says more',
  '--verbose': 'does not exist; write --log-level debug',
  '--quiet': 'does not exist; write --log-level error',
  '--url': URL_ALONE,
  // Of supergateway, as is the last of those that take a token.
  '--sse': URL_ALONE,
  '--streamableHttp': URL_ALONE,
  '--token': TOKEN_IN_VARIABLE,
  '--auth': TOKEN_IN_VARIABLE,
  '--auth-token': TOKEN_IN_VARIABLE,
  '--access-token': TOKEN_IN_VARIABLE,
  '--authorization': TOKEN_IN_VARIABLE,
  '--bearer': TOKEN_IN_VARIABLE,
  '--bearer-token': TOKEN_IN_VARIABLE,
  '--oauth2Bearer': TOKEN_IN_VARIABLE,
  '--api-key':
    'does not exist; put the key into an environment variable and write --header-env X-Api-Key=VAR',
  '--client-secret':
    'does not exist; put the secret into an environment variable and write --client-secret-env VAR',
  '--port': 'does not exist; write the port by itself directly after the URL, or --callback-port',
  '--timeout': 'does not exist; write --request-timeout or --connect-timeout',
  '-k': 'does not exist; write --ca <path> to trust a certificate authority, or --insecure to check nothing',
}

/**
 * The error with words for what is unexpected; any other error, also one that has its words already, as it is. `shell` is the
 * platform of the shell where the command line was typed, if it was.
 */
export function explain(error: BridgeError, shell?: string): BridgeError {
  if (error.kind !== 'usage') return error
  const { message, facts } = inWords(error, shell)
  const text = message.replace(/\bU\+[0-9A-F]{4}\b(?! \()/g, (code) => {
    const known = DAMAGE[code]
    return known === undefined ? code : `${code} (${known})`
  })
  return text === error.message ? error : usage(facts.code ?? '', text)
}

/** What editors and word processors make of plain characters. */
const DAMAGE: Readonly<Record<string, string>> = {
  'U+000D': 'a line end',
  'U+000A': 'a line end',
  'U+00A0': 'a no-break space',
  'U+200B': 'a zero-width space',
  'U+FEFF': 'a byte order mark',
  'U+2018': 'a typographic quote',
  'U+2019': 'a typographic quote',
  'U+201C': 'a typographic quote',
  'U+201D': 'a typographic quote',
  'U+FF1A': 'a full-width colon',
}

function inWords(error: BridgeError, shell: string | undefined): BridgeError {
  const unexpected = error.cause as Unexpected | Unfilled | undefined
  if (unexpected === undefined) return error
  switch (unexpected.kind) {
    case 'option':
      return unknownOption(unexpected)
    case 'argument':
      return unexpectedArgument(unexpected)
    case 'variable':
      return unsetVariable(unexpected, shell)
    case 'reference':
      return badReference(unexpected)
    default:
      return usage(error.facts.code ?? '', aboutFlag(unexpected))
  }
}

function aboutFlag({ kind, flag }: Extract<Unexpected, { flag: string }>): string {
  const known = findMcpRemoteFlag(flag)
  switch (kind) {
    case 'value': {
      const name = valueNameOf(flag)
      const instead = name === undefined ? `one or remove ${flag}` : `${flag} ${name}`
      return `${flag} is not followed by a value; write ${instead}`
    }
    case 'excess':
      return `${flag} takes no value; write ${flag} alone`
    case 'word':
      return `${flag} does not know that value; write one of ${valuesOf(known!).join(', ')}`
  }
}

function unsetVariable(
  { what, name, known }: Extract<Unfilled, { kind: 'variable' }>,
  shell: string | undefined,
): BridgeError {
  if (looksLikeSecret(name))
    return usage(
      'env-undefined',
      `${what} wants the name of an environment variable, and what stands there may be the secret itself; put the secret into a variable, in the "env" block of the editor's config or in a shell, and write its name here`,
    )
  const near = nearest(name, known, 2)
  const hint = near.length > 0 ? ` (there is ${near.join(' and ')})` : ''
  const setting =
    shell === 'win32' ? `$env:${name} = '…' (PowerShell) or set ${name}=… (cmd)` : `export ${name}=…`
  const here = shell === undefined ? '' : `in this shell write ${setting} first, or `
  return usage(
    'env-undefined',
    `${what} uses the variable ${name}, which is not set${hint}; ${here}add ${name} to the "env" block of the editor's config`,
  )
}

/** Never shows what stands between the braces: people put the secret itself there. */
function badReference({ what, body, closed, nested }: Extract<Unfilled, { kind: 'reference' }>): BridgeError {
  const kind = /^(input|file|command|cmd|secret|vault):/.exec(body)?.[1]
  const why = nested
    ? `has a $\{…} inside another`
    : !closed
      ? `has a $\{ without its own }`
      : kind !== undefined
        ? `has a $\{${kind}:…}, which only some editors fill in, and this one did not`
        : body.startsWith('{')
          ? `has a $\{{ … }}, which only a CI workflow fills in`
          : `has a $\{…} that is no variable`
  return usage(
    'env-syntax',
    `${what} ${why}; write $\{NAME} or $\{NAME:-default}, and $$\{ for a literal $\{`,
  )
}

type UnknownOption = Extract<Unexpected, { kind: 'option' }>

/** The error for options nobody knows: for this one and those behind it. Code `unknown-option`. */
function unknownOption(where: UnknownOption): BridgeError {
  const places = where.argv.flatMap((text, at) => (at > where.at && isUnknownOption(text) ? [at] : []))
  const others = places.map((at) =>
    aboutOption({ ...where, at, isAfterHeader: isAfterHeader(where.argv.slice(0, at)) }),
  )
  const told = [...new Set([aboutOption(where), ...others])].slice(0, MOST_TOLD)
  return usage('unknown-option', told.join('; '))
}

/** With two dashes it is no part of a header (arguments.md 4.3). */
function isUnknownOption(text: string): boolean {
  return /^--[A-Za-z]/.test(text) && !isKnownOption(text)
}

function isKnownOption(text: string): boolean {
  const [name = ''] = /^[^=:\s]*/.exec(text) ?? []
  return findFlag(name) !== undefined || findMcpRemoteFlag(name) !== undefined
}

/** Up to the next option that there is: what looks like one may be the dashes of a secret. */
function isAfterHeader(before: readonly string[]): boolean {
  const last = before.findLast((text) => text.startsWith('-H') || isKnownOption(text))
  return last !== undefined && /^(?:--header(?![\w-])|-H)/.test(last)
}

function aboutOption(where: UnknownOption): string {
  const written = where.argv[where.at] ?? ''
  const name = /^[^=:\s]*/.exec(written)?.[0] ?? ''
  const number = `argument ${where.at + 1}`
  const odd = /[^\x00-\x7f]/u.exec(written.split('=', 1)[0]!)?.[0]
  if (odd !== undefined) return `${number} contains ${codePoint(odd)}; type the option again`
  if (findFlag(name) !== undefined && written[name.length] === ':')
    return `${name} is followed by a colon; write it without the colon`
  if (/^[^=\s]+\s/.test(written))
    return `${number} holds an option and its value in one; write them as two arguments`
  if (Object.hasOwn(HABITS, name)) return `${name} ${HABITS[name]}`
  const near = nearest(name, [...FLAGS.map((flag) => flag.name), ...MCP_REMOTE_NAMES], 1)[0]
  const instead = near === undefined ? 'mcp-ferry --help lists the options' : `did you mean ${near}?`
  if (where.isAfterHeader)
    return `${number} begins like an option but is none; ${instead} (if it belongs to the header, write the whole header as one argument)`
  const shown = /^--?[A-Za-z][A-Za-z-]{0,30}$/.test(name)
    ? `the option ${name}`
    : `the option that is ${number}`
  return `${shown} does not exist; ${instead}`
}

/** The error for a word that is no option, no URL and no port. Code `unexpected-argument`. */
function unexpectedArgument(where: Extract<Unexpected, { kind: 'argument' }>): BridgeError {
  const text = (where.argv[where.at] ?? '').trim()
  const before = where.argv[where.at - 1] ?? ''
  const isSwitch = findFlag(before)?.kind === 'switch' || findMcpRemoteFlag(before)?.takes === 'nothing'
  if (isSwitch && /^(?:true|false|yes|no|on|off|[01])$/i.test(text))
    return usage('unexpected-argument', aboutFlag({ ...where, kind: 'excess', flag: before }))
  const json = where.argv
    .slice(0, where.at)
    .find((word) => /^--static-oauth-client-(?:info|metadata)/.test(word))
  if (json !== undefined && /["{}:,]/.test(text))
    return usage('unexpected-argument', brokenJson(json.split('=', 1)[0]!).join('; '))
  if (where.argv[where.at - 2] === '--scope' && !/^https?:/i.test(text) && !/^-/.test(before))
    return usage(
      'unexpected-argument',
      `argument ${where.at + 1} belongs to nothing; if it is a scope, write --scope in front of each`,
    )
  const command = COMMANDS.find((name) => name === text)
  if (where.hasUrl && command !== undefined)
    return usage(
      'unexpected-argument',
      `argument ${where.at + 1} is the command ${command}, which stands first; write mcp-ferry ${COMMAND_LIST[command].usage}`,
    )
  // Alone it is as likely a command as a part of a header; behind something else it is a part of what stands there.
  const isNoCommand =
    where.at === 0 &&
    /^[a-z]+$/.test(text) &&
    (where.argv.length === 1 || where.argv.some((word) => /^https?:/i.test(word)))
  const wrong = whatIsWrong(text, where.hasUrl)
  return usage(
    'unexpected-argument',
    `argument ${where.at + 1} ${isNoCommand && wrong === NOTHING ? 'is no command; mcp-ferry --help lists them' : wrong}`,
  )
}

const ON_THIS_MACHINE = /^(?:localhost|127\.\d+\.\d+\.\d+)(?:[:/]|$)/i
const NOTHING = 'is neither an option nor the URL; a header goes after --header, in quotes'

function whatIsWrong(text: string, hasUrl: boolean): string {
  const first = /^[^\x00-\x7f]/u.exec(text)?.[0]
  if (text === '') return 'is empty; remove it, or give the variable that stood there a value'
  if (/^[A-Za-z]:[\\/]$|^\/[cCdD]$/.test(text))
    return 'is what Git Bash makes of cmd\'s /c; write "command": "npx" in the config, or edit the config file by hand'
  if (first !== undefined && /[\u2010-\u2015\u2212]/.test(first))
    return `begins with ${codePoint(first)} instead of a plain hyphen; type the option again`
  if (first !== undefined) return `begins with ${codePoint(first)}; type it again instead of pasting it`
  if (/\s-{1,2}[A-Za-z]|\shttps?:/.test(text))
    return 'holds a whole command; write each part as an argument of its own'
  if (/^https?:\/\//i.test(text)) return 'is a second URL; write one URL only'
  if (/^(?:npx|npx\.cmd|node|mcp-(?:ferry|remote)(?:@[\w.^~-]+)?)$/i.test(text))
    return 'is a part of the command itself; leave it out'
  if (/https?:?\/{1,2}[\w[]|^https?:|^\/\/\w|^:\d+(?:\/|$)/i.test(text))
    return 'looks like a URL, with something wrong about its beginning; write it as https://host/path'
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
    return 'is a URL of another kind than https://; write the https:// URL of the MCP endpoint'
  if (/^-?\d+$/.test(text))
    return 'is a number in a place where none belongs; a port, 1 to 65535, goes directly after the URL'
  if (!hasUrl && /^\$\w|^%\w+%/.test(text))
    return `is a variable that nobody filled in; write $\{NAME} or use --url-env NAME`
  if (!hasUrl && /^(?:localhost|[\w-]+(?:\.[\w-]+)+)(?:[:/]|$)|^[\w-]+:\d+(?:\/|$)/.test(text))
    return `is neither an option nor a URL; if it is the server, write ${ON_THIS_MACHINE.test(text) ? 'http://' : 'https://'} in front of it`
  const command = hasUrl ? undefined : nearest(text, COMMANDS, 1)[0]
  if (command !== undefined) return `is no command; did you mean ${command}?`
  return NOTHING
}
