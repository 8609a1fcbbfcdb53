// Why a request is refused for good although somebody has signed in, with what can be done. protocol.md 0.8, G.6.
import { BridgeError } from '../errors.ts'
import type { Header } from '../options/options.ts'
import { isByPerson } from '../options/sign-in.ts'
import type { Challenge, Credential } from '../remote/authorizer.ts'
import { authFailure, describeHeaders } from '../remote/refused.ts'
import type { AuthorizerSettings } from './authorizer.ts'
import { scopeArguments } from './scopes.ts'

export interface Refusals {
  /** The remote takes not even a token that has just been got, or none can be got. */
  still(challenge: Challenge, sent: Credential | undefined): BridgeError
  /** A person has to sign in, and is not asked because of this request. */
  needsPerson(): BridgeError
  /** A credential is wanted, nobody may be asked, and the remote does not tell where one signs in. */
  notTold(challenge: Challenge): BridgeError
  /** `all`: the scopes there are and the one that lacks, with blanks between them. */
  lacksScope(
    challenge: Challenge,
    scope: string | undefined,
    why: string,
    all: string | undefined,
  ): BridgeError
}

type RefusalsSettings = Pick<AuthorizerSettings, 'url' | 'headers' | 'signIn' | 'log' | 'loginCommand'>

export function createRefusals({ url, headers, signIn, log, loginCommand }: RefusalsSettings): Refusals {
  const shown = `${url.origin}${url.pathname}`
  const asked = { shown: () => shown, redact: log.redact }
  const sentWith = (...more: readonly Header[]): string[] =>
    describeHeaders([...headers, ...more], Date.now())
  return {
    still({ answer }, credential) {
      const [name, value] = credential?.headers ?? []
      if (name === undefined || value === undefined)
        return authFailure(answer, { ...asked, sent: sentWith() })
      // What signs in without a person has just done that.
      const anew = isByPerson(signIn) ? `; to sign in anew, run: ${loginCommand}` : ''
      const tried = `, which it was given by signing in${anew}`
      return authFailure(answer, { ...asked, sent: sentWith({ name, value }), tried })
    },
    needsPerson() {
      const text = `${url.host} wants you to sign in; run: ${loginCommand}`
      return new BridgeError('auth-required', text, { retryable: true, maybeDelivered: false })
    },
    notTold({ answer }) {
      return authFailure(answer, { ...asked, sent: sentWith(), orElse: `, or try: ${loginCommand}` })
    },
    lacksScope({ answer }, scope, why, all) {
      const { status } = answer.response
      const todo = isByPerson(signIn)
        ? `to sign in anew, run: ${loginCommand}${scopeArguments(all)}`
        : 'if the client may have it, ask for it with --scope'
      const text = `HTTP ${status} from ${shown}: this needs the scope ${scope}, which has not been granted (${why}); ${todo}`
      const facts = { httpStatus: status, url: shown, retryable: false, maybeDelivered: false }
      return new BridgeError('auth-failed', text, facts)
    },
  }
}
