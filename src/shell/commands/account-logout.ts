// `mcp-ferry logout`: the tokens are taken back by the server that has given them, as far as it does that, and forgotten
// here in any case. protocol.md G.
import { type Listed, removeAccountFile } from '../../auth/kept/accounts.ts'
import { writeTo } from '../screen.ts'
import type { AccountSettings } from './account.ts'
import { type KeptAccounts, keptAccounts } from './account-kept.ts'
import { when } from './account-view.ts'

/** For all tokens of an account: it is forgotten here whatever the server does. */
const REVOKE_MS = 10_000

interface Gone {
  readonly url?: string
  readonly profile?: string
  readonly file: string
  readonly revoked: boolean
  /** Why it is not. */
  readonly note?: string
}

/** The exit code: 0, also if there was nothing to forget. */
export async function logout(settings: AccountSettings): Promise<number> {
  const { options, output } = settings
  const kept = await keptAccounts(settings)
  const gone: Gone[] = []
  for (const one of kept.listed) gone.push(await leave(one, kept, settings))
  if (options.isJson) {
    await writeTo(output, `${JSON.stringify({ removed: gone }, undefined, 2)}\n`)
    return 0
  }
  const { remote, signIn } = options
  const as = signIn.profile === '' ? '' : ` as ${signIn.profile}`
  const where = remote === undefined ? 'any server' : `${remote.url.origin}${remote.url.pathname}`
  const lines =
    gone.length === 0 ? [`not signed in to ${where}${as}, so there is nothing to forget`] : gone.map(wordsOf)
  await writeTo(output, `${lines.join('\n')}\n`)
  return 0
}

async function leave(one: Listed, { vault }: KeptAccounts, settings: AccountSettings): Promise<Gone> {
  const { file } = one
  const outcome = one.kind === 'account' ? await takeBack(one, settings) : { revoked: false, note: one.note }
  await removeAccountFile(file, vault)
  if (one.kind === 'unusable') return { file, ...outcome }
  const { url, profile } = one.account
  return { url, profile, file, ...outcome }
}

/** Of each authorization server that has given any. */
async function takeBack(
  { account }: Extract<Listed, { kind: 'account' }>,
  { options, log, userAgent }: AccountSettings,
): Promise<Pick<Gone, 'revoked' | 'note'>> {
  const { signIn } = options
  const grants = Object.values(account.grants).filter(({ tokens }) => tokens !== undefined)
  if (grants.length === 0) return { revoked: false }
  const { revoke } = await import('../../auth/sign-in.ts')
  const url = new URL(account.url)
  const outcomes = await Promise.all(
    grants.map((grant) => revoke({ url, grant, signIn, userAgent, log, limitMs: REVOKE_MS })),
  )
  const whys = outcomes.flatMap((outcome) => (outcome.kind === 'not-revoked' ? [outcome.why] : []))
  if (whys.length === 0) return { revoked: true }
  const ends = grants.flatMap(({ tokens }) => tokens?.expiresAt ?? [])
  const latest = ends.length === grants.length ? Math.max(...ends) : undefined
  const still = latest === undefined || latest < Date.now() ? '' : `; the last one ends on ${when(latest)}`
  return { revoked: false, note: `${log.redact(whys.join('; '))}${still}` }
}

function wordsOf({ url, profile, file, revoked, note }: Gone): string {
  if (url === undefined) return `removed ${file}, whose tokens could not be revoked: ${note}`
  const who = `signed out of ${url}${profile === '' ? '' : ` as ${profile}`}`
  if (revoked) return `${who}; its tokens are revoked`
  return note === undefined
    ? `${who}; there was no token`
    : `${who}; its tokens could not be revoked: ${note}`
}
