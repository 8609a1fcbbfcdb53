// One request on its way through the proxy: passed on to the remote, its answer written back to the bridge, both with
// what the plan has in store for it.
import { type Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Caller, RawRequest } from './caller.ts'
import type { Act, Form } from './faults.ts'
import { createForm, type Out } from './forms.ts'
import { parseRpc } from './instruction.ts'
import { between, type Random } from './random.ts'

export interface Passage {
  readonly request: RawRequest
  readonly caller: Caller
  /** Answered by a stream that has no end of its own. */
  readonly isStream: boolean
  readonly random: Random
  readonly remotePort: number
  readonly agent: Agent
  /** What happens to everybody, see proxy.ts. */
  readonly world: (event: (Act & { kind: 'world' })['event'], random: Random) => void
}

const STALL_MS = [1500, 3000] as const
const DELAY_MS = [20, 400] as const
const STREAM_LIFE_MS = [200, 4000] as const

/** Runs `act` on one request; without one it just passes. */
export function pass(passage: Passage, act: Act | undefined): void {
  const { caller, random } = passage
  switch (act?.kind) {
    case undefined:
      return forward(passage)
    case 'answer':
      return answer(passage, act)
    case 'cut-before':
      return caller.cut(act.ending)
    case 'cut-request':
      return cutRequest(passage, act.in)
    case 'world':
      passage.world(act.event, random)
      return caller.isGone ? undefined : forward(passage)
    case 'delay':
      if (act.what === 'answer') return forward(passage, { delayMs: between(random, ...DELAY_MS) })
      return later(caller, between(random, ...DELAY_MS), () => forward(passage))
    case 'stall':
      if (act.at !== 'before') return forward(passage, { stallAt: act.at })
      return later(caller, between(random, ...STALL_MS), () => caller.cut('fin'))
    case 'half-close':
      if (act.side === 'remote') return forward(passage, { halfCloses: true })
      caller.halfClose()
      return later(caller, 500, () => caller.cut('fin'))
    case 'answer-after':
      return forward(passage, { instead: act.status })
    case 'cut-answer':
      return forward(passage, { cut: act })
    case 'end-stream':
      return forward(passage, { ends: act.how, lifeMs: between(random, ...STREAM_LIFE_MS) })
    case 'form':
      return forward(passage, {
        form: passage.isStream && act.form === 'merged' ? 'pieces' : act.form,
      })
  }
}

function later(caller: Caller, ms: number, then: () => void): void {
  const timer = setTimeout(() => {
    caller.onGone = undefined
    then()
  }, ms)
  caller.onGone = () => clearTimeout(timer)
}

function answer(
  passage: Passage,
  { status, retryAfter, body: words = '', type: own }: Act & { kind: 'answer' },
): void {
  const { caller, request } = passage
  const body = words.replace('$ID', () => JSON.stringify(parseRpc(request.body.toString('utf8'))?.id ?? null))
  const wait = retryAfter === undefined ? '' : `Retry-After: ${retryAfter}\r\n`
  const type = own ?? (body === '' ? 'text/plain' : 'application/json')
  const length = Buffer.byteLength(body)
  caller.write(
    `HTTP/1.1 ${status} Chaos\r\nContent-Type: ${type}\r\n${wait}Content-Length: ${length}\r\n\r\n${body}`,
  )
  caller.finish()
}

/** The remote sees the beginning of a request, and then nobody. */
function cutRequest({ request, caller, random, remotePort }: Passage, where: 'head' | 'body'): void {
  const { head, body } = request
  const bytes = Buffer.concat([head, body])
  const from = where === 'head' ? 1 : head.length
  const upTo = where === 'head' ? head.length - 1 : bytes.length - 1
  const socket = connect(remotePort, '127.0.0.1')
  socket.on('error', () => caller.cut('rst'))
  socket.on('connect', () => {
    socket.end(bytes.subarray(0, between(random, Math.min(from, upTo), upTo)))
    socket.resume()
    caller.cut('rst')
  })
}

interface Twist {
  readonly delayMs?: number
  readonly stallAt?: 'start' | 'body'
  readonly halfCloses?: boolean
  readonly instead?: number
  readonly cut?: Act & { kind: 'cut-answer' }
  readonly ends?: (Act & { kind: 'end-stream' })['how']
  readonly lifeMs?: number
  readonly form?: Form
}

