// The remotes of the matrix: which there are, and what a behaviour knows of the one it talks to.
import type { Witness } from './offer.ts'
import { startEverything } from './remote-everything.ts'
import { startV1Stateful, startV1Stateless } from './remote-v1.ts'
import { startV2Default, startV2Reject } from './remote-v2.ts'
import type { Era } from './work.ts'

export type RemoteName = 'v1 stateful' | 'v1 stateless' | 'v2 default' | 'v2 reject' | 'everything'

export interface Remote {
  readonly url: string
  /** What the server has seen; nobody can tell for server-everything. */
  readonly witness: Witness | undefined
  /** Whether it knows nothing but the legacy era, where a tool asks while it runs. */
  readonly legacyOnly: boolean
  close(): Promise<void>
}

export interface RemoteKind {
  readonly name: RemoteName
  readonly eras: readonly Era[]
  start(): Promise<Remote>
}

export const REMOTES: readonly RemoteKind[] = [
  { name: 'v1 stateful', eras: ['legacy'], start: startV1Stateful },
  { name: 'v1 stateless', eras: ['legacy'], start: startV1Stateless },
  { name: 'v2 default', eras: ['legacy', 'modern'], start: startV2Default },
  { name: 'v2 reject', eras: ['modern'], start: startV2Reject },
  { name: 'everything', eras: ['legacy'], start: startEverything },
]
