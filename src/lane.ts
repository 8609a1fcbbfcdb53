// The shape of the line: two neighbours, two directions, and how stages are strung between them.
// architecture.md 1 and 4. One direction word each way; nothing calls backwards.
import type { Envelope } from './message/envelope.ts'

export type Sink = (envelope: Envelope) => void

export interface Lane {
  readonly toRemote: Sink
  readonly toHost: Sink
}

/** Given its two neighbours, returns its own two entrances. */
export type Stage = (next: Lane) => Lane

/**
 * Strings stages between the ends; the first stage is nearest to the host. Returns the line's two entrances: what
 * the host calls to send to the remote, and what the remote calls to send to the host. No stages → the ends.
 */
export function compose(stages: readonly Stage[], ends: Lane): Lane {
  const entrances: Lane[] = []
  const last = stages.length - 1
  const toRemoteOf = (index: number): Sink =>
    index > last ? ends.toRemote : (envelope) => entrances[index]!.toRemote(envelope)
  const toHostOf = (index: number): Sink => (index < 0 ? ends.toHost : entrances[index]!.toHost)
  stages.forEach((stage, index) => {
    entrances.push(stage({ toRemote: toRemoteOf(index + 1), toHost: toHostOf(index - 1) }))
  })
  return { toRemote: toRemoteOf(0), toHost: toHostOf(last) }
}

/** Whether the host keeps up. The host side sets it; whoever reads from the remote obeys (protocol.md 0.13). */
export interface Flow {
  readonly isPaused: boolean
  set(paused: boolean): void
  /** Calls back at each change; returns how to stop that. */
  onChange(callback: (paused: boolean) => void): () => void
}

/** Makes a flow that is open. */
export function createFlow(): Flow {
  const callbacks = new Set<(paused: boolean) => void>()
  let isPaused = false
  return {
    get isPaused() {
      return isPaused
    },
    set(paused) {
      if (paused === isPaused) return
      isPaused = paused
      for (const callback of callbacks) callback(paused)
    },
    onChange(callback) {
      callbacks.add(callback)
      return () => callbacks.delete(callback)
    },
  }
}
