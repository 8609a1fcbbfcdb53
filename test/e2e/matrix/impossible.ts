// The cells of the matrix that cannot be, and why. Where it costs nothing the behaviour is tried all the same and must
// fail as told here, so that this table does not outlive its reasons.
import type { HostName } from './host.ts'
import type { RemoteName } from './remote.ts'

export interface Impossible {
  /** All of them where nothing is said. */
  readonly hosts?: readonly HostName[]
  readonly remotes: readonly RemoteName[]
  readonly behaviours: readonly string[]
  /** Only without the bridge, which can do this. */
  readonly directly?: true
  readonly reason: string
  /** What the behaviour's failure must say; without it the behaviour is not tried, as it would wait in vain. */
  readonly fails?: RegExp
}

const ASKS_IN_CALLS = [
  'elicitation: form',
  'elicitation: declined',
  'elicitation: URL',
  'sampling',
  'roots',
  'three questions at once',
  'two rounds',
  'parallel calls that ask',
]
const ASKS = [...ASKS_IN_CALLS, 'a prompt and a resource ask']
const CHANGES = [
  'the list of tools changes',
  'the list of prompts changes',
  'the list of resources changes',
  'a resource is subscribed to',
  'a subscription ends, another goes on',
]

export const IMPOSSIBLE: readonly Impossible[] = [
  {
    remotes: ['v1 stateless'],
    behaviours: ASKS,
    reason:
      "each request has a server of its own, which knows no host's capabilities and never sees an answer",
    fails: /no host to ask/,
  },
  {
    hosts: ['v1'],
    remotes: ['v2 default'],
    behaviours: ASKS,
    reason:
      'it serves legacy hosts without sessions: a server of its own for each request never sees an answer',
    fails: /cannot receive server-to-client requests/,
  },
  {
    remotes: ['v1 stateless'],
    behaviours: CHANGES,
    reason: 'without sessions there is nobody whom a server could tell, so it does not offer to',
    fails: /does not offer to tell/,
  },
  {
    hosts: ['v1'],
    remotes: ['v2 default'],
    behaviours: CHANGES,
    reason: 'it serves legacy hosts without sessions, and has nobody whom it could tell',
    fails: /does not offer to tell/,
  },
  {
    remotes: ['v1 stateless'],
    behaviours: ['cancelling stops the tool'],
    reason: 'without sessions the cancellation reaches another server than the one that works',
  },
  {
    hosts: ['v1'],
    remotes: ['v2 default'],
    behaviours: ['cancelling stops the tool'],
    reason:
      'it serves legacy hosts without sessions: the cancellation reaches another server than the one that works',
  },
  {
    hosts: ['v1'],
    remotes: ['v1 stateless', 'v2 default'],
    behaviours: ['logging: the level is obeyed'],
    reason: 'a server without sessions does not remember the level',
    fails: /below the level was told/,
  },
  {
    hosts: ['v2 auto'],
    remotes: ['v1 stateless'],
    behaviours: ['logging: the level is obeyed'],
    directly: true,
    reason: 'a server without sessions does not remember the level',
    fails: /below the level was told/,
  },
  {
    remotes: ['v2 default', 'v2 reject'],
    behaviours: ['elicitation: URL demanded by an error'],
    reason: 'error -32042 is gone with 2026-07-28',
  },
  {
    remotes: ['v1 stateless', 'v2 default', 'v2 reject'],
    behaviours: ["asking beside the call's stream"],
    reason: 'only a server with sessions can ask on a stream that belongs to no request',
    fails: /no host to ask/,
  },
  {
    remotes: ['everything'],
    behaviours: [
      'arguments in headers',
      'arguments in headers, the tool never listed',
      'three questions at once',
      'two rounds',
      'parallel calls that ask',
      'the list of tools changes',
      'the list of prompts changes',
      "asking beside the call's stream",
    ],
    reason: 'it has no tool for it',
    fails: /not found/,
  },
  {
    remotes: ['v1 stateful', 'v1 stateless', 'everything'],
    behaviours: ['structured content that is a list'],
    reason: 'structured content is an object before 2026-07-28',
    fails: /not found/,
  },
  {
    remotes: ['everything'],
    behaviours: ['a prompt and a resource ask'],
    reason: 'none of its prompts and resources asks',
    fails: /not found/,
  },
  {
    remotes: ['everything'],
    behaviours: ['cancelling stops the tool', 'a subscription ends, another goes on'],
    reason: 'it does not show what it sees, and its updates do not end with the call',
  },
  {
    hosts: ['v2 auto', 'v2 pinned'],
    remotes: ['everything'],
    behaviours: ['logging', 'logging: the level is obeyed'],
    reason: 'it logs beside its answers, and since 2026-07-28 there are logs within a request only',
  },
]

export function whyImpossible(
  host: HostName,
  remote: RemoteName,
  behaviour: string,
  direct: boolean,
): Impossible | undefined {
  return IMPOSSIBLE.find(
    ({ hosts, remotes, behaviours, directly = false }) =>
      (direct || !directly) &&
      (hosts?.includes(host) ?? true) &&
      remotes.includes(remote) &&
      behaviours.includes(behaviour),
  )
}
