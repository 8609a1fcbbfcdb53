// What the options say about signing in, as a value. The reader is in sign-in-options.ts, which is loaded only where one of
// these options is given. protocol.md G, peers.md 1.1.

import type { NetworkOptions } from './network.ts'

export type StoreChoice = 'file' | 'keychain' | 'memory'

/** How tokens are got: by a person at a browser, by a person on another device, or without a person. */
export type GrantChoice = 'code' | 'device' | 'client-credentials' | 'assertion' | 'enterprise'

/** The client that the user has registered at the authorization server. */
export interface GivenClient {
  readonly id: string
  readonly secret?: string
  /** `token_endpoint_auth_method`, where the user says it. */
  readonly method?: string
  /** PEM or JWK text of the private key, for `private_key_jwt`, and its algorithm where the key does not tell it. */
  readonly privateKey?: string
  readonly algorithm?: string
}

/** Where a text comes from that is read anew each time it is needed: a workload's assertion, an ID token. */
export type TextSource =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'file'; readonly path: string; readonly name: string }
  | { readonly kind: 'command'; readonly command: readonly string[] }

/** The enterprise's identity provider (SEP-990). */
export interface IdentityProvider {
  readonly tokenEndpoint: URL
  readonly clientId?: string
  readonly clientSecret?: string
  readonly idToken: TextSource
}

export interface SignInOptions {
  /** --no-oauth, or an Authorization header is given: a 401 is the end. */
  readonly isOff: boolean
  readonly profile: string
  readonly store: StoreChoice
  readonly grant: GrantChoice
  readonly client?: GivenClient
  /** Merged over the metadata that we register with. */
  readonly clientMetadata?: Readonly<Record<string, unknown>>
  readonly clientMetadataUrl?: URL
  readonly scope?: string
  /** RFC 8707; `false`: none is sent. */
  readonly resource?: string | false
  readonly authorizeParams: readonly (readonly [name: string, value: string])[]
  readonly tokenEndpoint?: URL
  readonly usesIdToken: boolean
  /** The assertion of a workload (RFC 7523). */
  readonly assertion?: TextSource
  readonly identityProvider?: IdentityProvider
  /** The host name in the redirect URI: `127.0.0.1`, `localhost` or another one for this machine. */
  readonly callbackHost: string
  /** The port of the callback, if it must be that one. */
  readonly callbackPort?: number
  readonly callbackPath: string
  readonly successUrl?: URL
  /** How long a sign-in is waited for. */
  readonly timeoutMs: number
  /** --no-browser: the URL is only printed. */
  readonly opensBrowser: boolean
  readonly allowsPrivate: boolean
  /** How what signs in is reached: as the remote, but that certificates are checked in any case. */
  readonly network?: NetworkOptions
  readonly allowsUnadvertisedPkce: boolean
  /** --non-interactive: no person is asked, and none is noted as having been asked. */
  readonly asksNobody?: true
  /** A person reads the log, who is told of a browser tab that is opened. */
  readonly tellsPerson?: true
}

/** Marked as pure, so that the files of dist which need isByPerson alone have no copy. */
export const DEFAULT_SIGN_IN: SignInOptions = /* @__PURE__ */ Object.freeze({
  isOff: false,
  profile: '',
  store: 'file',
  grant: 'code',
  authorizeParams: /* @__PURE__ */ Object.freeze([]),
  usesIdToken: false,
  callbackHost: '127.0.0.1',
  callbackPath: '/oauth/callback',
  timeoutMs: 5 * 60_000,
  opensBrowser: true,
  allowsPrivate: false,
  allowsUnadvertisedPkce: false,
})

/** Whether somebody has to be there for tokens to be got. */
export function isByPerson({ grant }: Pick<SignInOptions, 'grant'>): boolean {
  return grant === 'code' || grant === 'device'
}

/** A header whose value is made by a command, or lies in the keychain of the system. */
export type ChangingHeader =
  /** `name` undefined: the command prints a JSON object of headers. `isBearer`: what it prints is the token alone. */
  | {
      readonly kind: 'command'
      readonly name: string | undefined
      readonly command: readonly string[]
      readonly isBearer: boolean
    }
  /** `before`: what stands in front of it in the value, such as `Bearer `. */
  | {
      readonly kind: 'keychain'
      readonly name: string
      readonly before: string
      readonly service: string
      readonly account: string
    }

export interface ChangingOptions {
  readonly headers: readonly ChangingHeader[]
  /** How long what a command printed is used, if it does not say itself; undefined: until a 401. */
  readonly ttlMs?: number
}
