// A sign-in that another program has left becomes an account of ours, once it is known whom it is from. protocol.md G,
// `login --import-mcp-remote`.
import { BridgeError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { SignInOptions } from '../options/sign-in.ts'
import type { Stop } from '../remote/stop.ts'
import type { Wanted } from './challenge.ts'
import { keepTokens } from './ground.ts'
import type { Account, KnownClient, Tokens } from './kept/account.ts'
import type { McpRemoteSignIn } from './kept/mcp-remote-sign-ins.ts'
import type { Store } from './kept/store.ts'
import { createWeb } from './web.ts'
import { findServer } from './where.ts'

export interface TakeOver {
  readonly found: McpRemoteSignIn
  /** The remote. */
  readonly url: URL
  readonly wanted: Wanted | undefined
  readonly signIn: SignInOptions
  readonly store: Store
  readonly userAgent: string
  readonly log: Log
  readonly stop: Stop
}

/**
 * Resolves with the tokens as they are kept now. Rejects with `auth-failed` before anything is kept, with half a sentence about
 * the sign-in where that is to blame.
 */
export async function takeOver(wish: TakeOver): Promise<Tokens> {
  const { found, url, wanted, signIn, store, userAgent, log, stop } = wish
  for (const secret of [found.tokens.access, found.tokens.refresh, found.tokens.id, found.client?.secret])
    if (secret !== undefined) log.hide(secret)
  const { allowsPrivate, network } = signIn
  const web = createWeb({ server: url, allowsPrivate, network, userAgent, log, stop })
  try {
    const where = await findServer({ url, wanted, signIn, account: preferring(found, url), web })
    const { server, resource } = where
    if (found.issuer !== undefined && found.issuer !== server.issuer)
      throw new BridgeError(
        'auth-failed',
        `it is not of ${new URL(server.issuer).host}, where ${url.host} sends to sign in`,
      )
    const tokens: Tokens = {
      ...found.tokens,
      ...(found.tokens.resource === undefined && resource !== undefined && { resource }),
    }
    await keepTokens({ store, log, url, signIn }, { server, client: clientOf(found, signIn), tokens })
    return tokens
  } finally {
    web.close()
  }
}

/** Of several authorization servers the one that has issued it. */
function preferring({ issuer }: McpRemoteSignIn, url: URL): Account | undefined {
  if (issuer === undefined) return undefined
  return { url: url.href, profile: '', grants: { [issuer]: { issuer, server: {} } } }
}

function clientOf(found: McpRemoteSignIn, { client }: SignInOptions): KnownClient {
  if (client !== undefined) return { id: client.id, by: 'user' }
  return found.client ?? { id: '', by: 'user', method: 'none' }
}