function forward(passage: Passage, twist: Twist = {}): void {
  const { request, caller, remotePort, agent } = passage
  const { method, path, headers, body } = request
  const outgoing = httpRequest({
    port: remotePort,
    host: '127.0.0.1',
    method,
    path,
    headers: [...headers],
    agent,
  })
  const abort = (): void => void outgoing.destroy()
  caller.onGone = twist.ends === 'keeps-remote' ? () => void setTimeout(abort, 3000) : abort
  let isAnswered = false
  outgoing.on('error', () => isAnswered || caller.cut('rst'))
  outgoing.on('response', (incoming) => {
    incoming.on('error', () => {})
    if (twist.instead !== undefined) {
      incoming.resume()
      isAnswered = true
      caller.onGone = undefined
      return answer(passage, { kind: 'answer', status: twist.instead })
    }
    if (twist.delayMs === undefined) return deliver(passage, incoming, twist)
    setTimeout(() => deliver(passage, incoming, twist), twist.delayMs)
  })
  outgoing.end(body)
  if (twist.halfCloses === true) outgoing.on('finish', () => outgoing.socket?.end())
}

/** Writes the answer back in our own framing: the head, then each piece of the body, then the end. */
function deliver(passage: Passage, incoming: IncomingMessage, twist: Twist): void {
  const { caller } = passage
  if (caller.isGone) return
  const out = outFor(passage, twist)
  const length = incoming.headers['content-length']
  const isChunked = length === undefined && incoming.statusCode !== 204
  out.head(headOf(incoming, isChunked))
  incoming.on('data', (chunk: Buffer) => {
    if (!isChunked) return out.body(chunk)
    out.body(Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]))
  })
  incoming.on('end', () => out.end(isChunked ? '0\r\n\r\n' : ''))
  incoming.on('close', () => {
    if (!incoming.complete) caller.cut('rst')
  })
  const { ends, lifeMs } = twist
  if (ends === undefined) return
  const timer = setTimeout(() => endStream(caller, out, ends, isChunked), lifeMs)
  incoming.on('close', () => clearTimeout(timer))
}

function endStream(caller: Caller, out: Out, how: NonNullable<Twist['ends']>, isChunked: boolean): void {
  if (how === 'rst') return caller.cut('rst')
  if (how === 'in-event' && isChunked) out.body(Buffer.from('d\r\ndata: {"jsonr\r\n'))
  if (how === 'clean' && isChunked) caller.write('0\r\n\r\n')
  caller.cut('fin')
}

function outFor({ caller, random }: Passage, { cut, stallAt, form }: Twist): Out {
  const plain: Out = {
    head: (bytes) => caller.write(bytes),
    body: (bytes) => caller.write(bytes),
    end(tail) {
      if (tail !== '') caller.write(tail)
      caller.finish()
    },
  }
  if (form !== undefined) return createForm(form, plain, caller, random)
  if (cut !== undefined) return cutting(plain, cut.in, random, () => caller.cut(cut.ending))
  if (stallAt === undefined) return plain
  const ms = between(random, ...STALL_MS)
  return cutting(plain, stallAt, random, () => setTimeout(() => caller.cut('fin'), ms))
}

/** Passes on up to a certain byte, then `stop`s and passes on nothing more. */
function cutting(
  plain: Out,
  where: 'start' | 'head' | 'body' | 'end',
  random: Random,
  stop: () => void,
): Out {
  if (where === 'end') {
    const end = (tail: string): void => {
      plain.end(tail)
      stop()
    }
    return { ...plain, end }
  }
  let left = between(random, 1, 300)
  let kept: Buffer = Buffer.alloc(0)
  let isOver = false
  const over = (): void => {
    if (!isOver) stop()
    isOver = true
  }
  return {
    head(bytes) {
      if (where === 'head') plain.head(bytes.subarray(0, between(random, 1, bytes.length - 1)))
      else if (where === 'body') plain.head(bytes)
      if (where !== 'body') over()
    },
    body(bytes) {
      if (isOver) return
      // The last byte of all must not come, and any may be the last.
      const all = Buffer.concat([kept, bytes])
      const part = all.subarray(0, Math.min(left, all.length - 1))
      plain.body(part)
      kept = all.subarray(part.length)
      left -= part.length
      if (left <= 0) over()
    },
    end: over,
  }
}

const OURS = new Set(['connection', 'keep-alive', 'transfer-encoding', 'date'])

function headOf(incoming: IncomingMessage, isChunked: boolean): Buffer {
  const lines = [`HTTP/1.1 ${incoming.statusCode} ${incoming.statusMessage}`]
  for (let at = 0; at < incoming.rawHeaders.length; at += 2)
    if (!OURS.has(incoming.rawHeaders[at]!.toLowerCase()))
      lines.push(`${incoming.rawHeaders[at]}: ${incoming.rawHeaders[at + 1]}`)
  if (isChunked) lines.push('Transfer-Encoding: chunked')
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`)
}
