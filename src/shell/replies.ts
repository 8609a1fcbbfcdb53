// What came of a request: the result as it was sent, the error of the remote, or that of the bridge, told apart by what
// the bridge writes into its own. protocol.md 0.8.
import { BridgeError, type ErrorKind } from '../errors.ts'
import type { Envelope } from '../message/envelope.ts'
import { errorCode } from '../message/message.ts'
import { find, readString, type Span } from '../message/peek.ts'
import { textAt } from '../message/utf8.ts'

/** How a request ended. `text` is JSON, as it came. */
export type Reply =
  | { readonly kind: 'result'; readonly text: string }
  /** The remote has answered with a JSON-RPC error. `data`: JSON. */
  | { readonly kind: 'refused'; readonly code: number; readonly message: string; readonly data?: string }
  /** The bridge has: the remote was not reached, or said nothing. */
  | { readonly kind: 'failed'; readonly error: BridgeError }

export function replyOf(answer: Envelope): Reply {
  const { bytes, shape } = answer
  if (shape.result !== undefined) return { kind: 'result', text: textAt(bytes, shape.result) }
  const at = (...path: string[]): Span | undefined => shape.error && find(bytes, shape.error, ...path)
  const string = (...path: string[]): string | undefined => readString(bytes, at(...path))
  const message = string('message') ?? 'no message'
  if (string('data', 'origin') === 'mcp-ferry') {
    const kind = kindOf(string('data', 'kind'))
    return { kind: 'failed', error: new BridgeError(kind, message.replace(/^mcp-ferry: /, '')) }
  }
  const data = at('data')
  return {
    kind: 'refused',
    code: errorCode(answer) ?? 0,
    message,
    ...(data && { data: textAt(bytes, data) }),
  }
}

/** The error of the remote's own, for a sentence. */
export function refusedBy(
  method: string,
  { code, message }: Pick<Extract<Reply, { kind: 'refused' }>, 'code' | 'message'>,
): BridgeError {
  return new BridgeError('protocol', `the server refuses ${method} (${code}: ${message})`)
}

const KINDS: Readonly<Record<ErrorKind, true>> = {
  dns: true,
  refused: true,
  tls: true,
  proxy: true,
  timeout: true,
  http: true,
  redirect: true,
  content: true,
  protocol: true,
  'stream-lost': true,
  'session-lost': true,
  'auth-required': true,
  'auth-failed': true,
  'rate-limited': true,
  'too-large': true,
  shutdown: true,
  usage: true,
  internal: true,
}

/** A remote may write into its errors what the bridge writes into its own, and any text for the kind. */
function kindOf(text = ''): ErrorKind {
  return Object.hasOwn(KINDS, text) ? (text as ErrorKind) : 'internal'
}
