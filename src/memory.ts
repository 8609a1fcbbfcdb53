// What is remembered of a remote from one start to the next: its last handshake, and the era it spoke. protocol.md 0.12, F.5.
import { after, type Memory } from './bridge.ts'
import type { EraHint } from './junction.ts'
import type { Log } from './log.ts'
import type { Options } from './options/options.ts'
import { recallEra } from './remote/era-recall.ts'

/** How long after the start its handshake is remembered. */
const REMEMBER_MS = 1000
/** How long a disk that hangs, as a network drive that is gone does, is waited for. */
const DISK_MS = 500
/** In so many parts, between which it is looked what the disk has: a process that stalls learns of all its timers first. */
const DISK_LOOKS = 10

/** What remotes have said at earlier starts lies on disk. Its module is loaded when it is first asked. */
export function createMemory(
  { url, headers }: Options,
  log: Log,
  { env, platform }: Pick<NodeJS.Process, 'env' | 'platform'>,
): Memory {
  const visit = async () => {
    const handshakes = await import('./remote/handshakes.ts')
    const folder = await handshakes.handshakeFolder(env)
    if (folder === undefined) return undefined
    const store = { folder, onFailure: (text: string): void => log.debug(text) }
    return { ...handshakes, store, key: handshakes.handshakeKey(url, headers) }
  }
  let handshake: string | undefined
  let era: EraHint | undefined
  const keep = async (): Promise<void> => {
    const at = await visit()
    const learnedAt = Date.now()
    if (handshake !== undefined)
      await at?.rememberHandshake(at.store, at.key, { result: handshake, learnedAt })
    if (era !== undefined) await at?.rememberEra(at.store, url, { ...era, learnedAt })
  }
  let isDue = false
  let writing: Promise<void> = Promise.resolve()
  let kept: Promise<unknown> = writing
  const flush = async (): Promise<void> => {
    if (isDue) {
      // However long a disk hangs: what was learned earlier must not be written last.
      writing = writing.then(keep, keep)
      kept = inTime(writing)
    }
    isDue = false
    await kept
  }
  const saveSoon = (): void => {
    // Not while the editor starts.
    isDue = true
    setTimeout(flush, REMEMBER_MS).unref()
  }
  const look = async (): Promise<string | undefined> => {
    const at = await visit()
    return at && (await at.recallHandshake(at.store, at.key))?.result
  }
  return {
    recall: () => inTime(look()),
    remember(result) {
      handshake = result
      saveSoon()
    },
    recallEra: () => inTime(recallEra(url, { env, platform })),
    rememberEra(hint) {
      // Which transport it was, is known to whoever has used it.
      era = era?.era === hint.era ? { ...era, ...hint } : hint
      saveSoon()
    },
    flush,
  }
}

/** Never rejects: the module is not there while the program is being updated. */
function inTime<T>(work: Promise<T>): Promise<T | undefined> {
  let isDone = false
  const done = work
    .catch(() => undefined)
    .finally(() => {
      isDone = true
    })
  const hangs = async (): Promise<undefined> => {
    for (let look = 0; look < DISK_LOOKS && !isDone; look++) await after(DISK_MS / DISK_LOOKS)
  }
  return Promise.race([done, hangs()])
}
