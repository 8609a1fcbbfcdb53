// Types of rounds.mjs, for the tests.
import type { Failure } from './verdicts.mjs'

export interface Failures {
  has(name: string, part: string): boolean
  get(name: string, part: string): Failure | undefined
  add(name: string, part: string, error: Error): void
  list(): readonly Failure[]
}
export declare function createFailures(): Failures
