// `mcp-ferry status`: who is signed in where, until when. protocol.md G.
import { isColoured } from '../colour.ts'
import { escaped } from '../foreign-text.ts'
import { writeTo } from '../screen.ts'
import type { AccountSettings } from './account.ts'
import { keptAccounts } from './account-kept.ts'
import { linesOf, viewOf } from './account-view.ts'

/** The exit code: 0, or 1 if one URL is asked for and nobody is signed in there, or an account cannot be used. */
export async function status(settings: AccountSettings): Promise<number> {
  const { options, output, env } = settings
  const { remote, isJson } = options
  const { listed } = await keptAccounts(settings)
  const nowMs = Date.now()
  const views = listed.map((one) => viewOf(one, nowMs))
  const isUnusable = views.some((view) => 'problem' in view)
  const isIn = views.some((view) => 'state' in view && view.state === 'signed-in')
  const code = isUnusable || (remote !== undefined && !isIn) ? 1 : 0
  if (isJson) {
    await writeTo(output, `${escaped(JSON.stringify({ accounts: views }, undefined, 2))}\n`)
    return code
  }
  const { profile } = options.signIn
  const as = profile === '' ? '' : ` as ${profile}`
  const none = remote === undefined ? 'any server' : `${remote.url.origin}${remote.url.pathname}`
  const blocks = views.map((view) => `${linesOf(view, nowMs, isColoured(output, env)).join('\n')}\n`)
  await writeTo(output, blocks.length === 0 ? `not signed in to ${none}${as}\n` : blocks.join('\n'))
  return code
}
