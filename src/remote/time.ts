// Waiting that ends: with what is waited for, with the time, or with a stop.
import { offStop, onStop, type Stop } from './stop.ts'

/** Resolves with the promise, or after the time. */
export function atMost(promise: Promise<unknown>, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs)
    void promise.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** What the promise resolves with; undefined after the time. */
export async function within<T>(promise: Promise<T>, limitMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, limitMs, undefined)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves after the time, or at once when it is stopped. */
export function delay(waitMs: number, stop: Stop): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer)
      offStop(stop, finish)
      resolve()
    }
    const timer = setTimeout(finish, waitMs)
    onStop(stop, finish)
  })
}

/** Resolves in the next turn of the loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Resolves when nothing has been heard for so long, while nobody is waited for; or when stopped. */
export async function silence(waitMs: number, stop: Stop, waitsFor: () => unknown): Promise<void> {
  do await delay(waitMs, stop)
  while (stop.reason === undefined && waitsFor() !== undefined)
}
