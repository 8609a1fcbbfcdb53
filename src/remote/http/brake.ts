// What stops the bodies of responses while the host does not keep up, whoever reads them. protocol.md 0.13.
import type { Flow } from '../../lane.ts'

interface Pausable {
  pause(): unknown
  resume(): unknown
}

/** Stops the bodies that come while the host does not keep up. */
export interface Brake {
  /** To be called when a body has been opened, and after each of its chunks. */
  heed(body: Pausable): void
}

export function createBrake(flow: Flow): Brake {
  let paused: Pausable[] = []
  flow.onChange((isPaused) => {
    if (isPaused) return
    const bodies = paused
    paused = []
    for (const body of bodies) body.resume()
  })
  return {
    heed(body) {
      if (!flow.isPaused) return
      body.pause()
      paused.push(body)
    },
  }
}
