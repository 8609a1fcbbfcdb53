// What a person types to sign in, as sentences say it. Pure.
import type { SignInOptions } from '../options/sign-in.ts'

/** Without what may be secret in the URL: the person knows the rest of it. */
export function loginCommandFor(url: URL, { profile, network }: SignInOptions): string {
  const more = url.search === '' ? '' : '?…'
  const path = network?.socketPath
  const origin = path === undefined ? url.origin : `http+unix://${encodeURIComponent(path)}`
  return `npx mcp-ferry login ${origin}${url.pathname}${more}${profile === '' ? '' : ` --profile ${profile}`}`
}
