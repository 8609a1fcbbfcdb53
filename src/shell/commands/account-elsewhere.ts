// A sign-in that another process waits for: an editor's bridge has opened a tab, and the person types `mcp-ferry login`
// beside it. There is only one at a time, so that one is shown, and its end is the end of ours. protocol.md G.9.
import { type Pending, type Tokens, tokensOf } from '../../auth/kept/account.ts'
import type { Store } from '../../auth/kept/store.ts'
import { BridgeError } from '../../errors.ts'
import { createStop, type Stop, stopNow } from '../../remote/stop.ts'
import { delay } from '../../remote/time.ts'

export interface Elsewhere {
  readonly store: Store
  readonly host: string
  readonly stop: Stop
  /** What was known before. */
  readonly known: Tokens | undefined
  /** Shows a sign-in that the other process waits for; once each. */
  readonly show: (pending: Pending) => Promise<void>
  /** Told once if the other process has nothing to show. */
  readonly onBusy: () => void
  /** For how long; wall clock in milliseconds. */
  readonly untilMs: number
}

/** Who holds the lock for longer than that waits for a person. */
const LOOK_MS = 500
const PAUSE_MS = 250

/** Resolves with the tokens that another process has got, or undefined as soon as none is at it. */
export async function waitForOthers(elsewhere: Elsewhere): Promise<Tokens | undefined> {
  const { store, host, stop, known, show, onBusy, untilMs } = elsewhere
  let shown: string | undefined
  let isTold = false
  for (;;) {
    const isOver = await isFree(store)
    const account = await store.read()
    const tokens = tokensOf(account)
    if (tokens !== undefined && tokens.access !== known?.access) return tokens
    if (account?.asked?.how === 'refused')
      throw new BridgeError('auth-required', `signing in to ${host} was refused; to try again, run it again`)
    if (isOver) return undefined
    const pending = account?.pending
    if (pending !== undefined && pending.state !== shown) {
      shown = pending.state
      await show(pending)
    } else if (pending === undefined && !isTold) {
      isTold = true
      onBusy()
    }
    if (Date.now() > untilMs)
      throw new BridgeError('auth-required', `signing in to ${host} was not completed in time; run it again`)
    await delay(PAUSE_MS, stop)
    if (stop.reason !== undefined) throw stop.reason
  }
}

/** Whether nobody is at it. Rejects where sign-ins cannot be kept. */
async function isFree(store: Store): Promise<boolean> {
  const stop = createStop()
  const timer = setTimeout(() => stopNow(stop, new BridgeError('timeout', 'another one signs in')), LOOK_MS)
  try {
    return await store.alone('sign-in', stop, async () => true)
  } catch (thrown) {
    if (thrown === stop.reason) return false
    throw thrown
  } finally {
    clearTimeout(timer)
  }
}
