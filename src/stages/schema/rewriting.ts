// The schema of a tool's arguments as a family of models takes it: the whole of --schema-compat's rewriting. Pure. users.md 35.
import type { SchemaChoice } from '../../options/shaping.ts'
import type { Dialect } from './dialect.ts'
import { createDocument } from './document.ts'
import { GEMINI } from './gemini.ts'
import { parseJson, writeJson } from './json.ts'
import { OPENAI, STRICT } from './openai.ts'
import { renderSchema } from './rendering.ts'

const DIALECTS: Readonly<Record<SchemaChoice, Dialect>> = { gemini: GEMINI, openai: OPENAI, strict: STRICT }

export interface Rewritten {
  /** JSON; undefined: it can stay as it came. */
  readonly text: string | undefined
  /** Names of arguments, at any depth, that models refuse. */
  readonly badNames: readonly string[]
  /** Arguments that a model cannot give, because what they hold cannot be said. */
  readonly closed: readonly string[]
}

/** `text` is valid JSON. */
export function rewriteSchema(text: string, choice: SchemaChoice): Rewritten {
  const before = parseJson(text)
  const { schema, badNames, closed } = renderSchema(createDocument(before), DIALECTS[choice])
  const after = writeJson(schema)
  return { text: after === writeJson(before) ? undefined : after, badNames, closed }
}
