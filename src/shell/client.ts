// A short-lived host on the same bridge that an editor would have: what works here works in the editor. It sends and gets
// messages as text, so that numbers stay what they are; SDK clients read them into JavaScript's. architecture.md 3.
import { PassThrough } from 'node:stream'
import type { Run } from '../bridge.ts'
import { BridgeError, type ErrorKind } from '../errors.ts'
import { type Envelope, type Id, read } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { createLines } from '../message/lines.ts'
import { errorCode } from '../message/message.ts'
import { find, readString, type Span } from '../message/peek.ts'
import { decode } from '../message/utf8.ts'

/** How a request ended. `text` is JSON, as it came. */
export type Reply =
  | { readonly kind: 'result'; readonly text: string }
  /** The remote has answered with a JSON-RPC error. `data`: JSON. */
  | { readonly kind: 'refused'; readonly code: number; readonly message: string; readonly data?: string }
  /** The bridge has: the remote was not reached, or said nothing. */
  | { readonly kind: 'failed'; readonly error: BridgeError }

/** A request under way. */
export interface Asked {
  readonly id: Id
  readonly reply: Promise<Reply>
  /** Tells the remote that the answer is not wanted any more. It may come all the same. */
  cancel(reason: string): void
}

export interface ClientSettings {
  readonly run: Run
  /** JSON of the capabilities; without a way to ask the person, `{}`. */
  readonly capabilities?: string
  readonly version: string
  /** Called with each notification, progress too. */
  readonly onNotification?: (notification: Envelope) => void
  /** Answers a question of the remote's: JSON of the result. What it rejects with is told to the remote as an error, with its `code`. */
  readonly onQuestion?: (question: Envelope) => Promise<string>
}

export interface Client {
  /** The JSON of the InitializeResult. */
  readonly server: string
  /** `params`: JSON. */
  ask(method: string, params?: string): Asked
  tell(method: string, params?: string): void
  /** Reads nothing, so that the bridge reads less and less, until `resume`. */
  pause(): void
  resume(): void
  /** Ends its side; resolves when the bridge has ended. */
  close(): Promise<void>
}

const LONGEST_LINE = 512 * 1024 * 1024
const METHOD_NOT_FOUND = -32601
const VERSION = '2025-11-25'
/** Nobody is there any more who could answer. */
const OVER: Reply = { kind: 'failed', error: new BridgeError('shutdown', 'the bridge is closing') }

/** Opens the session. Rejects with a BridgeError: what the bridge says, or `protocol` where the remote has refused. */
export async function openClient(settings: ClientSettings): Promise<Client> {
  const { run, version, capabilities = '{}' } = settings
  const toBridge = new PassThrough()
  const fromBridge = new PassThrough()
  const waiting = createIdTable<(reply: Reply) => void>()
  let lastId = 0
  let hasEnded = false
  const send = (text: string): void =>
    void (toBridge.writableEnded || toBridge.destroyed || toBridge.write(`${text}\n`))

  const lines = createLines(LONGEST_LINE, {
    line(bytes) {
      const reading = read(bytes)
      if (reading.kind === 'message') take(reading.envelope)
    },
    tooLong: () => {},
  })
  fromBridge.on('data', (chunk: Buffer) => lines.push(chunk))
  const ended = run(toBridge, () => fromBridge).then(() => {
    hasEnded = true
    for (const give of waiting.values()) give(OVER)
  })

  function take(envelope: Envelope): void {
    if (envelope.kind === 'notification') return settings.onNotification?.(envelope)
    if (envelope.kind === 'request')
      return envelope.method === 'ping' ? respond(envelope, '"result":{}') : void answer(envelope)
    const give = envelope.id && waiting.get(envelope.id)
    if (give === undefined) return
    waiting.delete(envelope.id!)
    give(replyOf(envelope))
  }

  async function answer(question: Envelope): Promise<void> {
    const outcome = await (
      settings.onQuestion?.(question) ?? Promise.reject(new Error('not supported'))
    ).then(
      (result) => `"result":${result}`,
      (thrown: unknown) => {
        const message = thrown instanceof Error ? thrown.message : String(thrown)
        return `"error":${JSON.stringify({ code: codeOf(thrown), message })}`
      },
    )
    respond(question, outcome)
  }

  function respond({ id }: Envelope, outcome: string): void {
    send(`{"jsonrpc":"2.0","id":${id!.raw},${outcome}}`)
  }

  function ask(method: string, params?: string): Asked {
    const id: Id = { raw: String(++lastId), key: String(lastId) }
    const reply = hasEnded ? Promise.resolve(OVER) : new Promise<Reply>((resolve) => waiting.set(id, resolve))
    const rest = params === undefined ? '' : `,"params":${params}`
    send(`{"jsonrpc":"2.0","id":${id.raw},"method":${JSON.stringify(method)}${rest}}`)
    return {
      id,
      reply,
      cancel: (reason) =>
        tell('notifications/cancelled', `{"requestId":${id.raw},"reason":${JSON.stringify(reason)}}`),
    }
  }

  function tell(method: string, params?: string): void {
    const rest = params === undefined ? '' : `,"params":${params}`
    send(`{"jsonrpc":"2.0","method":${JSON.stringify(method)}${rest}}`)
  }

  function close(): Promise<void> {
    toBridge.end()
    return ended
  }

  const info = JSON.stringify({ name: 'mcp-ferry', version })
  const opened = await ask(
    'initialize',
    `{"protocolVersion":"${VERSION}","capabilities":${capabilities},"clientInfo":${info}}`,
  ).reply
  if (opened.kind !== 'result') {
    await close()
    throw opened.kind === 'failed' ? opened.error : refusedBy('initialize', opened)
  }
  tell('notifications/initialized')
  return {
    server: opened.text,
    ask,
    tell,
    pause: () => void fromBridge.pause(),
    resume: () => void fromBridge.resume(),
    close,
  }
}

function codeOf(thrown: unknown): number {
  const { code } = thrown as { readonly code?: unknown }
  return typeof code === 'number' ? code : METHOD_NOT_FOUND
}

/** The error of the remote's own, for a sentence. */
export function refusedBy(
  method: string,
  { code, message }: Extract<Reply, { kind: 'refused' }>,
): BridgeError {
  return new BridgeError('protocol', `the server refuses ${method} (${code}: ${message})`)
}

function replyOf(answer: Envelope): Reply {
  const { bytes, shape } = answer
  const text = (span: Span): string => decode(bytes.subarray(span.start, span.end))
  if (shape.result !== undefined) return { kind: 'result', text: text(shape.result) }
  const at = (...path: string[]): Span | undefined => shape.error && find(bytes, shape.error, ...path)
  const string = (...path: string[]): string | undefined => {
    const span = at(...path)
    return span && readString(bytes, span)
  }
  const message = string('message') ?? 'no message'
  if (string('data', 'origin') === 'mcp-ferry') {
    const kind = (string('data', 'kind') ?? 'internal') as ErrorKind
    return { kind: 'failed', error: new BridgeError(kind, message.replace(/^mcp-ferry: /, '')) }
  }
  const data = at('data')
  return { kind: 'refused', code: errorCode(answer) ?? 0, message, ...(data && { data: text(data) }) }
}
