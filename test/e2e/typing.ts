// A command of a person who types at it while it runs, and what a browser on another machine does. protocol.md G.7.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type Shell, shell } from './at-shell.ts'
import type { Person } from './signing-in.ts'

/** Its stdin stays open. */
export function typing(
  t: TestContext,
  { env }: Person,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Shell {
  return shell(t, args, { env: { ...env, ...more }, isTyped: true })
}

const MOST_HOPS = 20

/** Signs in as a browser on another machine does: ends at the address that nobody answers there, and gives it. */
export async function signInElsewhere(address: string): Promise<string> {
  const callback = new URL(address).searchParams.get('redirect_uri') ?? ''
  const cookies = new Map<string, string>()
  let url = new URL(address)
  for (let hop = 0; hop < MOST_HOPS; hop++) {
    if (url.href.startsWith(callback)) return url.href
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    assert.ok(location !== null, `signing in has ended with HTTP ${response.status}`)
    url = new URL(location, url)
  }
  throw new Error('signing in leads nowhere')
}
