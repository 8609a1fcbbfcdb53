// Requests that are sent with a credential of the moment, and once more when the remote has refused that and there is a
// better one. Whoever sends a request notices nothing of it but that it takes longer. protocol.md G.2, 0.5.
import type { BridgeError } from '../errors.ts'
import type { Authorizer, Credential, Verdict } from './authorizer.ts'
import { readRefusal } from './body.ts'
import { tellsSessionLoss } from './failed-answer.ts'
import type { HttpResponse } from './http/http.ts'
import type { Wanted } from './sending.ts'
import { SESSION } from './session.ts'
import { offStop, onStop } from './stop.ts'

/** A request with what it is sent with, and how often it has been refused for that. */
export interface Authorized extends Wanted {
  readonly credential?: Credential | undefined
  readonly times?: number
}

export interface AuthorizedSettings {
  readonly authorizer: Authorizer
  readonly endpoint: () => URL
  /** Sends it as it is; its refusals are to be given to `takes`. */
  readonly transmit: (wanted: Authorized) => void
}

export interface Authorization {
  send(wanted: Wanted): void
  /** Goes on with the same for another URL: a proof is for one, and good once (RFC 9449 4.2). */
  signed(wanted: Authorized, url: URL, go: (signed: Authorized) => void): void
  /** True if the response is dealt with here. */
  takes(wanted: Authorized, response: HttpResponse): boolean
}

export function createAuthorization({ authorizer, endpoint, transmit }: AuthorizedSettings): Authorization {
  /** A session's headers are one list, which is made anew only with another credential. */
  let last: { readonly headers: readonly string[]; by: Credential; made: readonly string[] } | undefined

  function send(wanted: Wanted, times = 0): void {
    const found = authorizer.credential()
    // Of most remotes nobody knows one: nothing is made for each request (bench: CPU per 1,000 calls).
    if (found === undefined && times === 0) return transmit(wanted)
    const go = (credential: Credential | undefined): void => sign(wanted, credential, times)
    if (found instanceof Promise) awaiting(wanted, found, go)
    else go(found)
  }

  function sign(wanted: Wanted, credential: Credential | undefined, times: number): void {
    if (credential === undefined) return transmit({ ...wanted, times })
    const headers = withHeaders(wanted.headers, credential)
    signed({ ...wanted, credential, times, headers }, wanted.url ?? endpoint(), transmit)
  }

  function signed(wanted: Authorized, url: URL, go: (signed: Authorized) => void): void {
    const { method, credential, headers } = wanted
    if (credential?.sign === undefined) return go(wanted)
    awaiting(wanted, credential.sign({ method, url }), (signature) =>
      go({ ...wanted, headers: replaced(headers, signature) }),
    )
  }

  function withHeaders(headers: readonly string[], by: Credential): readonly string[] {
    if (last?.headers !== headers || last.by !== by)
      last = { headers, by, made: replaced(headers, by.headers) }
    return last.made
  }

  function takes(wanted: Authorized, response: HttpResponse): boolean {
    const { status } = response
    const { credential, times = 0, what, isAside, stop } = wanted
    if (status !== 401 && credential !== undefined) {
      credential.isProven = true
      const nonce = credential.onNonce && response.header('dpop-nonce')
      if (nonce !== undefined) credential.onNonce!(nonce)
    }
    if (status !== 401 && status !== 403) return false
    const nonce = response.header('dpop-nonce')
    const authenticate = response.headers('www-authenticate')
    if (status === 403 && !/insufficient_scope/i.test(authenticate.join())) return false
    wanted.onHeld?.()
    hold(response, (held, body) => {
      const answer = { response, contentType: response.header('content-type'), body }
      if (wanted.headers.includes(SESSION) && tellsSessionLoss(answer)) return wanted.onResponse(held)
      const challenge = { status, answer, authenticate, nonce, credential, what, times, isAside, stop }
      awaiting(wanted, authorizer.challenged(challenge), (verdict) => conclude(wanted, held, verdict))
    })
    return true
  }

  function conclude(wanted: Authorized, held: HttpResponse, verdict: Verdict): void {
    if (verdict.kind === 'again') {
      const { credential: _, times = 0, ...request } = wanted
      send(request, times + 1)
    } else if (verdict.kind === 'failed') wanted.onFailure(verdict.error)
    else wanted.onResponse(held)
  }

  return { send, signed, takes }
}

/** The headers with these in place of those of the same name. */
function replaced(headers: readonly string[], by: readonly string[]): readonly string[] {
  const names = new Set(by.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()))
  return [...headers.filter((_, index) => !names.has(headers[index - (index % 2)]!.toLowerCase())), ...by]
}

/** Goes on when the work is done; a request that is stopped meanwhile fails at once. */
function awaiting<T>({ stop, onFailure }: Wanted, work: Promise<T>, go: (value: T) => void): void {
  const onStopped = (): void => {
    isOver = true
    onFailure(stop.reason!)
  }
  let isOver = false
  onStop(stop, onStopped)
  const end = (act: () => void): void => {
    if (isOver) return
    offStop(stop, onStopped)
    act()
  }
  work.then(
    (value) => end(() => go(value)),
    (thrown: BridgeError) => end(() => onFailure(thrown)),
  )
}

/** Reads a refusal so that it can be given on later. */
function hold(response: HttpResponse, go: (held: HttpResponse, body: Uint8Array) => void): void {
  readRefusal(response, (body) => {
    const held: HttpResponse = {
      status: response.status,
      header: (name) => response.header(name),
      headers: (name) => response.headers(name),
      read(sink) {
        sink.data(body)
        sink.end()
      },
      discard() {},
      abort() {},
    }
    go(held, body)
  })
}
