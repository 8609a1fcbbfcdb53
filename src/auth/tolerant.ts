// What authorization servers answer, as the library reads it. protocol.md G.1 rows 17 and 34.
import type { WebFetch } from './web.ts'

/**
 * Servers are less exact than the library: GitHub's says 200 with an error, many say "bearer" in other words, and an ID
 * token that nobody asked for need not be one that can be checked.
 */
export function tolerant(fetch: WebFetch, keepsIdToken: boolean): WebFetch {
  return async (url, request) => {
    const response = await fetch(url, request)
    const text = await response.text()
    const json = parse(text)
    const { status, headers } = response
    if (json === undefined) return new Response(text === '' ? null : text, { status, headers })
    const isError = typeof json.error === 'string' && json.access_token === undefined
    if (!keepsIdToken) delete json.id_token
    const body = JSON.stringify(json)
    const typed = new Headers(headers)
    typed.set('content-type', 'application/json')
    // The library would speak of that, and not of what is wrong (RFC 6749 5.2).
    if (isError) typed.delete('www-authenticate')
    return new Response(body, { status: status === 200 && isError ? 400 : status, headers: typed })
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
