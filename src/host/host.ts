// The stdio side: stdin → Envelopes. Each line is read once; what is no message is answered here and goes no
// further. Steps 1 and 2 of the path. protocol.md 0.3, A.8.

import { isUtf8 } from 'node:buffer'
import type { Readable } from 'node:stream'
import type { Sink } from '../lane.ts'
import { type Log, TRACE_BYTES } from '../log.ts'
import { type Envelope, type Id, type Reading, read, readId, textOf } from '../message/envelope.ts'
import { createLines } from '../message/lines.ts'
import { readText } from '../message/long.ts'
import { CODE, type Refusal, refuse } from '../message/message.ts'
import { peek, readString, type Shape } from '../message/peek.ts'
import { beginningOf, isJoined, joined, type Text } from '../message/text.ts'
import { decode } from '../message/utf8.ts'
import type { Intake } from './ledger.ts'
import { wellFormed } from './writer.ts'

export interface HostSettings {
  readonly input: Readable
  readonly log: Log
  readonly lineLimitBytes: number
  /** Where messages go. */
  readonly toRemote: Sink
  /** Where refusals of what is no message go: past the ledger, because nothing was noted in it. */
  readonly refuse: Sink
  readonly intake: Intake
}

/**
 * While too much is under way a piece of the input is read so often all the same: it may hold a cancellation, or the
 * answer that the remote needs to go on.
 */
const TRICKLE_MS = 1000

/** Reads `input` until it ends; the promise resolves then. Errors of the input count as its end. */
export function readHost(settings: HostSettings): Promise<void> {
  const { input, log, lineLimitBytes, toRemote, intake } = settings

  function deny(id: Id | undefined, code: number, message: string): void {
    const refusal: Refusal = {
      code,
      message: `mcp-ferry: ${message}`,
      data: { origin: 'mcp-ferry', kind: 'protocol' },
    }
    settings.refuse(refuse(id, refusal))
  }

  function take(reading: Reading): void {
    switch (reading.kind) {
      case 'message':
        return takeMessage(reading.envelope)
      case 'batch':
        return takeBatch(reading.elements.map(read))
      case 'not-json':
        return deny(undefined, CODE.parse, 'a line on stdin is not JSON')
      case 'not-a-message':
        return deny(reading.id, CODE.invalidRequest, 'a line on stdin is not a JSON-RPC 2.0 message')
    }
  }

  function takeMessage(envelope: Envelope): void {
    if (envelope.kind === 'response' && envelope.id === undefined) {
      return deny(undefined, CODE.invalidRequest, 'an answer on stdin has no id')
    }
    log.trace?.(decode(beginningOf(textOf(envelope), TRACE_BYTES)), { from: 'host' })
    toRemote(envelope)
  }

  function takeBatch(readings: readonly Reading[]): void {
    if (readings.length === 0) return deny(undefined, CODE.invalidRequest, 'an empty batch was sent')
    const opens = readings.some(
      (reading) => reading.kind === 'message' && reading.envelope.method === 'initialize',
    )
    for (const reading of readings) {
      if (!opens || reading.kind !== 'message')
        take(reading.kind === 'batch' ? { kind: 'not-a-message' } : reading)
      else if (reading.envelope.kind === 'request') {
        deny(reading.envelope.id, CODE.invalidRequest, 'initialize must not be part of a batch')
      }
    }
  }

  function takeTooLong(prefix: Uint8Array, tail: Uint8Array, sizeBytes: number): void {
    const peeked = peek(prefix)
    const shape: Shape = 'shape' in peeked ? peeked.shape : {}
    const id = readId(prefix, shape.id) ?? idInTail(tail)
    const text = `a line of ${sizeBytes} bytes is over the limit of ${lineLimitBytes}; raise --max-line`
    log.warn(text)
    // Without an id it is a notification, as far as can be seen.
    if (id === undefined) return
    if (!isAnswer(prefix, shape)) return deny(id, CODE.invalidRequest, text)
    // The id is the remote's, and the remote waits for it.
    toRemote(refuse(id, { code: CODE.internal, message: `mcp-ferry: ${text}` }))
  }

  const lines = createLines(lineLimitBytes, {
    line: (text) => take(readText(asUtf8(text))),
    tooLong: takeTooLong,
  })
  return new Promise((resolve) => {
    const end = (): void => {
      lines.end()
      resolve()
    }
    let trickle: NodeJS.Timeout | undefined
    const go = (): void => {
      clearTimeout(trickle)
      input.resume()
    }
    intake.onRoom(go)
    input.on('data', (chunk: Buffer) => {
      lines.push(chunk)
      if (!intake.isFull) return
      input.pause()
      trickle = setTimeout(go, TRICKLE_MS)
    })
    input.once('end', end)
    input.once('close', end)
    input.on('error', end)
  })
}

/** Bytes that are no UTF-8 are read as such all the same, each wrong one as U+FFFD (protocol.md 0.3). */
function asUtf8(text: Text): Text {
  if (!isJoined(text)) return text.every((piece) => isUtf8(piece)) ? text : asUtf8(joined(text))
  return wellFormed(text)
}

// SDK hosts write {"method":…,"params":…,"jsonrpc":"2.0","id":7}: the id of a cut line stands at its end.
const ID_AT_END =
  /[,{]\s*"id"\s*:\s*(-?[0-9][0-9.eE+-]*|"(?:[^"\\]|\\.)*")\s*(?:,\s*"(?:jsonrpc|method)"\s*:\s*"[^"\\]*"\s*)*\}\s*$/

function idInTail(tail: Uint8Array): Id | undefined {
  const raw = ID_AT_END.exec(decode(tail))?.[1]
  if (raw === undefined) return undefined
  const bytes = Buffer.from(raw)
  return readId(bytes, { start: 0, end: bytes.length })
}

/** Whether a long message is an answer of the host's. Where its result was cut, `shape` does not have it. */
function isAnswer(prefix: Uint8Array, shape: Shape): boolean {
  if (readString(prefix, shape.method) !== undefined) return false
  if (shape.result !== undefined || shape.error !== undefined) return true
  return /^\s*\{(?:\s*"(?:jsonrpc|id)"\s*:\s*(?:"(?:[^"\\]|\\.)*"|-?[0-9.eE+-]+)\s*,)*\s*"(?:result|error)"\s*:/.test(
    decode(prefix.subarray(0, 1024)),
  )
}
