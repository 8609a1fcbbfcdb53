// A lock between processes: a file that names its owner. Owners are killed at any moment, so what a dead one has left is
// taken over at once, and what nobody has touched for long, too: its number may belong to another process by now.
// protocol.md G.1 row 28, G.9.
import { randomUUID } from 'node:crypto'
import { closeSync, openSync, readFileSync, statSync, unlinkSync, utimesSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Stop } from '../../remote/stop.ts'
import { delay } from '../../remote/time.ts'
import { cannotBeKept, codeOf } from './store-errors.ts'

export interface LockTimes {
  /** How often is looked whether the lock is free. */
  readonly pollMs: number
  /** How often the owner touches its file. */
  readonly touchMs: number
  /** A file that has not been touched for so long … */
  readonly staleMs: number
  /** … and is not while it is watched for so long has no owner. The watching counts no sleep of the machine. */
  readonly watchMs: number
}

const USUAL_TIMES: LockTimes = { pollMs: 75, touchMs: 3000, staleMs: 30_000, watchMs: 10_000 }
/** Who removes an abandoned lock is done within one turn of the loop, or dead. */
const REMOVAL_MS = 30_000
/** For so many looks Windows may refuse a name whose file is being deleted; then it refuses the folder. */
const MOST_REFUSALS = 60

interface Owner {
  readonly pid: number
  /** When its process began, in wall clock milliseconds: containers give the same number again and again. */
  readonly startedAt: number
  /** Numbers of processes mean nothing on another machine or in another container. */
  readonly host: string
  readonly nonce: string
}

const US = { pid: process.pid, startedAt: Math.round(performance.timeOrigin), host: hostname() }

export interface Lock {
  readonly file: string
  /** Ends the waiting for it, not the work. */
  readonly stop: Stop
  readonly times?: LockTimes
}

/** Runs the work while nobody else holds the lock. Rejects with the reason of the stop if that comes first. */
export async function withLock<T>(lock: Lock, work: () => Promise<T>): Promise<T> {
  const { file, times = USUAL_TIMES } = lock
  const nonce = randomUUID()
  await take({ ...lock, times }, nonce)
  const touching = setInterval(() => touch(file, nonce), times.touchMs)
  touching.unref()
  try {
    return await work()
  } finally {
    clearInterval(touching)
    release(file, nonce)
  }
}

async function take({ file, stop, times }: Required<Lock>, nonce: string): Promise<void> {
  const watch = createWatch(times)
  for (let refusals = 0; ; ) {
    if (stop.reason !== undefined) throw stop.reason
    const outcome = tryToCreate(file, nonce)
    if (outcome === 'created') return
    if (outcome === 'refused' && ++refusals > MOST_REFUSALS) throw cannotBeKept('EPERM')
    if (outcome === 'taken' && isAbandoned(file, watch)) continue
    await delay(times.pollMs, stop)
  }
}

/** Name and owner come in one turn of the loop: a file without an owner is one that was killed between two calls. */
function tryToCreate(file: string, nonce: string): 'created' | 'taken' | 'refused' {
  try {
    const descriptor = openSync(file, 'wx', 0o600)
    try {
      writeSync(descriptor, JSON.stringify({ ...US, nonce }))
    } catch (thrown) {
      // On a full disk: a lock without an owner would be waited for.
      quietly(() => unlinkSync(file))
      throw thrown
    } finally {
      closeSync(descriptor)
    }
    return 'created'
  } catch (thrown) {
    const code = codeOf(thrown)
    if (code === 'EEXIST') return 'taken'
    if (process.platform === 'win32' && /^E(?:PERM|ACCES|BUSY)$/.test(code)) return 'refused'
    throw cannotBeKept(code)
  }
}

/** Whether the lock was without an owner and is removed now. */
function isAbandoned(file: string, watch: Watch): boolean {
  const owner = readOwner(file)
  if (owner === 'free') return true
  if (owner !== 'unknown' && isDead(owner)) return remove(file, owner.nonce)
  return watch.isStale(file, owner) && remove(file, owner === 'unknown' ? '' : owner.nonce)
}

/**
 * Of those who find it abandoned at the same time only one may remove it: the second would remove the lock of the first.
 * It is the one that makes the file that is named for this very owner.
 */
function remove(file: string, nonce: string): boolean {
  const right = `${file}.${nonce || 'nobody'}`
  try {
    closeSync(openSync(right, 'wx', 0o600))
  } catch {
    if (ageMs(right) > REMOVAL_MS) quietly(() => unlinkSync(right))
    return false
  }
  try {
    const owner = readOwner(file)
    const isStillTheirs = owner === 'unknown' ? nonce === '' : owner !== 'free' && owner.nonce === nonce
    if (isStillTheirs) quietly(() => unlinkSync(file))
    return isStillTheirs
  } finally {
    quietly(() => unlinkSync(right))
  }
}

function isDead({ pid, startedAt, host }: Owner): boolean {
  if (host !== US.host) return false
  if (pid === US.pid) return startedAt !== US.startedAt
  try {
    process.kill(pid, 0)
    return false
  } catch (thrown) {
    return codeOf(thrown) === 'ESRCH'
  }
}

interface Watch {
  /** Whether nobody touches the file any more. To be asked at each look. */
  isStale(file: string, owner: Owner | 'unknown'): boolean
}

function createWatch({ pollMs, staleMs, watchMs }: LockTimes): Watch {
  let seen = ''
  let looks = 0
  return {
    isStale(file, owner) {
      const touchedAt = touchTime(file)
      const now = `${owner === 'unknown' ? '' : owner.nonce} ${touchedAt}`
      looks = now === seen ? looks + 1 : 0
      seen = now
      return touchedAt !== undefined && Date.now() - touchedAt > staleMs && looks * pollMs >= watchMs
    },
  }
}

/** `unknown`: it does not say. */
function readOwner(file: string): Owner | 'unknown' | 'free' {
  try {
    const owner: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isOwner(owner) ? owner : 'unknown'
  } catch (thrown) {
    return codeOf(thrown) === 'ENOENT' ? 'free' : 'unknown'
  }
}

function isOwner(value: unknown): value is Owner {
  if (typeof value !== 'object' || value === null) return false
  const { pid, startedAt, host, nonce } = value as { [name in keyof Owner]?: unknown }
  return (
    Number.isSafeInteger(pid) &&
    (pid as number) > 0 &&
    typeof startedAt === 'number' &&
    typeof host === 'string' &&
    typeof nonce === 'string' &&
    /^[0-9a-f-]{36}$/.test(nonce)
  )
}

function isOurs(file: string, nonce: string): boolean {
  const owner = readOwner(file)
  return typeof owner === 'object' && owner.nonce === nonce
}

function touch(file: string, nonce: string): void {
  const now = Date.now() / 1000
  if (isOurs(file, nonce)) quietly(() => utimesSync(file, now, now))
}

function release(file: string, nonce: string): void {
  if (isOurs(file, nonce)) quietly(() => unlinkSync(file))
}

function touchTime(file: string): number | undefined {
  try {
    return statSync(file).mtimeMs
  } catch {
    return undefined
  }
}

function ageMs(file: string): number {
  return Date.now() - (touchTime(file) ?? Date.now())
}

/** What cannot be removed or touched, the next one finds stale. */
function quietly(act: () => void): void {
  try {
    act()
  } catch {}
}
