// Types of statistics.mjs, for the tests.
import type { Samples } from './verdicts.mjs'

type Of = ((samples: Samples) => number | undefined) & { readonly key: string }
export declare function quantile(values: readonly number[], q: number): number
export declare function uncertainty(values: readonly number[]): number
export declare function middle(key: string): Of
export declare function highest(key: string): Of
