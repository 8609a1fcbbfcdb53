// Translates for a host of the legacy era that talks to a remote of the modern one: towards the host it is a legacy
// server, towards the remote a modern client. This file says who deals with which message. protocol.md D.
import type { Sink } from '../../lane.ts'
import type { Log } from '../../log.ts'
import { type Envelope, type Id, stringAt } from '../../message/envelope.ts'
import { createIdTable } from '../../message/id-table.ts'
import { answerEmpty, CODE, cancelledId, refuse } from '../../message/message.ts'
import { type Changes, rewrite } from '../../message/rewrite.ts'
import { listChanged } from '../changes.ts'
import { LOG_LEVELS, META } from '../era.ts'
import { isOwnError } from '../own-errors.ts'
import type { Discovered, Translation } from '../translation.ts'
import { clientMeta } from './client-meta.ts'
import { initializeAnswer, legacyVersion, offersOf } from './handshake.ts'
import { createInput } from './input.ts'
import { createLegs } from './legs.ts'
import { createListens } from './listens.ts'
import { progressToken } from './progress.ts'
import { createRelayedCall, type RelayedCall } from './relayed-call.ts'

export interface LegacyToModernSettings {
  /** The host's own. */
  readonly initialize: Envelope
  /** The remote has been asked already. */
  readonly discovered: Discovered
  /** Something stood in for the remote when it was not there: the host hears that the lists have changed instead. */
  readonly isAnswered: boolean
  /** The host has sent notifications/initialized already. */
  readonly isInitialized: boolean
  readonly toHost: Sink
  /** The modern remote. */
  readonly toRemote: Sink
  readonly log: Log
  /** The remote's host name. */
  readonly host: string
  /** Names of extensions that the bridge has, whatever the host has. */
  readonly ownExtensions: readonly string[]
  /** Asks the remote anew for what it is; undefined if there is no common version. */
  readonly rediscover: () => Promise<Discovered | undefined>
  /** A UUID. */
  readonly newId: () => string
}

export interface LegacyToModern extends Translation {
  readonly fromRemote: Sink
}

/** Of the host's; the modern era has no use for them, or no way to say them. */
const DROPPED: ReadonlySet<string> = new Set([
  'notifications/roots/list_changed',
  'notifications/progress',
  'notifications/tasks/status',
])
/** Of the remote's; the host knows nothing of what they are about. */
const UNHEARD: ReadonlySet<string> = new Set(['notifications/cancelled', 'notifications/tasks'])
const LOG_LEVEL = `${META}logLevel`

