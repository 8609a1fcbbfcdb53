// Which transport is spoken: Streamable HTTP, or the old HTTP+SSE where the remote knows nothing else. protocol.md B.2.
import { BridgeError } from '../errors.ts'
import type { Envelope } from '../message/envelope.ts'
import { decode } from '../message/utf8.ts'
import type { TransportChoice } from '../options/options.ts'
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

/** What a server of the old kind may say to a POST, by the texts of the revisions and what servers do. */
const MAY_BE_OLD: ReadonlySet<number> = new Set([400, 404, 405, 406, 410, 415, 422, 501])

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

/** A stream was not to be had, or said nothing of an endpoint. */
function speaksNoHttpSse(error: BridgeError | undefined): boolean {
  return error !== undefined && ['http', 'content', 'protocol', 'timeout'].includes(error.kind)
}

function mayBeOld(error: BridgeError | undefined, answer: Envelope | undefined): boolean {
  if (answer !== undefined) return mayBeOldWords(answer)
  return error !== undefined && (error.kind === 'content' || MAY_BE_OLD.has(error.facts.httpStatus ?? 0))
}

/** A JSON-RPC error: not if a server of the present kind complains, or one of the next era tells its versions. */
function mayBeOldWords({ bytes, shape }: Envelope): boolean {
  const text = shape.error === undefined ? '' : decode(bytes.subarray(shape.error.start, shape.error.end))
  const code = Number(/"code"\s*:\s*(-?\d+)/.exec(text)?.[1])
  if (code === -32601) return true
  return (
    (code === -32600 || code === -32700 || code === -32000) &&
    !/accept|content-type|version|initialize/i.test(text)
  )
}

/** The failure of the first transport, with what came of the second one. */
function withSecond(
  { kind, message, facts, cause }: BridgeError,
  second: BridgeError | undefined,
): BridgeError {
  const { httpStatus } = second?.facts ?? {}
  const came =
    httpStatus === undefined ? `failed: ${second?.message ?? 'refused'}` : `answered HTTP ${httpStatus}`
  return new BridgeError(kind, `${message} (HTTP+SSE was tried as well, its GET ${came})`, facts, cause)
}
