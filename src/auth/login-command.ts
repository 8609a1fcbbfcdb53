// What a person types to sign in, as sentences say it. Pure.
import { DEFAULT_SIGN_IN, type SignInOptions } from '../options/sign-in.ts'
import { wordInCommand } from '../options/word-in-command.ts'

/**
 * With what decides whether the bridge can use the sign-in that comes of it, but without what may be secret in the URL: the
 * person knows the rest of it.
 */
export function loginCommandFor(url: URL, signIn: SignInOptions): string {
  const { profile, network, usesIdToken } = signIn
  const path = network?.socketPath
  const origin = path === undefined ? url.origin : `http+unix://${encodeURIComponent(path)}`
  const words = [
    'npx mcp-ferry login',
    `${urlInCommand(`${origin}${url.pathname}`)}${url.search === '' ? '' : '?…'}`,
    ...(profile === '' ? [] : ['--profile', profile]),
    ...clientWords(signIn),
    ...(usesIdToken ? ['--use-id-token'] : []),
  ]
  return words.join(' ')
}

/** A client that registers itself is made by the command too; any other is registered with its redirect URI. */
function clientWords({ client, callbackHost, callbackPort, callbackPath }: SignInOptions): string[] {
  if (client === undefined) return []
  const { callbackHost: usualHost, callbackPath: usualPath } = DEFAULT_SIGN_IN
  return [
    ...['--client-id', wordInCommand(client.id, PLAIN, 'ID')],
    ...(client.secret === undefined ? [] : ['--client-secret-env', 'VAR']),
    ...(client.privateKey === undefined ? [] : ['--private-key-file', 'PATH']),
    ...(callbackHost === usualHost ? [] : ['--host', wordInCommand(callbackHost, PLAIN, 'NAME')]),
    ...(callbackPort === undefined ? [] : ['--callback-port', String(callbackPort)]),
    ...(callbackPath === usualPath ? [] : ['--callback-path', wordInCommand(callbackPath, PLAIN, 'PATH')]),
  ]
}

const PLAIN = /^[\w.~:/%@+=-]+$/

/** A URL in a command: whoever has made the project has written its config. */
export function urlInCommand(url: string): string {
  return wordInCommand(url, PLAIN, 'URL')
}
