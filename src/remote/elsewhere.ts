// Requests that the remote has taken with an empty answer: the response may still come on the GET stream. protocol.md A.2.
import type { Exchange } from './exchange.ts'
import { onStop } from './stop.ts'

const ELSEWHERE_MS = 60_000

export interface Elsewhere {
  /** Whether the response comes. */
  comes(exchange: Exchange): Promise<boolean>
  /** The stream is no more, and is not opened again. */
  giveUp(): void
}

export function createElsewhere(isListening: () => boolean): Elsewhere {
  const hoping = new Set<() => void>()

  return {
    comes(exchange) {
      if (exchange.isAnswered || !isListening()) return Promise.resolve(exchange.isAnswered)
      return new Promise((resolve) => {
        const settle = (hasCome: boolean): void => {
          clearTimeout(timer)
          hoping.delete(giveUpHope)
          resolve(hasCome)
        }
        const giveUpHope = (): void => settle(exchange.isAnswered || exchange.isCancelled)
        const timer = setTimeout(giveUpHope, ELSEWHERE_MS)
        exchange.onAnswered = () => settle(true)
        onStop(exchange.stop, giveUpHope)
        hoping.add(giveUpHope)
      })
    },
    giveUp() {
      for (const giveUpHope of [...hoping]) giveUpHope()
    },
  }
}
