// What is kept of a sign-in, as far as it was made with the options of now: tokens of another client, or of a person where a
// client signs in by itself, are another account's. protocol.md G.1 row 22, peers.md 1.1.
import { isByPerson, type SignInOptions } from '../options/sign-in.ts'
import type { Account, Grant } from './kept/account.ts'
import type { Store } from './kept/store.ts'

/** The store without what does not fit; what is written goes to the store as it is. */
export function createFitting(store: Store, signIn: SignInOptions): Store {
  return {
    ...store,
    async read() {
      const account = await store.read()
      return account && fitting(account, signIn)
    },
  }
}

function fitting(account: Account, signIn: SignInOptions): Account {
  const grants = Object.entries(account.grants).map(([issuer, grant]) => [issuer, asFits(grant, signIn)])
  return { ...account, grants: Object.fromEntries(grants) as Account['grants'] }
}

function asFits(grant: Grant, signIn: SignInOptions): Grant {
  const { client, grant: way, usesIdToken } = signIn
  const { tokens, ...rest } = grant
  if (tokens === undefined) return grant
  const isOfClient = client === undefined ? true : grant.client?.id === client.id
  const isOfWay = tokens.by === (isByPerson(signIn) ? undefined : way)
  return isOfClient && isOfWay && (!usesIdToken || tokens.id !== undefined) ? grant : rest
}
