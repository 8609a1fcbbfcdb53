// Every parser that is fuzzed.
import type { Target } from './target.ts'
import { ANSWER_HEADERS, BODIES, COOKIES, ERAS, PROXIES } from './targets/answers.ts'
import { ARGV, HEADER_FILES, HEADERS, QUANTITIES, URLS } from './targets/command-lines.ts'
import { INPUTS, JSON_CONFIGS, TOML_CONFIGS } from './targets/configs.ts'
import {
  ACCOUNTS,
  HANDSHAKES,
  KEPT_FILES,
  LEFT_SIGN_INS,
  OUTPUTS,
  PASTED,
  TOKEN_SHAPES,
} from './targets/credentials.ts'
import { CHALLENGES, METADATA, OAUTH_ERRORS, SAFE_URLS } from './targets/discovering.ts'
import { LINES, LONG_FRAMING, SSE } from './targets/framing.ts'
import { PEEK, PIECES, REWRITE } from './targets/messages.ts'
import { GLOBS, JSON_TEXTS, PARAM_VALUES, TERMINAL_TEXTS, URI_FORMS } from './targets/texts.ts'
import { TRACES } from './targets/traces.ts'

export const TARGETS: readonly Target[] = [
  LINES,
  SSE,
  LONG_FRAMING,
  PEEK,
  PIECES,
  REWRITE,
  ARGV,
  HEADERS,
  HEADER_FILES,
  URLS,
  QUANTITIES,
  CHALLENGES,
  METADATA,
  SAFE_URLS,
  OAUTH_ERRORS,
  OUTPUTS,
  TOKEN_SHAPES,
  PASTED,
  ACCOUNTS,
  KEPT_FILES,
  HANDSHAKES,
  LEFT_SIGN_INS,
  ANSWER_HEADERS,
  BODIES,
  COOKIES,
  PROXIES,
  ERAS,
  JSON_CONFIGS,
  TOML_CONFIGS,
  INPUTS,
  TRACES,
  GLOBS,
  URI_FORMS,
  JSON_TEXTS,
  PARAM_VALUES,
  TERMINAL_TEXTS,
]
