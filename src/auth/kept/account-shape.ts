// Accounts as text and back, checked member by member: a file can be edited by anybody, and a member of the wrong shape
// would be found only where it is used. Also what in an account is secret. protocol.md G.1 row 33.
import type { Log } from '../../log.ts'
import { type Account, type Grant, isToken, type KnownClient, type Pending, type Tokens } from './account.ts'

/** The last moment that a Date can be. */
const LAST_MS = 8.64e15

type Fields = Readonly<Record<string, unknown>>
/** Gives the value if it has the shape, throws TypeError if not. */
type Shape<T> = (value: unknown) => T

const text: Shape<string> = (value) => (typeof value === 'string' ? value : wrong())
/** What is taken apart for each sentence that names a host. */
const address: Shape<string> = (value) => (URL.canParse(text(value)) ? (value as string) : wrong())
/** A header that cannot be sent would end the bridge. */
const token: Shape<string> = (value) => (isToken(value) ? value : wrong())
const time: Shape<number> = (value) => (typeof value === 'number' && Number.isFinite(value) ? value : wrong())
/** What no calendar has is said of what never ends. */
const end: Shape<number | undefined> = (value) => (time(value) > LAST_MS ? undefined : time(value))
const fields: Shape<Fields> = (value) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : wrong()

/** The account that was written as this. Throws TypeError if it is none. */
export function asAccount(value: unknown): Account {
  const account = fields(value)
  return present<Account>({
    url: text(account.url),
    profile: text(account.profile),
    grants: Object.fromEntries(
      Object.entries(fields(account.grants)).map(([issuer, grant]) => [issuer, asGrant(grant)]),
    ),
    current: maybe(text, account.current),
    pending: maybe(asPending, account.pending),
    asked: maybe(asAsked, account.asked),
    denied: maybe(listOf(asDenied), account.denied),
  })
}

function asGrant(value: unknown): Grant {
  const grant = fields(value)
  return present<Grant>({
    issuer: address(grant.issuer),
    server: fields(grant.server),
    client: maybe(asClient, grant.client),
    tokens: maybe(asTokens, grant.tokens),
  })
}

function asClient(value: unknown): KnownClient {
  const client = fields(value)
  return present<KnownClient>({
    id: text(client.id),
    secret: maybe(text, client.secret),
    method: maybe(text, client.method),
    redirectUris: maybe(listOf(address), client.redirectUris),
    secretExpiresAt: maybe(time, client.secretExpiresAt),
    by: oneOf(['registration', 'metadata-document', 'user'], client.by),
  })
}

function asTokens(value: unknown): Tokens {
  const tokens = fields(value)
  return present<Tokens>({
    access: token(tokens.access),
    type: oneOf(['bearer', 'dpop'], tokens.type),
    id: maybe(token, tokens.id),
    refresh: maybe(text, tokens.refresh),
    expiresAt: maybe(end, tokens.expiresAt),
    scope: maybe(text, tokens.scope),
    obtainedAt: time(tokens.obtainedAt),
    resource: maybe(text, tokens.resource),
    key: maybe(fields, tokens.key),
    by: maybe((by) => oneOf(['client-credentials', 'assertion', 'enterprise'], by), tokens.by),
  })
}

function asPending(value: unknown): Pending {
  const pending = fields(value)
  return present<Pending>({
    issuer: address(pending.issuer),
    server: fields(pending.server),
    client: asClient(pending.client),
    redirectUri: address(pending.redirectUri),
    state: text(pending.state),
    verifier: text(pending.verifier),
    resource: maybe(text, pending.resource),
    scope: maybe(text, pending.scope),
    key: maybe(fields, pending.key),
    url: text(pending.url),
    createdAt: time(pending.createdAt),
  })
}

function asAsked(value: unknown): NonNullable<Account['asked']> {
  const asked = fields(value)
  return { at: time(asked.at), how: oneOf(['opened', 'refused'], asked.how) }
}

function asDenied(value: unknown): NonNullable<Account['denied']>[number] {
  const denied = fields(value)
  return { scope: text(denied.scope), until: time(denied.until) }
}

function maybe<T>(shape: Shape<T>, value: unknown): T | undefined {
  return value === undefined ? undefined : shape(value)
}

function listOf<T>(shape: Shape<T>): Shape<readonly T[]> {
  return (value) => (Array.isArray(value) ? value.map(shape) : wrong())
}

function oneOf<const T extends string>(known: readonly T[], value: unknown): T {
  return known.find((one) => one === value) ?? wrong()
}

function wrong(): never {
  throw new TypeError('not an account')
}

/** Without the members that are not there, which differs from being undefined. */
function present<T extends object>(members: { readonly [name in keyof T]: T[name] | undefined }): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T
}

/**
 * From now on nothing that is secret in this account appears in the log. The state of a sign-in that waits is none yet: it is
 * a part of the address that the person is told to open, and good for nothing without the verifier. It is hidden when it
 * comes back with the code.
 */
export function hideSecrets({ grants, pending }: Account, log: Log): void {
  const secrets = [
    pending?.verifier,
    pending?.client.secret,
    pending?.key?.d,
    ...Object.values(grants).flatMap(({ client, tokens }) => [
      client?.secret,
      tokens?.access,
      tokens?.refresh,
      tokens?.id,
      tokens?.key?.d,
    ]),
  ]
  for (const secret of secrets) if (typeof secret === 'string' && secret !== '') log.hide(secret)
}
