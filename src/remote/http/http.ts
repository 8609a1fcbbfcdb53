// One small HTTP interface for everything that leaves the machine. Two implementations: direct.ts on node:http(s), and
// proxied.ts for connections through a proxy. Callbacks, not promises and iterators: it is the hot path. protocol.md 0.6.
import type { BridgeError } from '../../errors.ts'
import type { Text } from '../../message/text.ts'
import type { Stop } from '../stop.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: URL
  /** Names and values in turn, as they go on the wire; Host and Content-Length are added. */
  readonly headers: readonly string[]
  readonly body: Text | undefined
  /** Another request follows while the connection of this one is in use: one is made for it meanwhile. */
  readonly expectsMore?: boolean | undefined
  /** Ends the exchange; its reason becomes the failure. */
  readonly stop: Stop
  /** The whole request has been handed to the operating system. */
  readonly onWritten: (() => void) | undefined
  /** Called at most once, and not after `onFailure`. */
  readonly onResponse: (response: HttpResponse) => void
  /**
   * Called instead of `onResponse`: `dns`, `refused`, `tls`, `timeout` if nothing was sent (`maybeDelivered: false`),
   * `stream-lost` or `protocol` if the request may have arrived.
   */
  readonly onFailure: (error: BridgeError) => void
}

export interface HttpResponse {
  readonly status: number
  /** Names and values in turn, as they came, for who looks at all of them; absent where nothing knows. */
  readonly rawHeaders?: readonly string[]
  /** The value of a header, by its name in lower case; the last one if there are several. */
  header(name: string): string | undefined
  /** All values of a header that may come several times, by its name in lower case. */
  headers(name: string): string[]
  /** Whether all of the body has been read already, while its last part is; absent where nothing knows. */
  readonly isWhole?: boolean
  /** Reads the body, decoded; call once, and in the turn the response came. Obeys the flow. */
  read(sink: BodySink): void
  /** Reads the body to nowhere, so that the connection can serve again. */
  discard(): void
  /** Closes the connection. */
  abort(): void
}

/** Exactly one of `end` and `fail` is called, last. */
export interface BodySink {
  data(chunk: Uint8Array): void
  end(): void
  fail(error: BridgeError): void
}

export interface Http {
  /** Redirects are not followed here. */
  request(request: HttpRequest): void
  /** Closes all idle connections; what is under way goes on. */
  dropIdle(): void
  /** Closes all connections. */
  close(): void
}
