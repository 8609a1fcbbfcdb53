// What a person types to sign in, as sentences say it. Pure.
import type { SignInOptions } from '../options/sign-in.ts'
import { wordInCommand } from '../options/word-in-command.ts'

/** Without what may be secret in the URL: the person knows the rest of it. */
export function loginCommandFor(url: URL, { profile, network }: SignInOptions): string {
  const path = network?.socketPath
  const origin = path === undefined ? url.origin : `http+unix://${encodeURIComponent(path)}`
  const known = urlInCommand(`${origin}${url.pathname}`)
  return `npx mcp-ferry login ${known}${url.search === '' ? '' : '?…'}${profile === '' ? '' : ` --profile ${profile}`}`
}

/** A URL in a command: whoever has made the project has written its config. */
export function urlInCommand(url: string): string {
  return wordInCommand(url, /^[\w.~:/%@+=-]+$/, 'URL')
}
