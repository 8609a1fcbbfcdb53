// Every parser that is fuzzed.
import type { Target } from './target.ts'
import { LINES, SSE } from './targets/framing.ts'
import { PEEK, REWRITE } from './targets/messages.ts'

export const TARGETS: readonly Target[] = [LINES, SSE, PEEK, REWRITE]
