// What is kept of a sign-in: one account for each server and profile, in it what each authorization server has given, since
// what one has issued must never be shown to another. protocol.md G.1 rows 22 and 33, G.4.

/** A client as it is known to one authorization server. */
export interface KnownClient {
  readonly id: string
  readonly secret?: string
  /** `token_endpoint_auth_method`. */
  readonly method?: string
  /** Registered for us, with these redirect URIs; what the user has given is not kept. */
  readonly redirectUris?: readonly string[]
  /** When the secret ends: wall clock in milliseconds. */
  readonly secretExpiresAt?: number
  /** How we came by it. */
  readonly by: 'registration' | 'metadata-document' | 'user'
}

export interface Tokens {
  readonly access: string
  readonly type: 'bearer' | 'dpop'
  /** The ID token, where that is what the remote wants. */
  readonly id?: string
  readonly refresh?: string
  /** Wall clock in milliseconds; absent if the server has not said. */
  readonly expiresAt?: number
  readonly scope?: string
  readonly obtainedAt: number
  /** What the token was asked for with, by which it is renewed. */
  readonly resource?: string
  /** DPoP's private key as a JWK. */
  readonly key?: Readonly<Record<string, unknown>>
  /** How it was got, where not by a person. */
  readonly by?: 'client-credentials' | 'assertion' | 'enterprise'
}

/** Whether it can be a token: what is sent in a header, without blanks (RFC 6749 A.12). */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)
}

/** What one authorization server has given. */
export interface Grant {
  readonly issuer: string
  /** What is needed of its metadata to renew and to revoke without asking again. */
  readonly server: Readonly<Record<string, unknown>>
  readonly client?: KnownClient
  readonly tokens?: Tokens
}

/** How long one that was begun may still be finished. */
export const PENDING_MS = 10 * 60_000

/** A sign-in that waits for a person, kept before the browser is opened, so that another process can finish it (G.4, G.9). */
export interface Pending {
  readonly issuer: string
  readonly server: Readonly<Record<string, unknown>>
  readonly client: KnownClient
  readonly redirectUri: string
  readonly state: string
  readonly verifier: string
  readonly resource?: string
  readonly scope?: string
  readonly key?: Readonly<Record<string, unknown>>
  /** The URL that the browser was given. */
  readonly url: string
  /** Wall clock in milliseconds. */
  readonly createdAt: number
}

export interface Account {
  /** The remote's URL: origin and path. */
  readonly url: string
  readonly profile: string
  /** By issuer. */
  readonly grants: Readonly<Record<string, Grant>>
  /** The issuer whose tokens are used. */
  readonly current?: string
  readonly pending?: Pending
  /** A tab has been opened, or the person has said no: no other one is opened until `login`. */
  readonly asked?: { readonly at: number; readonly how: 'opened' | 'refused' }
  /** Scopes that were asked for in vain, and until when they are not asked for again (G.6). */
  readonly denied?: readonly { readonly scope: string; readonly until: number }[]
}

/** What the issuer has given whose tokens are used. */
export function currentGrant(account: Account | undefined): Grant | undefined {
  return account?.current === undefined ? undefined : account.grants[account.current]
}

/** The tokens that are used. */
export function tokensOf(account: Account | undefined): Tokens | undefined {
  return currentGrant(account)?.tokens
}
