// Which era and transport a remote spoke last, as a file of one line: looked for at each start, beside everything else, as
// it decides what is sent first. It changes the order of what is tried and nothing else. protocol.md F.5.
import { existsSync, readFile } from 'node:fs'
import { join } from 'node:path'
import { quickCacheFolder, shortHash } from '../paths.ts'

export interface RememberedEra {
  readonly era: 'legacy' | 'modern'
  readonly transport?: 'http+sse'
  /** Wall clock in milliseconds. */
  readonly learnedAt: number
}

const DAY_MS = 24 * 60 * 60 * 1000
/** A modern verdict that has grown stale fails aloud; a legacy one would go unnoticed, so it is asked anew each day. */
const LONGEST_AGE_MS = { modern: 7 * DAY_MS, legacy: DAY_MS }

/** The file for this endpoint, in the cache folder. The name is a short hash: the URL may hold secrets. */
export function eraFile(folder: string, url: URL): string {
  return join(folder, 'eras', shortHash(url.href))
}

/** What is remembered, if it is fresh. Rejects or resolves; undefined where nothing of use is there. */
export async function recallEra(
  url: URL,
  {
    env,
    platform,
  }: { readonly env: Readonly<Record<string, string | undefined>>; readonly platform: string },
  now: number = Date.now(),
): Promise<RememberedEra | undefined> {
  const folder = quickCacheFolder(env, platform)
  if (folder === undefined) return undefined
  const file = eraFile(folder, url)
  // Of most remotes nothing is remembered, and to ask in another thread costs a start half a millisecond (bench: start).
  if (!existsSync(file)) return undefined
  return new Promise((resolve) => {
    readFile(file, 'latin1', (failure, text) => resolve(failure === null ? readEra(text, now) : undefined))
  })
}

/** A line such as `modern 1764230000000` or `legacy 1764230000000 http+sse`. */
export function readEra(text: string, now: number): RememberedEra | undefined {
  const [, era, time, transport] = /^(modern|legacy) (\d{1,16})( http\+sse)?\n$/.exec(text) ?? []
  if (era !== 'modern' && era !== 'legacy') return undefined
  const learnedAt = Number(time)
  // A clock that was wrong may have written a time that is still to come.
  if (Math.abs(now - learnedAt) > LONGEST_AGE_MS[era]) return undefined
  return { era, learnedAt, ...(transport !== undefined && { transport: 'http+sse' as const }) }
}

export function writeEra({ era, learnedAt, transport }: RememberedEra): string {
  return `${era} ${learnedAt}${transport === undefined ? '' : ` ${transport}`}\n`
}
