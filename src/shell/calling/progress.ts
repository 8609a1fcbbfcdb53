// How far a call is, in one line of the terminal that is gone when the call is over.

import { shownLine } from '../foreign-text.ts'
import { fit } from '../wide-text.ts'

export interface Step {
  readonly progress: number
  readonly total?: number
  readonly message?: string
}

export interface Bar {
  step(step: Step): void
  /** Gone, until the next `show`: somebody else writes. Returns whether it was there. */
  hide(): boolean
  show(): void
}

export interface BarSettings {
  readonly output: { readonly columns?: number; write(text: string): unknown }
  readonly name: string
  readonly now?: () => number
}

const BETWEEN_MS = 100
const SECOND_MS = 1000
const CELLS = 24
/** Also of a terminal that does not know how wide it is. */
const USUAL_COLUMNS = 80
/** The cursor stays at the start of the line: what else is written there begins with it. */
const CLEAR = '\r\x1b[K'

export function createBar({ output, name, now = Date.now }: BarSettings): Bar {
  const startedAt = now()
  let last: Step | undefined
  let isHidden = false
  let isDrawn = false
  let drawnAt = -BETWEEN_MS
  let timer: NodeJS.Timeout | undefined = setTimeout(draw, SECOND_MS).unref()

  function draw(): void {
    clearTimeout(timer)
    if (isHidden) return
    drawnAt = now()
    isDrawn = true
    const line = lineOf(last, { name, seconds: Math.floor((drawnAt - startedAt) / SECOND_MS) })
    output.write(`${CLEAR}${fit(line, Math.max(10, (output.columns || USUAL_COLUMNS) - 1))}\r`)
    timer = setTimeout(draw, SECOND_MS).unref()
  }

  function hide(): boolean {
    const wasShown = !isHidden
    isHidden = true
    clearTimeout(timer)
    if (isDrawn) output.write(CLEAR)
    isDrawn = false
    return wasShown
  }

  return {
    step(step) {
      last = step
      if (isHidden) return
      const waitMs = drawnAt + BETWEEN_MS - now()
      clearTimeout(timer)
      if (waitMs <= 0) draw()
      else timer = setTimeout(draw, waitMs).unref()
    },
    hide,
    show() {
      if (!isHidden) return
      isHidden = false
      if (last === undefined) timer = setTimeout(draw, SECOND_MS).unref()
      else draw()
    },
  }
}

export function lineOf(
  step: Step | undefined,
  { name, seconds }: { readonly name: string; readonly seconds: number },
): string {
  const time = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const message = shownLine(step?.message ?? '') || shownLine(name)
  if (step === undefined) return `${message}  ${time}, Ctrl-C cancels`
  const { progress, total } = step
  if (total === undefined || !(total > 0)) return `${progress}  ${time}  ${message}`
  const share = Math.min(1, Math.max(0, progress / total))
  const full = Math.round(share * CELLS)
  const bar = `[${'#'.repeat(full)}${'-'.repeat(CELLS - full)}]`
  return `${bar} ${String(Math.floor(share * 100)).padStart(3)}%  ${time}  ${message}`
}
