// The URL of a command line → an argument, or the variable that holds it: a & would cut it at cmd.exe, and a key in it is
// nothing for a list of processes. arguments.md 2 (row 7), 3.
import { fillIn, type Gap } from '../../options/references.ts'
import { looksLikeSecret, lookUp, trimEnds, withoutQuotes } from '../../options/variables.ts'
import { type Draft, newVariable, passOn, secretIn, setVariable } from './draft.ts'
import type { Secret } from './entry.ts'
import { isThere } from './meaning.ts'
import { isSafeArgument } from './safe-text.ts'

/** Throws BridgeError `usage`. */
export function addUrl(draft: Draft): void {
  const { url, items } = draft.meaning
  const named = items.findLast(({ flag }) => flag === '--url-env')
  if (named !== undefined) addNamed(draft, trimEnds(named.value))
  else if (url !== undefined) addWritten(draft, url)
}

function addNamed(draft: Draft, variable: string): void {
  draft.args.push('--url-env', variable)
  const text = lookUp(variable, draft.meaning.environment)
  passOn(draft, variable, 'the URL of the server')
  // Only what is a secret needs to be kept as one.
  const isKnown = text !== undefined && !draft.meaning.standIns.has(variable)
  if (isKnown && !holdsSecret(draft.meaning.options.url, text)) setVariable(draft, variable, [trimEnds(text)])
}

function addWritten(draft: Draft, url: string): void {
  const parts = cut(draft, url)
  const [first] = parts
  if (parts.length === 1 && typeof first === 'object' && first.isInUrl === undefined) {
    draft.args.push('--url-env', first.variable)
    setVariable(draft, first.variable, [first])
    return
  }
  const text = parts.length === 1 && typeof first === 'string' ? first : undefined
  const isSecret = text !== undefined && holdsSecret(draft.meaning.options.url, text)
  if (text !== undefined && !isSecret) {
    const plain = plainest(text, draft.meaning.options.url)
    if (plain !== undefined) {
      draft.url = plain
      return
    }
  }
  const variable = newVariable(draft, 'MCP_URL')
  const whole: Secret = { variable, what: `the URL of ${draft.host}`, isInEnvironment: false }
  draft.args.push('--url-env', variable)
  setVariable(draft, variable, isSecret ? [{ ...whole, text }] : parts)
}

/** The URL as it can stand on a command line: as it is written, else as it is read. */
function plainest(text: string, url: URL): string | undefined {
  // The % of a socket's path is what cmd.exe takes for a variable.
  if (/^http\+unix:/i.test(text)) return undefined
  const isAsWritten = (): boolean => {
    const written = new URL(text)
    written.hash = ''
    return written.href === url.href
  }
  return isSafeArgument(text) && isAsWritten() ? text : isSafeArgument(url.href) ? url.href : undefined
}

/** The URL, cut where variables are filled in. */
function cut(draft: Draft, url: string): (string | Secret)[] {
  const { environment } = draft.meaning
  const trimmed = trimEnds(url)
  const bare = /^<[^<>]*>$/.test(trimmed) ? trimmed.slice(1, -1) : withoutQuotes(trimmed)
  const parts: (string | Secret)[] = []
  let done = 0
  const filled = fillIn(trimEnds(bare), { what: 'the URL', environment }, (gap) => {
    const { name, before } = gap
    if (!isThere(name, draft.meaning)) return gap.value
    const known = secretIn(draft, name, `${name} in the URL of ${draft.host}`)
    const secret = asIn(known, gap)
    const text = secret.isInUrl ? encodeURIComponent(gap.value) : (secret.text ?? gap.value)
    parts.push(before.slice(done), secret)
    done = before.length + text.length
    return text
  })
  parts.push(filled.text.slice(done))
  return parts.filter((part) => part !== '')
}

/** As url.ts fills it in: scheme, host and base are taken as they are, what stands behind them is encoded. */
function asIn(secret: Secret, { value, before, after }: Gap): Secret {
  const isBase = /^[a-z][a-z0-9+.-]*(?::\/?)?$/i.test(before)
  const isAuthority = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*$/i.test(before)
  const isPath = value.startsWith('/') && /[^/?#]$/.test(before) && !/[?#]/.test(before)
  const isSocket = /^http\+unix:/i.test(before) && isAuthority && !value.includes('%')
  const isHost = isAuthority && !isSocket && !/^[^/?#]*@/.test(after)
  if (before === '') {
    const text = trimEnds(withoutQuotes(value))
    return text === value || secret.text === undefined ? secret : { ...secret, text, isInEnvironment: false }
  }
  if (isBase || isHost || (isPath && !isAuthority)) return secret
  const isSame = encodeURIComponent(value) === value
  return { ...secret, isInUrl: true, isInEnvironment: secret.isInEnvironment && isSame }
}

const SECRET_NAME = /key|token|secret|passw|pwd|auth|sig$|signature|credential|^code$|^sas$|^jwt$/i

/** Whether a user, a key in the path or a value of the query is something that nobody should see. */
function holdsSecret(url: URL, written: string): boolean {
  if (/^[a-z]+:\/\/[^/?#]*@/i.test(written.replace(/^["'<\\\s]+/, ''))) return true
  const isKey = (text: string): boolean => text.length >= 8 && looksLikeSecret(text)
  if (url.pathname.split('/').some((segment) => isKey(decoded(segment)))) return true
  return [...url.searchParams].some(
    ([name, value]) => value !== '' && (SECRET_NAME.test(name) || isKey(value)),
  )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
