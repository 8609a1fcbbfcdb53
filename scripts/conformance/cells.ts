// Which hosts meet which revision on the wire. A cell is all scenarios of one revision done with one host.

export type Revision = '2025-11-25' | '2026-07-28'

/** Scenarios of signing in, and all others. */
export type Group = 'signing-in' | 'others'

export interface Cell {
  readonly name: string
  readonly revision: Revision
  /** The host program and its options, relative to the root of the repository. */
  readonly host: readonly [source: string, ...options: string[]]
  /** What runs without `--all`. Signing in takes several times as long as the others, so each kind of host does it once. */
  readonly usual: readonly Group[]
  /** The host speaks the revision itself, so that it must pass without a bridge too. */
  readonly speaks: boolean
}

const V1 = ['scripts/conformance/hosts/sdk-v1.ts'] as const
const V2 = ['scripts/conformance/hosts/sdk-v2.ts'] as const
const V2_AUTO = [...V2, '--era', 'auto'] as const
// At the first start an old host's `initialize` goes out as it is, and the suite takes offence at that very message; from
// the second start on the era is remembered. The flag makes the first start like the second.
const V1_FIRST = [...V1, '--remote-era', 'prefer-modern'] as const

export const CELLS: readonly Cell[] = [
  { name: 'v1/2025-11-25', revision: '2025-11-25', host: V1, usual: ['others', 'signing-in'], speaks: true },
  { name: 'v2/2026-07-28', revision: '2026-07-28', host: V2, usual: ['others'], speaks: true },
  { name: 'v1/2026-07-28', revision: '2026-07-28', host: V1_FIRST, usual: ['others'], speaks: false },
  { name: 'v2-auto/2025-11-25', revision: '2025-11-25', host: V2_AUTO, usual: [], speaks: true },
  { name: 'v2-auto/2026-07-28', revision: '2026-07-28', host: V2_AUTO, usual: ['signing-in'], speaks: true },
  { name: 'v2/2025-11-25', revision: '2025-11-25', host: V2, usual: [], speaks: false },
]
