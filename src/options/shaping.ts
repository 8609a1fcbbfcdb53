// What the options say about what the host gets to see, and about the trace, as values. The reader is shaping-options.ts,
// which is loaded only where one of these flags or variables is given. users.md 18, 34, 35.

export interface ShapingOptions {
  readonly filter?: FilterOptions
  readonly rename?: RenameOptions
  /** --describe: the description of a tool, by the remote's name of it. */
  readonly descriptions?: ReadonlyMap<string, string>
  /** --set: by the remote's name of the tool, then by that of the argument: JSON text, or plain text that is read by the schema. */
  readonly fixed?: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** --schema-compat. */
  readonly schema?: SchemaChoice
}

export type SchemaChoice = 'gemini' | 'openai' | 'strict'

/** Globs over the remote's own names; of resources over URIs, and URI templates. Absent: all are allowed, none is denied. */
export interface Patterns {
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
}

export interface FilterOptions {
  readonly tools?: Patterns
  readonly prompts?: Patterns
  readonly resources?: Patterns
  /** --read-only: tools that do not say that they only read are hidden. */
  readonly isReadOnly?: boolean
}

export interface RenameOptions {
  readonly toolPrefix?: string
  readonly promptPrefix?: string
  /** By the remote's name: what the host sees, exactly; the prefix is for all others. */
  readonly tools?: ReadonlyMap<string, string>
  readonly prompts?: ReadonlyMap<string, string>
  /** --max-tool-name: in UTF-16 code units, as hosts count. */
  readonly mostCharacters?: number
}

/** How many digits a shortened name ends in, behind a `_`. */
export const MARK_DIGITS = 6

export interface TraceOptions {
  readonly file: string
  /** The file for sentences, without what variables hold. */
  readonly fileName: string
}
