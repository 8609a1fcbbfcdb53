// The last InitializeResult of each remote, remembered on disk, for the provisional answer when the remote does not
// come in time. Loaded only when a handshake is recalled or remembered. Nothing here may cost the bridge anything:
// what cannot be read counts as not there, what cannot be written is told and forgotten. It goes without node:crypto and
// node:fs/promises, which would take a megabyte of a bridge that is idle from then on. protocol.md 0.12, F.5.
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder, quickCacheFolder, shortHash } from '../paths.ts'
import { eraFile, type RememberedEra, readEra, writeEra } from './era-file.ts'

export interface Handshake {
  /** The `result` of the answer to `initialize`, as the remote wrote it. */
  readonly result: string
  /** Wall clock in milliseconds. */
  readonly learnedAt: number
}

/** Where handshakes are kept. */
export interface HandshakeStore {
  readonly folder: string
  /** Told what could not be done; the text holds no path. */
  readonly onFailure?: (text: string) => void
}

const DAY_MS = 24 * 60 * 60 * 1000
const LONGEST_AGE_MS = 30 * DAY_MS
const RESULT_LIMIT_BYTES = 256 * 1024
/** A result inside JSON: each quote and line end takes two bytes there. */
const FILE_LIMIT_BYTES = 2 * RESULT_LIMIT_BYTES + 1024
const MOST_FILES = 100
/** A file under this name is still being written, or whoever wrote it was killed. */
const UNFINISHED = /^(?:[0-9a-f]{16,64}\.json|[0-9a-f]{8})\.[0-9a-z-]{8,36}$/
const FINISHED = /^(?:[0-9a-f]{16,64}\.json|[0-9a-f]{8})$/
const UNFINISHED_AGE_MS = 60 * 60 * 1000

/** The folder of the handshakes; undefined where the system knows no place for it. */
export async function handshakeFolder(
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  try {
    return join(quickCacheFolder(env, process.platform) ?? (await cacheFolder(env)), 'handshakes')
  } catch {
    return undefined
  }
}

/**
 * The name of what is known of this endpoint with these headers. Both may hold secrets, which hashes as short as these do not;
 * they are long enough to tell the endpoints of one user apart.
 */
export function handshakeKey(
  url: URL,
  headers: readonly { readonly name: string; readonly value: string }[],
): string {
  const sorted = headers.map(({ name, value }) => JSON.stringify([name.toLowerCase(), value])).sort()
  return shortHash(url.href) + shortHash(JSON.stringify(sorted))
}

/** What was remembered under this key within the last 30 days. Never rejects. */
export async function recallHandshake(
  { folder, onFailure }: HandshakeStore,
  key: string,
  now: number = Date.now(),
): Promise<Handshake | undefined> {
  const handshake = await load(fileOf(folder, key)).catch((thrown: unknown) => {
    onFailure?.(`the remembered handshake cannot be read (${reason(thrown)})`)
    return undefined
  })
  // A clock that was wrong may have written a time that is still to come.
  if (handshake === undefined || Math.abs(now - handshake.learnedAt) > LONGEST_AGE_MS) return undefined
  return handshake
}

/** Keeps the handshake; writes only what is new, and the time once a day. Never rejects. */
export async function rememberHandshake(
  { folder, onFailure }: HandshakeStore,
  key: string,
  handshake: Handshake,
): Promise<void> {
  try {
    if (Buffer.byteLength(handshake.result) > RESULT_LIMIT_BYTES) {
      // What is remembered from before is no longer what the remote says.
      await rm(fileOf(folder, key), { force: true })
      onFailure?.(`the handshake is over ${RESULT_LIMIT_BYTES} bytes and is not remembered`)
      return
    }
    const before = await load(fileOf(folder, key)).catch(() => undefined)
    const isKnown = before?.result === handshake.result
    if (isKnown && Math.abs(handshake.learnedAt - before.learnedAt) < DAY_MS) return
    await makePrivate(folder)
    const { learnedAt, result } = handshake
    await save(fileOf(folder, key), JSON.stringify({ learnedAt, result }))
    await prune(folder)
  } catch (thrown) {
    onFailure?.(`the handshake cannot be remembered (${reason(thrown)})`)
  }
}

