// Which hosts meet which revision on the wire. A cell is all scenarios of one revision done with one host.

export type Revision = '2025-11-25' | '2026-07-28'

export interface Cell {
  readonly name: string
  readonly revision: Revision
  /** The host program and its options, relative to the root of the repository. */
  readonly host: readonly string[]
  /** Runs without `--all`. */
  readonly always: boolean
  /** The host speaks the revision itself, so that it must pass without a bridge too. */
  readonly speaks: boolean
}

const V1 = ['scripts/conformance/hosts/sdk-v1.ts']
const V2 = ['scripts/conformance/hosts/sdk-v2.ts']
const V2_AUTO = [...V2, '--era', 'auto']
// At the first start an old host's `initialize` goes out as it is, and the suite takes offence at that very message; from
// the second start on the era is remembered. The flag makes the first start like the second.
const V1_FIRST = [...V1, '--remote-era', 'prefer-modern']

export const CELLS: readonly Cell[] = [
  { name: 'v1/2025-11-25', revision: '2025-11-25', host: V1, always: true, speaks: true },
  { name: 'v2/2026-07-28', revision: '2026-07-28', host: V2, always: true, speaks: true },
  { name: 'v1/2026-07-28', revision: '2026-07-28', host: V1_FIRST, always: true, speaks: false },
  { name: 'v2-auto/2025-11-25', revision: '2025-11-25', host: V2_AUTO, always: false, speaks: true },
  { name: 'v2-auto/2026-07-28', revision: '2026-07-28', host: V2_AUTO, always: false, speaks: true },
  { name: 'v2/2025-11-25', revision: '2025-11-25', host: V2, always: false, speaks: false },
]
