// A soak that waits for what does not come would say nothing for ever: where nothing moves for this long, that is told.

/** Also on a machine that has much else to do, nothing takes so long. */
const STANDSTILL_MS = 5 * 60_000

/** The work has to say that it moves. Rejects with `what` it stood at when it did not for minutes. */
export async function unlessStill<T>(
  work: (moves: () => void) => Promise<T>,
  what: () => string,
  limitMs = STANDSTILL_MS,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let tell: (error: Error) => void
  const still = new Promise<never>((_, reject) => {
    tell = reject
  })
  const moves = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => tell(new Error(`nothing has moved in ${limitMs / 1000} s: ${what()}`)), limitMs)
  }
  moves()
  try {
    return await Promise.race([work(moves), still])
  } finally {
    clearTimeout(timer)
  }
}