/** Keeps which era and transport the remote speaks; writes only what is new, and the time once a day. Never rejects. */
export async function rememberEra(
  { folder, onFailure }: HandshakeStore,
  url: URL,
  remembered: RememberedEra,
): Promise<void> {
  try {
    const file = eraFile(dirname(folder), url)
    const before = readEra(await readFile(file, 'latin1').catch(() => ''), remembered.learnedAt)
    const isKnown = before?.era === remembered.era && before.transport === remembered.transport
    if (isKnown && remembered.learnedAt - before.learnedAt < DAY_MS / 2) return
    await makePrivate(dirname(file))
    await save(file, writeEra(remembered))
    await prune(dirname(file))
  } catch (thrown) {
    onFailure?.(`the era of the remote cannot be remembered (${reason(thrown)})`)
  }
}

const [chmod, mkdir, readdir] = [promisify(fs.chmod), promisify(fs.mkdir), promisify(fs.readdir)]
const [readFile, writeFile] = [promisify(fs.readFile), promisify(fs.writeFile)]
const [rename, rm, stat] = [promisify(fs.rename), promisify(fs.rm), promisify(fs.stat)]

function fileOf(folder: string, key: string): string {
  return join(folder, `${key}.json`)
}

/** Undefined if there is none; throws if it cannot be read or is damaged. */
async function load(file: string): Promise<Handshake | undefined> {
  const size = await stat(file).then(
    (known) => (known.isFile() ? known.size : Number.POSITIVE_INFINITY),
    isMissing,
  )
  if (size === undefined) return undefined
  if (size > FILE_LIMIT_BYTES) throw new RangeError('too large')
  const text = await readFile(file, 'utf8')
  const { result, learnedAt } = asFields(JSON.parse(text))
  if (typeof result !== 'string' || typeof learnedAt !== 'number' || !Number.isFinite(learnedAt))
    throw new TypeError('not a handshake')
  asFields(JSON.parse(result))
  return { result, learnedAt }
}

function asFields(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new TypeError('not an object')
  return value as Readonly<Record<string, unknown>>
}

function isMissing(thrown: unknown): undefined {
  if ((thrown as { code?: unknown }).code !== 'ENOENT') throw thrown
}

/** What a remote says of itself is for its user alone; a folder that others could read or write is closed to them. */
async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (((await stat(folder)).mode & 0o077) !== 0) await chmod(folder, 0o700)
}

/** Whole or not at all: who reads meanwhile sees the old or the new one. */
async function save(file: string, text: string): Promise<void> {
  const unfinished = `${file}.${process.pid}-${Math.random().toString(36).slice(2, 12).padEnd(8, '0')}`
  try {
    await writeFile(unfinished, text, { flag: 'wx', mode: 0o600 })
    await rename(unfinished, file)
  } catch (thrown) {
    await rm(unfinished, { force: true }).catch(() => {})
    throw thrown
  }
}

/** Leaves the newest handshakes, and nothing that a killed process left behind. */
async function prune(folder: string): Promise<void> {
  const names = await readdir(folder)
  const unfinished = await withAge(
    folder,
    names.filter((name) => UNFINISHED.test(name)),
  )
  const finished = names.filter((name) => FINISHED.test(name))
  const tooMany = finished.length > MOST_FILES ? await withAge(folder, finished) : []
  const old = [
    ...unfinished.filter(({ writtenAt }) => Date.now() - writtenAt > UNFINISHED_AGE_MS),
    ...tooMany.sort((a, b) => b.writtenAt - a.writtenAt).slice(MOST_FILES),
  ]
  await Promise.all(old.map(({ file }) => rm(file, { force: true })))
}

function withAge(folder: string, names: readonly string[]): Promise<{ file: string; writtenAt: number }[]> {
  return Promise.all(
    names.map(async (name) => {
      const file = join(folder, name)
      // Another process may have pruned it.
      const writtenAt = await stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      )
      return { file, writtenAt }
    }),
  )
}

/** Why, without the path, which may name a person. */
function reason(thrown: unknown): string {
  const { code } = thrown as { code?: unknown }
  return typeof code === 'string' ? code : 'it is damaged'
}
