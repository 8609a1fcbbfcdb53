// An entry as it is meant, before an editor's shape is given to it: a program, its arguments, and the values that go to
// `env`, some of which are secrets that may stand elsewhere. arguments.md 6.

export interface Entry {
  readonly name: string
  readonly command: string
  /** Each survives every launcher, as far as it is ours: no blank, no quote, no character of a shell. */
  readonly args: readonly string[]
  readonly env: readonly Value[]
}

/** One variable of `env`: texts and secrets that together make the value. */
export interface Value {
  readonly variable: string
  readonly parts: readonly (string | Secret)[]
}

export interface Secret {
  /** The variable that the person has it in, or would: it is asked for by that name. */
  readonly variable: string
  /** For the person who is asked for it: `the bearer token for mcp.example.com`. */
  readonly what: string
  /** The secret itself where it is known: it was in that variable, in the options, or typed. */
  readonly text?: string
  /** Whether the editor may take it from its own environment: it was found in a variable of that name. */
  readonly isInEnvironment: boolean
  /** It stands in a URL, where special characters are percent-encoded; `text` is as it is known, without that. */
  readonly isInUrl?: true
}
