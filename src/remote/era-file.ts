// Which era and transport a remote spoke last, as a file of one line. Pure. protocol.md F.5.
import { join } from 'node:path'
import { shortHash } from '../paths.ts'

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
