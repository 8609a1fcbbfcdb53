// The bridge's end of one connection through the proxy: requests are read from it one by one, bytes are written to it,
// and it is closed in one of the ways in which connections close.
import type { Socket } from 'node:net'
import type { Ending } from './faults.ts'

export interface RawRequest {
  readonly method: string
  readonly path: string
  /** Name, value, name, value. */
  readonly headers: readonly string[]
  readonly head: Buffer
  readonly body: Buffer
  /** Whether it is not the first on its connection. */
  readonly isReused: boolean
  header(name: string): string | undefined
}

export interface Caller {
  readonly isGone: boolean
  write(bytes: Buffer | string): void
  /** The answer is complete; the next request may come. */
  finish(): void
  cut(ending: Ending): void
  /** Ends our side only. */
  halfClose(): void
  /** Called once, when the connection is over while this request is under way. */
  onGone: (() => void) | undefined
}

const HEAD_END = '\r\n\r\n'

export function receive(socket: Socket, serve: (request: RawRequest, caller: Caller) => void): void {
  let unread: Buffer = Buffer.alloc(0)
  let isBusy = false
  let served = 0
  const caller: Caller = {
    onGone: undefined,
    get isGone() {
      return socket.destroyed || socket.writableEnded
    },
    write: (bytes) => void (caller.isGone || socket.write(bytes)),
    finish() {
      caller.onGone = undefined
      isBusy = false
      next()
    },
    cut(ending) {
      if (ending === 'rst') socket.resetAndDestroy()
      // What was written before goes out first.
      else socket.end(() => socket.destroy())
    },
    halfClose: () => void socket.end(),
  }

  function next(): void {
    if (isBusy || caller.isGone) return
    const end = unread.indexOf(HEAD_END)
    if (end < 0) return
    const head = unread.subarray(0, end + HEAD_END.length)
    const request = readHead(head, served > 0)
    const length = head.length + Number(request.header('content-length') ?? 0)
    if (unread.length < length) return
    const body = unread.subarray(head.length, length)
    unread = unread.subarray(length)
    isBusy = true
    served++
    serve({ ...request, body }, caller)
  }

  socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk])
    next()
  })
  socket.on('end', () => socket.destroy())
  socket.on('close', () => {
    const { onGone } = caller
    caller.onGone = undefined
    onGone?.()
  })
}

function readHead(head: Buffer, isReused: boolean): Omit<RawRequest, 'body'> {
  const [first = '', ...rest] = head.toString('latin1').trimEnd().split('\r\n')
  const [method = '', path = ''] = first.split(' ')
  const headers = rest.flatMap((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
  const header = (name: string): string | undefined => {
    const at = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name)
    return at < 0 ? undefined : headers[at + 1]
  }
  return { method, path, headers, head, isReused, header }
}
