// A short-lived host on the same bridge that an editor would have: what works here works in the editor. It sends and gets
// messages as text, so that numbers stay what they are; SDK clients read them into JavaScript's. architecture.md 3.
import type { Run } from '../bridge.ts'
import { BridgeError } from '../errors.ts'
import type { Envelope, Id } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { joinBridge } from './pipes.ts'
import { type Reply, refusedBy, replyOf } from './replies.ts'

/** A request under way. */
export interface Asked {
  readonly id: Id
  readonly reply: Promise<Reply>
  /** Tells the remote that the answer is not wanted any more. It may come all the same. */
  cancel(reason: string): void
}

export interface HostSettings {
  readonly run: Run
  /** Called with each notification, progress too. */
  readonly onNotification?: (notification: Envelope) => void
  /** Answers a question of the remote's: JSON of the result. What it rejects with is told to the remote as an error, with its `code`. */
  readonly onQuestion?: (question: Envelope) => Promise<string>
}

/** A host that has said nothing yet. */
export interface Host {
  /** `params`: JSON. */
  ask(method: string, params?: string): Asked
  tell(method: string, params?: string): void
  /** Reads nothing, so that the bridge reads less and less, until `resume`. */
  pause(): void
  resume(): void
  /** Ends its side; resolves when the bridge has ended. */
  close(): Promise<void>
}

export interface ClientSettings extends HostSettings {
  /** JSON of the capabilities; without a way to ask the person, `{}`. */
  readonly capabilities?: string
  readonly version: string
}

/** A host behind its handshake. */
export interface Client extends Host {
  /** The JSON of the InitializeResult. */
  readonly server: string
}

const METHOD_NOT_FOUND = -32601
const VERSION = '2025-11-25'
/** Nobody is there any more who could answer. */
export const OVER: Reply = { kind: 'failed', error: new BridgeError('shutdown', 'the bridge is closing') }

/** Starts the bridge. What is asked when it has ended is answered with OVER. */
export function createHost({ run, onNotification, onQuestion }: HostSettings): Host {
  const waiting = createIdTable<(reply: Reply) => void>()
  let lastId = 0
  let hasEnded = false
  const side = joinBridge(run, {
    take,
    onEnd() {
      hasEnded = true
      for (const give of waiting.values()) give(OVER)
    },
  })

  function take(envelope: Envelope): void {
    if (envelope.kind === 'notification') return onNotification?.(envelope)
    if (envelope.kind === 'request')
      return envelope.method === 'ping' ? respond(envelope, '"result":{}') : void answer(envelope)
    const give = envelope.id && waiting.get(envelope.id)
    if (give === undefined) return
    waiting.delete(envelope.id!)
    give(replyOf(envelope))
  }

  async function answer(question: Envelope): Promise<void> {
    const outcome = await (onQuestion?.(question) ?? Promise.reject(new Error('not supported'))).then(
      (result) => `"result":${result}`,
      (thrown: unknown) => {
        const message = thrown instanceof Error ? thrown.message : String(thrown)
        return `"error":${JSON.stringify({ code: codeOf(thrown), message })}`
      },
    )
    respond(question, outcome)
  }

  function respond({ id }: Envelope, outcome: string): void {
    side.send(`{"jsonrpc":"2.0","id":${id!.raw},${outcome}}`)
  }

  function tell(method: string, params?: string): void {
    const rest = params === undefined ? '' : `,"params":${params}`
    side.send(`{"jsonrpc":"2.0","method":${JSON.stringify(method)}${rest}}`)
  }

  return {
    ask(method, params) {
      const id: Id = { raw: String(++lastId), key: String(lastId) }
      const reply = hasEnded
        ? Promise.resolve(OVER)
        : new Promise<Reply>((resolve) => waiting.set(id, resolve))
      const rest = params === undefined ? '' : `,"params":${params}`
      side.send(`{"jsonrpc":"2.0","id":${id.raw},"method":${JSON.stringify(method)}${rest}}`)
      return {
        id,
        reply,
        cancel: (reason) =>
          tell('notifications/cancelled', `{"requestId":${id.raw},"reason":${JSON.stringify(reason)}}`),
      }
    },
    tell,
    pause: side.pause,
    resume: side.resume,
    close: side.close,
  }
}

/** Opens the session. Rejects with a BridgeError: what the bridge says, or `protocol` where the remote has refused. */
export async function openClient({
  version,
  capabilities = '{}',
  ...settings
}: ClientSettings): Promise<Client> {
  const host = createHost(settings)
  const info = JSON.stringify({ name: 'mcp-ferry', version })
  const opened = await host.ask(
    'initialize',
    `{"protocolVersion":"${VERSION}","capabilities":${capabilities},"clientInfo":${info}}`,
  ).reply
  if (opened.kind !== 'result') {
    await host.close()
    throw opened.kind === 'failed' ? opened.error : refusedBy('initialize', opened)
  }
  host.tell('notifications/initialized')
  return { ...host, server: opened.text }
}

function codeOf(thrown: unknown): number {
  const { code } = thrown as { readonly code?: unknown }
  return typeof code === 'number' ? code : METHOD_NOT_FOUND
}
