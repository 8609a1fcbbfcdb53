// What authorization servers answer, made as exact as the library wants it: what they leave out or say in other words is
// no reason not to sign in. protocol.md G.1 rows 16, 17 and 34.
import type { WebFetch } from './web.ts'

type Json = Record<string, unknown>

/**
 * Of the token endpoint: GitHub's says 200 with an error, many say "bearer" in other words, and an ID token that nobody asked
 * for need not be one that can be checked.
 */
export function tolerantOfTokens(fetch: WebFetch, keepsIdToken: boolean): WebFetch {
  return mending(fetch, (json, status) => {
    const isError = typeof json.error === 'string' && json.access_token === undefined
    if (!keepsIdToken) delete json.id_token
    return status === 200 && isError ? 400 : status
  })
}

/** Of the registration endpoint: many do not say when a secret ends, give a null for none, or say 200 and not 201. */
export function tolerantOfRegistration(fetch: WebFetch): WebFetch {
  return mending(fetch, (json, status) => {
    if (json.client_secret === null || json.client_secret === '') delete json.client_secret
    if (typeof json.client_secret === 'string' && typeof json.client_secret_expires_at !== 'number')
      json.client_secret_expires_at = 0
    return status === 200 && json.client_id !== undefined ? 201 : status
  })
}

/** `mend` changes the answer, and gives the status that fits it. What is no object stays as it is. */
function mending(fetch: WebFetch, mend: (json: Json, status: number) => number): WebFetch {
  return async (url, request) => {
    const response = await fetch(url, request)
    const text = await response.text()
    const json = parse(text)
    const { status, headers } = response
    if (json === undefined) return new Response(text === '' ? null : text, { status, headers })
    const typed = new Headers(headers)
    typed.set('content-type', 'application/json')
    // The library would speak of that, and not of what is wrong (RFC 6749 5.2).
    if (typeof json.error === 'string') typed.delete('www-authenticate')
    const fitting = mend(json, status)
    return new Response(JSON.stringify(json), { status: fitting, headers: typed })
  }
}

/** `null` is how many servers say that there is none: those members are left out. */
function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text, (_, member) => member ?? undefined)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
  } catch {
    return undefined
  }
}
