// A number on the command line of a long run. One that is none would let nothing be run, and all be well.

/** Throws, with the name of the option, where `text` is no number, or less than `least`. */
export function numberOf(option: string, text: string, least = 1): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(value) || value < least)
    throw new Error(`--${option} takes a number from ${least} on, and not "${text}"`)
  return value
}
