// The schema of a tool's arguments as a family of models takes it: the whole of --schema-compat's rewriting. Pure. users.md 35.
import type { SchemaChoice } from '../../options/shaping.ts'
import type { Dialect } from './dialect.ts'
import { createDocument } from './document.ts'
import { GEMINI } from './gemini.ts'
import { type Json, parseJson, writeJson } from './json.ts'
import { OPENAI, STRICT } from './openai.ts'
import { type Rendered, renderSchema } from './rendering.ts'

const DIALECTS: Readonly<Record<SchemaChoice, Dialect>> = { gemini: GEMINI, openai: OPENAI, strict: STRICT }

export interface Rewritten {
  /** JSON; undefined: it can stay as it came. */
  readonly text: string | undefined
  /** Names of arguments, at any depth, that models refuse. */
  readonly badNames: readonly string[]
  /** Arguments that a model cannot give, because what they hold cannot be said. */
  readonly closed: readonly string[]
}

/** What was told in one round may read differently in the next: the same must come out when it comes in again. */
const MOST_ROUNDS = 4

/** `text` is valid JSON. */
export function rewriteSchema(text: string, choice: SchemaChoice): Rewritten {
  const parsed = parseJson(text)
  const before = writeJson(parsed)
  const { badNames, closed, after } = rewritten(parsed, choice)
  let last = before
  let next = after
  for (let round = 1; next !== last && round < MOST_ROUNDS; round++) {
    last = next
    next = rewritten(parseJson(last), choice).after
  }
  return { text: next === before ? undefined : next, badNames, closed }
}

function rewritten(schema: Json, choice: SchemaChoice): Rendered & { readonly after: string } {
  const rendered = renderSchema(createDocument(schema), DIALECTS[choice])
  return { ...rendered, after: writeJson(rendered.schema) }
}
