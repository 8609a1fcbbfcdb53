// A URL with quotes, variables, a query or anything else to look at: variables are filled in and encoded for the place they
// stand in. Pure; no sentence shows path, query or userinfo. arguments.md 2 (rows 5, 7, 8), 4.4. Deferred: most are plain.
import { usage } from '../errors.ts'
import { fillIn, type Gap } from './references.ts'
import { codePoint, placeholder, suspicions } from './suspicions.ts'
import type { UrlRequest } from './url.ts'
import { trimEnds, withoutQuotes } from './variables.ts'
import { quotesLeftOut, type Warning } from './warning.ts'

/** Typographic quotes, exotic blanks and marks: what pasting leaves behind. */
const DAMAGE = /[\u00a0\u00ad\u2000-\u200f\u2018-\u201f\u2028-\u202f\u2060\u3000\ufeff\ufffd]/

/** `<tenant>` or `{tenant}` behind the host, as a documentation has it. */
const PLACEHOLDER = /^[a-z]+:\/\/[^/?#]*[/?#].*(?:<[^<>/]+>|(?<!\$)\{(?!env:)[^{}/]+\})/i

interface Notes {
  readonly warnings: Warning[]
  readonly secrets: string[]
}

/** Throws `url-missing`, `url-invalid` and the `env-…` errors. */
export function readMarked(request: UrlRequest, notes: Notes): URL {
  const what = `the URL from ${request.from}`
  const bare = unwrap(trimEnds(request.text), what, notes.warnings)
  const text = request.isData ? bare : fillInUrl(bare, request, notes)
  if (text === '') throw usage('url-missing', `${what} is empty; write https://host/path`)
  checkText(text, { what, isData: request.isData })
  return parseUrl(text, what)
}

/** Without one pair of quotes or angle brackets around all of it. */
function unwrap(text: string, what: string, warnings: Warning[]): string {
  const inner = /^<[^<>]*>$/.test(text) ? text.slice(1, -1) : withoutQuotes(text)
  if (inner === text) return text
  warnings.push(quotesLeftOut(what))
  return trimEnds(inner)
}

function fillInUrl(template: string, request: UrlRequest, { warnings, secrets }: Notes): string {
  const what = `the URL from ${request.from}`
  const place = { what, environment: request.environment }
  const filled = fillIn(template, place, (gap) => {
    if (gap.before === '') return unwrap(gap.value, `the text of the variable ${gap.name}`, warnings)
    if (/^[a-z]+:\/\/[^/]*\//i.test(gap.before)) secrets.push(gap.value)
    return encodeFor(gap)
  })
  const found = suspicions(template, what, request.environment)
  warnings.push(...found, ...filled.warnings)
  if (PLACEHOLDER.test(template) && !found.some(({ code }) => code === 'placeholder'))
    warnings.push(placeholder(what))
  return trimEnds(filled.text)
}

/**
 * A variable may hold the scheme, the host or the base of the URL and is then taken as it is. In userinfo, path and
 * query it is a value and its special characters are encoded, except that a path (`/v1/mcp`) continues a base.
 */
function encodeFor({ value, before, after }: Gap): string {
  if (/^[a-z][a-z0-9+.-]*(?::\/?)?$/i.test(before)) return value
  const isAuthority = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*$/i.test(before)
  const isPathOfSocket = /^http\+unix/i.test(before) && !value.includes('%')
  if (isAuthority && !/^[^/?#]*@/.test(after)) return isPathOfSocket ? encodeURIComponent(value) : value
  const isPath = value.startsWith('/') && /[^/?#]$/.test(before) && !/[?#]/.test(before)
  return isPath && !isAuthority ? value : encodeURIComponent(value)
}

function checkText(text: string, { what, isData }: { what: string; isData: boolean }): void {
  const control = /[\x00-\x1f\x7f]/.exec(text) ?? DAMAGE.exec(text)
  if (control !== null) throw usage('url-invalid', `${what} contains ${codePoint(control[0])}; type it again`)
  if (/ -{1,2}[A-Za-z]/.test(text))
    throw usage(
      'url-invalid',
      `${what} has options in the same argument; write each option and each value as an argument of its own`,
    )
  if (text.includes(' '))
    throw usage('url-invalid', `${what} has a blank in it; write %20, or give each argument on its own`)
  if (text.includes('^')) {
    const instead = isData ? 'remove it' : 'put the URL into a variable and use --url-env'
    throw usage('url-invalid', `${what} has a ^ in it, which cmd.exe leaves behind; ${instead}`)
  }
  if (/["`\\]/.test(text) || text.split("'").length % 2 === 0)
    throw usage('url-invalid', `${what} has a quote or a backslash in it; write the URL without them`)
}

/** What stands in front of an @ is no host, and may have what it likes. */
function hostOf(url: string): string {
  const authority = /^[a-z]+:\/\/([^/?#]*)/i.exec(url)?.[1] ?? ''
  return authority.slice(authority.lastIndexOf('@') + 1)
}

function parseUrl(text: string, what: string): URL {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined)
    throw usage('url-invalid', `${what} does not begin with https://; write the whole URL`)
  if (scheme !== 'https' && scheme !== 'http' && scheme !== 'http+unix')
    throw usage(
      'url-invalid',
      `${what} begins with another scheme than https://; write the https:// URL of the MCP endpoint`,
    )
  if (/^https?:\/\/https?:?\/\//i.test(text))
    throw usage('url-invalid', `${what} has its https:// twice; write it once`)
  if (/[<>{}]/.test(hostOf(text)))
    throw usage('url-invalid', `${what} still has a placeholder in it; put the real name of the host there`)
  try {
    return new URL(text)
  } catch {
    throw usage(
      'url-invalid',
      `${what} is not a valid URL; check host and port, it looks like https://host:port/path`,
    )
  }
}
