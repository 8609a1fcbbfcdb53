// A command of a person who types at it while it runs, and what a browser on another machine does. protocol.md G.7.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { TestContext } from 'node:test'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import type { Ran } from '../fixtures/hosts/run-to-end.ts'
import { createWaiting } from '../fixtures/servers/waiting.ts'
import { PATIENCE_MS, type Person } from './signing-in.ts'

export interface Typed {
  /** The first match in what it has told so far, as soon as there is one. */
  told(pattern: RegExp): Promise<RegExpExecArray>
  /** Everything that it has told. */
  readonly stderr: string
  type(text: string): void
  kill(): void
  readonly ended: Promise<Ran>
}

/** Its stdin stays open. */
export function typing(
  t: TestContext,
  { env }: Person,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Typed {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...bareEnv(), ...env, ...more },
    stdio: 'pipe',
  })
  t.after(() => child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  const waiting = createWaiting(() => [stderr, stdout])
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    waiting.wake()
  })
  child.stdin.on('error', () => {})
  return {
    get stderr() {
      return stderr
    },
    async told(pattern) {
      await waiting.until(() => pattern.test(stderr), `nothing like ${pattern} was told`, PATIENCE_MS)
      return pattern.exec(stderr)!
    },
    type: (text) => void child.stdin.write(text),
    kill: () => void child.kill('SIGINT'),
    ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr }))),
  }
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
