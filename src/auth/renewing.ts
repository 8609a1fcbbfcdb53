// Tokens without asking a person: what somebody else has got meanwhile, a refresh token, or a grant that needs nobody. One
// process at a time. protocol.md G.2, G.1 rows 22, 28 and 29.
import type { AuthorizationServer } from 'oauth4webapi'
import { isBridgeError } from '../errors.ts'
import { isByPerson } from '../options/sign-in.ts'
import type { Wanted } from './challenge.ts'
import { explain, oauthError } from './explain.ts'
import { type Ground, keepTokens } from './ground.ts'
import { type Account, currentGrant, type Grant, type Tokens, tokensOf } from './kept/account.ts'
import { isOver } from './lifetime.ts'
import { askWithoutPerson } from './machine-grants.ts'
import { joinScopes } from './scopes.ts'
import { NO_ID_TOKEN, refresh } from './token-requests.ts'
import { findResource, findServer, type Where } from './where.ts'

export interface Need {
  /** What the remote has refused. */
  readonly refused?: Tokens | undefined
  readonly wanted?: Wanted | undefined
  /** The remote wants a credential of another kind than a token, as far as it says. */
  readonly isForeign?: boolean
  /** All scopes to ask a person for: more than have been granted. */
  readonly scope?: string
  /** The person has said that they want to sign in: they are asked whatever was before. */
  readonly isWished?: boolean
}

export interface Renewing {
  /** Undefined where a person has to act. Rejects with `auth-failed`, or with the reason of the stop. */
  renew(need: Need): Promise<Tokens | undefined>
  /** Resolves when this process asks for no token any more. */
  renewed(): Promise<unknown>
  whereFor(need: Need, account: Account | undefined): Promise<Where>
}

export function createRenewing(ground: Ground): Renewing {
  const { url, signIn, store, log, stop, web, loginCommand } = ground
  let underWay: Promise<unknown> = Promise.resolve()

  async function renew(need: Need): Promise<Tokens | undefined> {
    const account = await store.read()
    const newer = unrefused(account, need.refused)
    if (newer !== undefined) return newer
    if (isByPerson(signIn) && tokensOf(account)?.refresh === undefined) return undefined
    return store.alone('refresh', stop, () => {
      const work = renewAlone(need)
      underWay = work.catch(() => {})
      return work
    })
  }

  async function renewAlone(need: Need): Promise<Tokens | undefined> {
    const known = await store.read()
    const got = unrefused(known, need.refused)
    if (got !== undefined) return got
    if (!isByPerson(signIn))
      return askWithoutPerson(ground, await whereFor(asBefore(need, tokensOf(known)), known), known)
    return refreshKnown(known, need)
  }

  async function refreshKnown(account: Account | undefined, need: Need): Promise<Tokens | undefined> {
    const grant = currentGrant(account)
    const tokens = grant?.tokens
    if (grant?.client === undefined || tokens?.refresh === undefined) return undefined
    if (need.wanted !== undefined && (await hasMoved(grant, need, account))) return undefined
    const server = grant.server as unknown as AuthorizationServer
    const { client: known } = grant
    const { resource, scope, key } = tokens
    try {
      const fresh = await refresh({ server, known, signIn, resource, scope, key, web, log }, tokens)
      await keepTokens(ground, { server, client: known, tokens: fresh })
      return fresh
    } catch (thrown) {
      const error = codeOf(thrown)
      const host = new URL(grant.issuer).host
      // What the server does not take back now, it never will; everything else may pass.
      if (error === undefined || !(FINAL.has(error) || isRefusal(error, thrown)))
        throw explain(thrown, `the sign-in at ${host} could not be renewed`, {
          log,
          todo: `try again later, or run: ${loginCommand}`,
        })
      const isClient = error === 'invalid_client' || error === 'unauthorized_client'
      // Another bridge of the same profile has the secret of that client.
      if (isClient && known.by === 'user' && known.id !== signIn.client?.id) return undefined
      log.info(`the sign-in at ${host} has ended (${error})`)
      await forget(grant.issuer, tokens, isClient)
      return undefined
    }
  }

  /** A token that cannot be renewed any more must not be tried by the next process. */
  async function forget(issuer: string, tokens: Tokens, withClient: boolean): Promise<void> {
    await store.change((account) => {
      const grant = account?.grants[issuer]
      if (account === undefined || grant?.tokens?.refresh !== tokens.refresh) return account
      const { tokens: _, client, ...rest } = grant!
      const left: Grant = withClient || client === undefined ? rest : { ...rest, client }
      return { ...account, grants: { ...account.grants, [issuer]: left } }
    })
  }

  /** Whether the remote now sends to another authorization server, so that a token of this one is of no use. */
  async function hasMoved(grant: Grant, need: Need, account: Account | undefined): Promise<boolean> {
    const found = await findResource({ url, wanted: need.wanted, signIn, account, web }).catch(
      () => undefined,
    )
    return found?.kind === 'found' && !found.issuers.includes(grant.issuer)
  }

  async function whereFor(need: Need, account: Account | undefined): Promise<Where> {
    const { wanted, isForeign } = need
    const where = await findServer({ url, wanted, isForeign, signIn, account, web })
    if (need.scope === undefined || signIn.scope !== undefined) return where
    return { ...where, scope: joinScopes(where.scope, need.scope) }
  }

  return { renew, renewed: () => underWay, whereFor }
}

/** Before the remote has said what it wants, it is taken to want what it did. */
function asBefore(need: Need, tokens: Tokens | undefined): Need {
  if (need.wanted !== undefined || tokens === undefined) return need
  const { scope, key } = tokens
  const scheme = key === undefined ? 'bearer' : 'dpop'
  return { ...need, wanted: { scheme, ...(scope !== undefined && { scope }) } }
}

/** After these a refresh token is of no use any more (RFC 6749 5.2). */
const FINAL: ReadonlySet<string> = new Set([
  'invalid_grant',
  'invalid_client',
  'unauthorized_client',
  NO_ID_TOKEN,
])

/** In words of its own, such as GitHub's `bad_refresh_token`: a server that is only busy says another status, or these. */
function isRefusal(error: string, thrown: unknown): boolean {
  const { status } = thrown as { readonly status?: unknown }
  return (status === 400 || status === 401) && !/^temporar|^server_error$|^slow_down$|dpop/.test(error)
}

function codeOf(thrown: unknown): string | undefined {
  return isBridgeError(thrown) && thrown.facts.code === NO_ID_TOKEN ? NO_ID_TOKEN : oauthError(thrown)
}

/** Tokens that somebody has got meanwhile. */
export function unrefused(account: Account | undefined, refused: Tokens | undefined): Tokens | undefined {
  const tokens = tokensOf(account)
  if (tokens === undefined || tokens.access === refused?.access) return undefined
  return isOver(tokens) ? undefined : tokens
}