export function createLegacyToModern(settings: LegacyToModernSettings): LegacyToModern {
  const { initialize, toRemote, log, host, ownExtensions, rediscover, newId } = settings
  const calls = createIdTable<RelayedCall>()
  const tokens = createIdTable<RelayedCall>()
  let { discovered } = settings
  let offers = offersOf(discovered)
  let blob = clientMeta(initialize, discovered.version, ownExtensions)
  let logLevel: string | undefined
  let renegotiating: Promise<boolean> | undefined
  let isInitialized = false
  let isClosed = false

  const toHost: Sink = (envelope) => {
    if (!isClosed) settings.toHost(envelope)
  }
  const meta = (): Changes => ({ ...blob, [LOG_LEVEL]: logLevel })
  const legs = createLegs(toRemote, meta, log)
  const input = createInput(toHost)
  const listens = createListens({ legs, toHost, log, offers: () => offers })
  const asking = { initialize, version: legacyVersion(initialize), newId }

  function becomeInitialized(): void {
    if (isInitialized) return
    isInitialized = true
    if (settings.isAnswered) for (const kind of offers.lists) toHost(listChanged(kind))
    listens.begin()
  }

  function renegotiate(): Promise<boolean> {
    renegotiating ??= rediscover()
      .then((found) => {
        if (found === undefined) return false
        discovered = found
        offers = offersOf(found)
        blob = clientMeta(initialize, found.version, ownExtensions)
        return true
      })
      .finally(() => {
        renegotiating = undefined
      })
    return renegotiating
  }

  function relay(request: Envelope): void {
    const call = createRelayedCall({
      request,
      legs,
      meta,
      input,
      asking,
      toHost,
      log,
      renegotiate,
      onOver(over) {
        calls.delete(over.id)
        const token = over.progress?.token
        if (token !== undefined && tokens.get(token) === over) tokens.delete(token)
      },
    })
    calls.set(call.id, call)
    if (call.progress !== undefined) tokens.set(call.progress.token, call)
    call.begin()
  }

  function request(envelope: Envelope): void {
    const { id, method } = envelope as Envelope & { readonly id: Id; readonly method: string }
    switch (method) {
      case 'ping':
        return toHost(answerEmpty(id))
      case 'logging/setLevel':
        return setLevel(envelope, id)
      case 'resources/subscribe':
      case 'resources/unsubscribe':
        if (!offers.hasResourceUpdates) return toHost(unknown(id, method))
        return method === 'resources/subscribe' ? listens.subscribe(envelope) : listens.unsubscribe(envelope)
      default:
        // What a legacy host calls tasks is another thing, and it cannot listen by itself.
        if (method.startsWith('tasks/') || method === 'subscriptions/listen')
          return toHost(unknown(id, method))
        relay(envelope)
    }
  }

  function setLevel(envelope: Envelope, id: Id): void {
    if (!offers.hasLogging) return toHost(unknown(id, 'logging/setLevel'))
    const level = stringAt(envelope, 'params', 'level')
    if (level === undefined || !LOG_LEVELS.includes(level)) {
      const message = `mcp-ferry: params.level must be one of ${LOG_LEVELS.join(', ')}`
      return toHost(refuse(id, { code: CODE.invalidParams, message }))
    }
    logLevel = JSON.stringify(level)
    toHost(answerEmpty(id))
  }

  function cancel(envelope: Envelope): void {
    const id = cancelledId(envelope)
    if (id !== undefined && !listens.cancel(id)) calls.get(id)?.cancel()
  }

  function notify(envelope: Envelope): void {
    const { method = '' } = envelope
    if (method === 'notifications/initialized') becomeInitialized()
    else if (method === 'notifications/cancelled') cancel(envelope)
    else if (DROPPED.has(method)) log.debug(`dropped ${method}: the remote does not know it`)
    else {
      const version = JSON.stringify(discovered.version)
      toRemote(rewrite(envelope, { params: { _meta: { [`${META}protocolVersion`]: version } } }))
    }
  }

  function hear(message: Envelope): void {
    if (listens.take(message)) return
    const { method = '' } = message
    if (method === 'notifications/progress') {
      const token = progressToken(message)
      const call = token && tokens.get(token)
      if (call === undefined) log.debug('dropped progress of a request that is over')
      else call.progress?.pass(message)
    } else if (UNHEARD.has(method)) log.debug(`dropped ${method}: the host does not know what it is about`)
    else toHost(message)
  }

  if (!settings.isAnswered) toHost(initializeAnswer(initialize, discovered, host))
  if (settings.isInitialized) becomeInitialized()

  return {
    fromHost(envelope) {
      if (isClosed) return
      if (envelope.kind === 'request') request(envelope)
      else if (envelope.kind === 'notification') notify(envelope)
      else if (!input.take(envelope))
        log.debug('dropped an answer that nobody waits for', { id: envelope.id?.raw })
    },
    fromRemote(envelope) {
      if (isClosed) return
      if (envelope.kind === 'notification') return hear(envelope)
      if (envelope.kind === 'request')
        return log.warn(`dropped ${envelope.method}: a remote must not ask in this era`)
      legs.take(envelope)
      if (!isOwnError(envelope)) listens.remoteIsThere()
    },
    inputEnded: input.inputEnded,
    close() {
      for (const call of calls.values()) call.close()
      listens.close()
      isClosed = true
      legs.abortAll()
      return Promise.resolve()
    },
  }
}

function unknown(id: Id, method: string): Envelope {
  return refuse(id, {
    code: CODE.methodNotFound,
    message: `mcp-ferry: the server does not offer ${method}`,
  })
}
