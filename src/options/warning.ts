// What argument repair and the settling of options have to tell without stopping (arguments.md 4.5).

/** Something that was repaired or looks wrong; told on stderr, never a reason to stop. */
export interface Warning {
  readonly code: string
  /** One sentence, without any value. */
  readonly text: string
  /** Told at this level instead of `warn`: good to know, nothing to do about; or not to be missed. */
  readonly level?: 'info' | 'error'
}

/** The warning `stripped-quotes`. */
export function quotesLeftOut(where: string): Warning {
  return { code: 'stripped-quotes', text: `quotes around ${where} were left out; write it without them` }
}
