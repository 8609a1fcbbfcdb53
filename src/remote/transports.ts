// Which transport is spoken: Streamable HTTP, or the old HTTP+SSE where the remote knows nothing else. protocol.md B.2.
import type { BridgeError } from '../errors.ts'
import type { Envelope } from '../message/envelope.ts'
import type { TransportChoice } from '../options/options.ts'
import { mayBeOld, speaksNoHttpSse, withSecond } from './fallback.ts'
import type { Transport } from './transport.ts'

export interface TransportsSettings {
  readonly choice: TransportChoice
  readonly url: URL
  /** Whether the remote spoke the old one at an earlier start. */
  readonly expectsOld: boolean
  readonly http: Transport
  /** Loads the old one. */
  readonly loadHttpSse: () => Promise<Transport>
}

export interface Transports {
  current(): Transport
  /** What the first message has to wait for, if anything. */
  ready(): Promise<void> | undefined
  /** Whether a session lives no longer than its stream. */
  isBoundToStream(): boolean
  /**
   * `initialize` has been refused for good by the present transport. `again`: by the other one; else a better error
   * than what was refused with, if there is one.
   */
  next(
    error: BridgeError | undefined,
    answer: Envelope | undefined,
  ): Promise<'again' | BridgeError | undefined>
}

export function createTransports({
  choice,
  url,
  expectsOld,
  http,
  loadHttpSse,
}: TransportsSettings): Transports {
  const isOldFirst =
    choice === 'http+sse' || (choice === 'auto' && (expectsOld || /\/sse\/?$/.test(url.pathname)))
  let old: Transport | undefined
  let current = http
  /** Why the first of the two was refused, while the second one is tried. */
  let first: { readonly error: BridgeError | undefined } | undefined

  async function useOld(): Promise<void> {
    old ??= await loadHttpSse()
    current = old
  }

  return {
    current: () => current,
    ready: () => (isOldFirst && old === undefined ? useOld() : undefined),
    isBoundToStream: () => current === old,
    async next(error, answer) {
      if (choice !== 'auto') return undefined
      if (first === undefined) {
        if (isOldFirst ? !speaksNoHttpSse(error) : !mayBeOld(error, answer)) return undefined
        first = { error }
        if (isOldFirst) current = http
        else await useOld()
        return 'again'
      }
      const { error: before } = first
      first = undefined
      if (isOldFirst) {
        await useOld()
        return undefined
      }
      current = http
      return before === undefined || answer !== undefined ? undefined : withSecond(before, error)
    },
  }
}
