// A legacy host's remote, asked in the modern era what it is: by `server/discover`, with what the host has said of itself.
// protocol.md D.1-1, F.3.
import { MODERN_VERSIONS } from '../era/era.ts'
import { clientMeta } from '../era/to-modern/client-meta.ts'
import type { Discovered } from '../era/translation.ts'
import { BridgeError } from '../errors.ts'
import type { Envelope } from '../message/envelope.ts'
import { own } from '../message/message.ts'
import { rewrite } from '../message/rewrite.ts'
import type { ModernRemote } from '../remote/modern/modern-remote.ts'
import { createStop, offStop, onStop, type Stop, stopNow } from '../remote/stop.ts'
import {
  isDiscoverResult,
  isModernVersion,
  isUnsupportedVersion,
  judgeProbe,
  supportedIn,
} from './verdict.ts'

export type Discovery =
  | { readonly kind: 'modern'; readonly discovered: Discovered }
  /** It is modern, but there is no version that both know, or it refuses for another reason. */
  | { readonly kind: 'unsupported'; readonly supported: readonly string[]; readonly answer: Envelope }
  | { readonly kind: 'legacy'; readonly error?: BridgeError }
  | { readonly kind: 'unreachable' | 'refused'; readonly error: BridgeError }

/** How long the remote may take: somebody waits behind the question, and may have other things to try (0.9). */
const ASK_MS = 30_000

let count = 0

/** Who asks. */
export interface Introduction {
  readonly initialize: Envelope
  /** Names of extensions that the bridge has, whatever the host has. */
  readonly ownExtensions: readonly string[]
}

/** Asks, and once more in the version that the remote names. */
export async function discover(
  remote: ModernRemote,
  { initialize, ownExtensions }: Introduction,
  stop: Stop,
): Promise<Discovery> {
  const [newest] = MODERN_VERSIONS
  const first = await askIn(newest!)
  if (first.kind !== 'unsupported') return first
  const version = MODERN_VERSIONS.find((known) => first.supported.includes(known))
  return version === undefined ? first : askIn(version)

  async function askIn(version: string): Promise<Discovery> {
    const request = own(`{"jsonrpc":"2.0","id":"mcp-ferry:discover:${++count}","method":"server/discover"}`)
    const meta = clientMeta(initialize, version, ownExtensions)
    const asked = createStop()
    const late = new BridgeError('timeout', `the remote did not answer server/discover within ${ASK_MS} ms`)
    const timer = setTimeout(() => stopNow(asked, late), ASK_MS)
    const leave = (reason: BridgeError): void => stopNow(asked, reason)
    onStop(stop, leave)
    const verdict = judgeProbe(await remote.ask(rewrite(request, { params: { _meta: meta } }), asked))
    clearTimeout(timer)
    offStop(stop, leave)
    if (verdict.kind !== 'modern') return verdict
    const { answer } = verdict
    if (isDiscoverResult(answer)) return { kind: 'modern', discovered: { response: answer, version } }
    const supported = isUnsupportedVersion(answer) ? supportedIn(answer).filter(isModernVersion) : []
    return { kind: 'unsupported', supported, answer }
  }
}
