// Whether a person is asked, and how often because tokens are refused: a remote may refuse for ever what it is sent, and the authorization
// server may give new tokens without anybody noticing but by the tabs. protocol.md G.1 row 32.

const MOST = 2
const WINDOW_MS = 10 * 60_000

export interface Askings {
  mayAsk(): boolean
  /** Somebody has signed in. */
  count(): void
}

export function createAskings(): Askings {
  let times: number[] = []
  return {
    mayAsk() {
      times = times.filter((time) => Math.abs(Date.now() - time) < WINDOW_MS)
      return times.length < MOST
    },
    count() {
      times.push(Date.now())
    },
  }
}
