// Every parser that is fuzzed.
import type { Target } from './target.ts'
import { ANSWER_HEADERS, BODIES, COOKIES, ERAS, PROXIES } from './targets/answers.ts'
import { ARGV, HEADER_FILES, HEADERS, QUANTITIES, URLS } from './targets/command-lines.ts'
import { LINES, SSE } from './targets/framing.ts'
import { PEEK, REWRITE } from './targets/messages.ts'
import { ACCOUNTS, CHALLENGES, METADATA, OUTPUTS, PASTED, SAFE_URLS } from './targets/signing-in.ts'

export const TARGETS: readonly Target[] = [
  LINES,
  SSE,
  PEEK,
  REWRITE,
  ARGV,
  HEADERS,
  HEADER_FILES,
  URLS,
  QUANTITIES,
  CHALLENGES,
  METADATA,
  SAFE_URLS,
  OUTPUTS,
  PASTED,
  ACCOUNTS,
  ANSWER_HEADERS,
  BODIES,
  COOKIES,
  PROXIES,
  ERAS,
]
