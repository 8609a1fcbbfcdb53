// Types of page.mjs, for the tests.
import type { Table } from './verdicts.mjs'

export interface Machine {
  readonly date: string
  readonly cpu: string
  readonly cores: number
  readonly system: string
  readonly node: string
  readonly npm: string
  readonly load: readonly [string, string]
}
export interface Found {
  readonly machine: Machine
  readonly names: readonly string[]
  readonly tables: readonly Table[]
}
export declare function page(found: Found): string
export declare function summary(found: Found): string
export declare function withSummary(readme: string, text: string): string | undefined
