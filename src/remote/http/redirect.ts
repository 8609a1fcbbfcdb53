// What is a redirect; redirect-target.ts says which are followed. protocol.md 0.6. Pure.

export const MOST_HOPS = 5

/** Whether this status is a redirect at all. */
export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308
}
