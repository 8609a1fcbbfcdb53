// The port to what knows credentials that come and go: an OAuth sign-in (auth/), or a command that prints a token. What
// sends a request asks it what to send along, and tells it what was refused. protocol.md G.2, A.2.
import type { BridgeError } from '../errors.ts'
import type { HttpAnswer } from './http-answer.ts'
import type { Stop } from './stop.ts'

/** What a request is sent with. A value: the one that was refused is told from the one that is known now. */
export interface Credential {
  /** Names and values in turn. They replace the user's headers of the same name. */
  readonly headers: readonly string[]
  /** Headers that are made for each request, as DPoP's proof is. */
  readonly sign?: (request: Signed) => Promise<readonly string[]>
  /** Hears the `DPoP-Nonce` of an answer that was no refusal: it is the one for the next request. */
  readonly onNonce?: (nonce: string) => void
  /** Set when a request that was sent with it was not refused. */
  isProven?: boolean
}

export interface Signed {
  readonly method: string
  readonly url: URL
}

/** An answer 401, or a 403 that asks for more scopes. */
export interface Challenge {
  readonly status: number
  /** Each `WWW-Authenticate`. */
  readonly authenticate: readonly string[]
  /** What the remote said, whole or as much as came in good time. */
  readonly answer: HttpAnswer
  /** `DPoP-Nonce`. */
  readonly nonce: string | undefined
  /** What the request was sent with. */
  readonly credential: Credential | undefined
  /** What the request was, for sentences and for counting: `tools/call`, `stream`, … */
  readonly what: string
  /** How often this same request has been challenged before. */
  readonly times: number
  /** Nobody waits for it, and what the user does works without: no person is asked because of it. */
  readonly isAside?: boolean | undefined
  /** The request is not wanted any more: whoever waits for it alone may stop. */
  readonly stop: Stop
}

export type Verdict =
  /** There is another credential now: send the request once more. */
  | { readonly kind: 'again' }
  /** What the remote said stands. */
  | { readonly kind: 'as-is' }
  | { readonly kind: 'failed'; readonly error: BridgeError }

export interface Authorizer {
  /**
   * What to send with the next request; a promise only while that has to be found out. Rejects with a BridgeError if the
   * request is not to be sent without it.
   */
  credential(): Credential | undefined | Promise<Credential | undefined>
  /** What to do about a refusal. Never rejects. */
  challenged(challenge: Challenge): Promise<Verdict>
  /** What the remote is waited for because of, in a sentence for the user: somebody has to sign in. */
  readonly waitsFor: BridgeError | undefined
  /** Ends what is under way. Resolves when nothing of it is left. */
  close(): Promise<void>
}
