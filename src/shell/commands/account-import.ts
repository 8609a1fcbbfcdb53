// `mcp-ferry login --import-mcp-remote`: what mcp-remote has kept for the same URL becomes our account, once the remote has
// taken it. Without the flag it is only told of. protocol.md G, peers.md 1.4.
import { homedir } from 'node:os'
import type { Tokens } from '../../auth/kept/account.ts'
import { findMcpRemoteSignIns, type McpRemoteSignIn } from '../../auth/kept/mcp-remote-sign-ins.ts'
import { BridgeError, isBridgeError } from '../../errors.ts'
import type { LoginGround } from './account-login.ts'

/** A line for those who have used mcp-remote, and need not sign in again. */
export async function hintAtMcpRemote(ground: LoginGround): Promise<void> {
  const { loginCommand, tell, remote, store } = ground
  const account = await store.read()
  if (account?.current !== undefined || (await findAll(ground)).length === 0) return
  const command = loginCommand.replace(' login ', ' login --import-mcp-remote ')
  tell(`mcp-remote has left a sign-in to ${remote.url.host} on this machine; to take it over: ${command}`)
}

/** Rejects with `auth-failed` if there is none that the remote takes; what was kept before stays then. */
export async function importFromMcpRemote(ground: LoginGround): Promise<void> {
  const { remote, store, tell, loginCommand } = ground
  const { host } = remote.url
  const before = await store.read()
  const found = await findAll(ground)
  if (found.length === 0)
    throw new BridgeError(
      'auth-failed',
      `mcp-remote has left no sign-in to ${host} here; to sign in, run: ${loginCommand}`,
    )
  let why = 'it is over and cannot be renewed'
  for (const one of found) {
    try {
      const how = await takeOne(ground, one)
      if (how !== undefined) {
        tell(`took over the sign-in in ${one.file}${how === 'renewed' ? ', and renewed it' : ''}`)
        tell('mcp-remote has it still: of two that use it, one may be signed out when the other renews it')
        return
      }
    } catch (thrown) {
      if (!isBridgeError(thrown)) throw thrown
      why = thrown.message
    }
    await store.change(() => before)
  }
  throw new BridgeError(
    'auth-failed',
    `the sign-in that mcp-remote has left is of no use: ${why}; to sign in, run: ${loginCommand}`,
  )
}

/** Undefined if the remote does not take it, and there is no other to be had by it. */
async function takeOne(
  ground: LoginGround,
  found: McpRemoteSignIn,
): Promise<'as-is' | 'renewed' | undefined> {
  const { remote, reaction, store, userAgent, log, stop } = ground
  const { url, signIn } = remote
  const { createSignIn, takeOver } = await import('../../auth/sign-in.ts')
  const { wanted } = reaction
  const tokens = await takeOver({ found, url, wanted, signIn, store, userAgent, log, stop })
  if (await isTaken(ground, tokens)) return 'as-is'
  const signing = createSignIn({ ...ground, url, signIn, onWait: () => {} })
  const fresh = await signing.renew({ refused: tokens, wanted })
  return fresh !== undefined && (await isTaken(ground, fresh)) ? 'renewed' : undefined
}

async function isTaken({ remote, userAgent, log, stop }: LoginGround, tokens: Tokens): Promise<boolean> {
  const { askRemote } = await import('../../auth/sign-in.ts')
  const { access, id } = tokens
  const token = remote.signIn.usesIdToken ? (id ?? access) : access
  const reaction = await askRemote({
    ...{ remote, userAgent, log, stop },
    credential: ['Authorization', `Bearer ${token}`],
  })
  return !reaction.isRefused && reaction.status < 400
}

function findAll({ env, remote }: LoginGround): Promise<readonly McpRemoteSignIn[]> {
  const { url, signIn } = remote
  const { resource, authorizeParams, clientMetadataUrl, tokenEndpoint } = signIn
  return findMcpRemoteSignIns({
    env,
    home: env.HOME || env.USERPROFILE || homedir(),
    url,
    authorizeParams,
    ...(typeof resource === 'string' && { resource }),
    ...(clientMetadataUrl !== undefined && { clientMetadataUrl: clientMetadataUrl.href }),
    ...(tokenEndpoint !== undefined && { tokenEndpoint: tokenEndpoint.href }),
  })
}
