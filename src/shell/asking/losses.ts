// Whether the remote can still tell of anything: a stream that ends and is there again at once is nothing to a person, nor is one
// that is not offered; what is tried in vain is told, once. Pure. protocol.md A.5.
import type { StreamEvent } from '../exchanges.ts'

/** What there is to say to a person after each event, if anything. */
export function createLosses(host: string): (event: StreamEvent) => string | undefined {
  let state: 'open' | 'ended' | 'lost' = 'open'
  return ({ kind }) => {
    const before = state
    if (kind === 'open') {
      state = 'open'
      return before === 'lost' ? `${host} is there again; what it has told meanwhile may be lost` : undefined
    }
    state = before === 'open' ? 'ended' : 'lost'
    if (before !== 'ended') return undefined
    return `${host} is lost; it is tried again and again, until Ctrl-C`
  }
}
