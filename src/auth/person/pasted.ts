// What the authorization server sends back through the browser, as far as it can be judged before anything is asked: what
// a person pastes at `mcp-ferry login` where the browser runs on another machine, and the comparison of `state`. Pure.
// protocol.md G.1 row 20, G.5, G.7.
import { createHash, timingSafeEqual } from 'node:crypto'

type Pasted =
  | { readonly kind: 'params'; readonly params: URLSearchParams }
  /** A sentence for the person, who may try again. It repeats nothing of what was pasted. */
  | { readonly kind: 'unusable'; readonly why: string }

const LIMIT_CHARACTERS = 65_536
/** RFC 6749 section 3.1: none may come twice. Which of two would be believed is what an attacker plays with. */
const SINGLE = ['code', 'state', 'iss', 'error']
const WANTED = 'paste the whole address that the browser shows after you have signed in'

/** Reads the address that the browser ended at, or its query alone, as terminals, mails and chats deliver it. */
export function readPasted(text: string): Pasted {
  if (text.length > LIMIT_CHARACTERS) return unusable(`this is too long: ${WANTED}`)
  const address = bare(text)
  if (address === '') return unusable(`nothing was pasted: ${WANTED}`)
  const query = queryOf(address)
  if (query === undefined) {
    const isAddress = /^https?:/i.test(address)
    return unusable(isAddress ? `this address has no code in it: ${WANTED}` : `this is no address: ${WANTED}`)
  }
  const params = new URLSearchParams(query)
  const why = complaint(params)
  return why === undefined ? { kind: 'params', params } : unusable(why)
}

/** Whether a parameter that must be there once at most is there more than once. */
export function isRepeating(params: URLSearchParams): boolean {
  return SINGLE.some((name) => params.getAll(name).length > 1)
}

/** Compares in a time that says nothing about where the two differ. */
export function sameState(a: string, b: string): boolean {
  // The hashes are of one length, which timingSafeEqual asks for.
  return timingSafeEqual(digest(a), digest(b))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function unusable(why: string): Pasted {
  return { kind: 'unusable', why }
}

/** The address without what terminals, mails and chats put around and into it; none of that can be part of one. */
function bare(text: string): string {
  return (
    text
      // Bracketed paste.
      .replace(/\x1b\[20[01]~/g, '')
      // Line breaks where a terminal wraps, invisible characters, and what a shell escapes with.
      .replace(/[\s\x00-\x1f\x7f\u200b-\u200f\u2060\ufeff\\]+/g, '')
      .replace(/^["'`<([“‘«]+|(?<!["'`>)\]”’»])["'`>)\]”’»]+$/g, '')
      .replaceAll('&amp;', '&')
  )
}

function queryOf(address: string): string | undefined {
  const [beforeFragment = ''] = address.split('#', 1)
  const mark = beforeFragment.indexOf('?')
  if (mark >= 0) return beforeFragment.slice(mark + 1)
  return /^&?[a-z_]+=/i.test(beforeFragment) ? beforeFragment : undefined
}

function complaint(params: URLSearchParams): string | undefined {
  if (isRepeating(params)) return `something comes twice in this address: ${WANTED}, once`
  if (!params.has('code') && !params.has('error')) {
    return params.has('client_id')
      ? `this is the address to sign in at, not the one that follows: open it, sign in, then ${WANTED}`
      : `this address has no code in it: ${WANTED}`
  }
  return params.has('state') ? undefined : `a part of the address is missing: ${WANTED}`
}
