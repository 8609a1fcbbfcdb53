// What the bridge goes by when the remote wants a credential. Loaded with the first refusal, or at the start where somebody
// has signed in before. protocol.md G.
import type { Log } from '../log.ts'
import type { Options } from '../options/options.ts'
import type { Authorizer } from '../remote/authorizer.ts'
import { createRefusing } from './refusing.ts'

export interface AuthorizerSettings {
  readonly options: Pick<Options, 'url' | 'headers'>
  readonly log: Log
}

export function createAuthorizer({ options, log }: AuthorizerSettings): Authorizer {
  return createRefusing({ url: options.url, headers: options.headers, log })
}
