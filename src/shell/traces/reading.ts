// A trace file → what is in it, run by run. A bridge may have been killed in the middle of a line, and others may have written
// between: what cannot be read is counted. The format is in stages/trace-record.ts.
import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { usage } from '../../errors.ts'
import { type Envelope, read, readId } from '../../message/envelope.ts'
import { createLines } from '../../message/lines.ts'
import { find, peek } from '../../message/peek.ts'
import { joined } from '../../message/text.ts'
import { decode, encode } from '../../message/utf8.ts'
import { nameFile } from '../../options/file-name.ts'
import { type Carried, TRACE_FORMAT, type TraceRecord } from '../../stages/trace-record.ts'

/** A message that stands in a trace. */
export interface Traced {
  readonly kind: 'request' | 'response' | 'notification'
  /** As it is written, and as it is compared. */
  readonly id?: { readonly raw: string; readonly key: string }
  readonly method?: string
  /** Of what it was, also where that has been cut. */
  readonly sizeBytes: number
  /** Absent where it is cut, or a secret has been taken out so that it is no JSON any more. */
  readonly envelope?: Envelope
}

export interface Entry {
  readonly record: TraceRecord
  readonly message?: Traced
}

export interface Run {
  readonly id: string
  readonly start?: Extract<TraceRecord, { kind: 'start' }> | undefined
  readonly entries: readonly Entry[]
}

export interface TraceFile {
  /** For sentences. */
  readonly name: string
  /** In the order in which they began. */
  readonly runs: readonly Run[]
  /** Lines that are no record. */
  readonly unreadable: number
}

const LONGEST_LINE = 64 * 1024 * 1024

/** `file`: a path, or a hyphen for stdin. Rejects with BridgeError `usage`. */
export async function readTraceFile(file: string, stdin: Readable): Promise<TraceFile> {
  const name = file === '-' ? 'what comes on stdin' : nameFile('the file', file)
  const runs = new Map<string, { id: string; start?: Run['start']; entries: Entry[] }>()
  let unreadable = 0
  let isEmpty = true
  const lines = createLines(LONGEST_LINE, {
    line(text) {
      isEmpty = false
      const entry = entryOf(joined(text))
      if (entry === undefined) {
        unreadable++
        return
      }
      const { record } = entry
      const run = runs.get(record.run) ?? { id: record.run, entries: [] }
      runs.set(record.run, run)
      if (record.kind === 'start') {
        checkFormat(record.trace, name)
        run.start ??= record
      } else run.entries.push(entry)
    },
    tooLong() {
      isEmpty = false
      unreadable++
    },
  })
  try {
    for await (const chunk of file === '-' ? stdin : createReadStream(file)) lines.push(bytesOf(chunk))
  } catch (thrown) {
    const code = (thrown as { code?: string }).code
    if (code === undefined) throw thrown
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
    throw usage('file-unreadable', `${name} ${why}; write the path of a file that --trace has made`)
  }
  lines.end()
  if (isEmpty) throw usage('no-trace', `${name} is empty; no bridge has written a trace into it yet`)
  if (runs.size === 0)
    throw usage('no-trace', `${name} is no trace; a trace is what a bridge writes with --trace <file>`)
  return { name, runs: [...runs.values()], unreadable }
}

function bytesOf(chunk: Buffer | string): Uint8Array {
  return typeof chunk === 'string' ? encode(chunk) : chunk
}

function checkFormat(format: number, name: string): void {
  if (format <= TRACE_FORMAT) return
  throw usage('no-trace', `${name} was written by a newer mcp-ferry; read it with that one`)
}

function entryOf(bytes: Uint8Array): Entry | undefined {
  const peeked = peek(bytes)
  if (peeked.kind !== 'object') return undefined
  const record = JSON.parse(decode(bytes)) as TraceRecord
  if (!isRecord(record)) return undefined
  const message = tracedOf(bytes, record)
  return { record, ...(message && { message }) }
}

/** Whether it has what is read of it: a file may have been changed by hand. */
function isRecord(record: TraceRecord): boolean {
  const { kind, run, ms, at } = record
  if (typeof run !== 'string' || typeof ms !== 'number' || typeof at !== 'string') return false
  switch (kind) {
    case 'start':
      // What a newer one wrote may have another shape, and is told as such.
      if (record.trace > TRACE_FORMAT) return true
      return [record.url, record.version].every(isText) && typeof record.trace === 'number'
    case 'message':
      return (record.dir === 'toRemote' || record.dir === 'toHost') && isCarried(record)
    case 'request':
      return isText(record.url) && isObject(record.headers) && isText(record.method) && isCarried(record)
    case 'response':
      return typeof record.status === 'number' && isObject(record.headers)
    case 'end':
      return typeof record.durationMs === 'number' && (record.error === undefined || isObject(record.error))
    case 'lost':
      return typeof record.records === 'number'
    default:
      return false
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function isKind(text: string): text is Traced['kind'] {
  return text === 'request' || text === 'response' || text === 'notification'
}

/** The same of what stands in the place of a message that is not whole. */
function isCarried({ rpc, cut = 0, text = '' }: Carried): boolean {
  const isTold = rpc === undefined || (isObject(rpc) && isText(rpc.method ?? ''))
  return isTold && isText(text) && typeof cut === 'number'
}

function tracedOf(bytes: Uint8Array, record: TraceRecord): Traced | undefined {
  if (!('message' in record || 'text' in record)) return undefined
  const span = find(bytes, { start: bytes.indexOf(OPEN_OBJECT), end: bytes.length }, 'message')
  if (span !== undefined) {
    // Copied, so that what was read with it can go.
    const reading = read(bytes.slice(span.start, span.end))
    if (reading.kind !== 'message') return undefined
    const { envelope } = reading
    const { kind, id, method } = envelope
    const sizeBytes = envelope.bytes.length
    return { kind, ...(id && { id }), ...(method !== undefined && { method }), sizeBytes, envelope }
  }
  const { rpc, cut, text = '' } = record as Carried
  if (rpc === undefined || !isKind(rpc.kind)) return undefined
  const raw = encode(String(rpc.id ?? ''))
  const id = raw.length === 0 ? undefined : readId(raw, { start: 0, end: raw.length })
  return {
    kind: rpc.kind,
    ...(id && { id }),
    ...(rpc.method !== undefined && { method: rpc.method }),
    sizeBytes: cut ?? encode(text).length,
  }
}

const OPEN_OBJECT = 0x7b
