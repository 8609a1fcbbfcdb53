// Whether a command's output has colours: what the person says, and else whether a terminal shows it. Pure.

/** Whether what is written there may be coloured. NO_COLOR has the last word, as with most programs. */
export function isColoured(
  output: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (env.NO_COLOR) return false
  if (env.FORCE_COLOR !== undefined) return !/^(?:0|false)$/i.test(env.FORCE_COLOR)
  return output.isTTY === true && env.TERM !== 'dumb'
}
