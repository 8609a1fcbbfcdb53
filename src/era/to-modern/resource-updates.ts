// The resources that a legacy host has subscribed to, on one stream of a modern remote: the host asks for them one by
// one, the remote is told all of them at once. protocol.md D.6, D.4.
import { BridgeError } from '../../errors.ts'
import type { Sink } from '../../lane.ts'
import type { Log } from '../../log.ts'
import { withId } from '../../message/edit.ts'
import { type Envelope, type Id, spanAt, stringAt } from '../../message/envelope.ts'
import { answerEmpty, CODE, notification, refusal, refuse } from '../../message/message.ts'
import { readString } from '../../message/peek.ts'
import { elementsOf } from '../../message/rewrite.ts'
import { RESOURCE_UPDATED } from '../changes.ts'
import { createKeptListen, type KeptListen } from './kept-listen.ts'
import { legacyError } from './legacy-answers.ts'
import type { Legs } from './legs.ts'

export interface ResourceUpdates {
  readonly listen: KeptListen
  subscribe(request: Envelope): void
  unsubscribe(request: Envelope): void
  /** The host does not wait for the answer to this subscription any more. Whether it did. */
  cancel(id: Id): boolean
  /** Whether the host is to hear of an update of this. */
  isWanted(uri: string | undefined): boolean
  close(): void
}

interface Waiting {
  readonly id: Id
  readonly uri: string
  /** The stream that is being opened has its resource in the filter. */
  isAsked: boolean
  readonly timer: ReturnType<typeof setTimeout>
}

/** Hosts subscribe to many resources in a row. */
const DEBOUNCE_MS = 50
/** How long what is asked for the host may take (0.9). */
const ANSWER_MS = 30_000

export function createResourceUpdates(settings: {
  readonly legs: Legs
  readonly toHost: Sink
  readonly log: Log
}): ResourceUpdates {
  const { legs, toHost, log } = settings
  const wanted = new Set<string>()
  /** What the remote has acknowledged. */
  const granted = new Set<string>()
  /** What it was asked for, and the host has given up since. */
  const unwanted = new Set<string>()
  const waiting: Waiting[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  const listen = createKeptListen({
    legs,
    log,
    filter() {
      for (const each of waiting) each.isAsked = wanted.has(each.uri)
      return wanted.size === 0 ? undefined : JSON.stringify({ resourceSubscriptions: [...wanted] })
    },
    onAcknowledged(acknowledgement, isLate) {
      grant(acknowledgement)
      for (const uri of unwanted) if (!granted.has(uri)) unwanted.delete(uri)
      for (const { id, uri } of asked()) {
        if (granted.has(uri)) toHost(answerEmpty(id))
        else {
          wanted.delete(uri)
          toHost(invalid(id, `subscription to ${uri} not accepted by the server`))
        }
      }
      if (!isLate) return
      for (const uri of granted)
        if (wanted.has(uri)) toHost(notification(RESOURCE_UPDATED, JSON.stringify({ uri })))
    },
    onRegranted: grant,
    onRefused(response) {
      for (const { id, uri } of asked()) {
        if (!granted.has(uri)) wanted.delete(uri)
        toHost(
          response.shape.error === undefined
            ? invalid(id, 'the server ended the subscription')
            : // No request of the host's own has been refused, and so none is looked at for its words.
              legacyError(withId(response, id), response),
        )
      }
    },
  })

  function grant(acknowledgement: Envelope): void {
    granted.clear()
    for (const uri of urisOf(acknowledgement)) granted.add(uri)
  }

  /** Those whose fate is decided now. */
  function asked(): Waiting[] {
    const decided = waiting.filter(({ isAsked }) => isAsked)
    for (const each of decided) drop(each)
    return decided
  }

  function drop(each: Waiting): void {
    clearTimeout(each.timer)
    waiting.splice(waiting.indexOf(each), 1)
  }

  /** The stream is tried for longer than a host wants to wait. */
  function late(each: Waiting): void {
    drop(each)
    if (!granted.has(each.uri)) wanted.delete(each.uri)
    if (each.isAsked) listen.giveUp()
    const text = `the remote did not answer resources/subscribe in ${ANSWER_MS / 1000} s`
    toHost(refusal(each.id, new BridgeError('timeout', text, { retryable: true, maybeDelivered: true })))
    refreshSoon()
  }

  function refreshSoon(): void {
    clearTimeout(timer)
    timer = setTimeout(listen.refresh, DEBOUNCE_MS)
  }

  return {
    listen,
    subscribe(request) {
      const uri = uriOf(request)
      if (uri === undefined) return toHost(invalid(request.id!, 'params.uri is missing'))
      unwanted.delete(uri)
      if (listen.isLive && wanted.has(uri) && granted.has(uri)) return toHost(answerEmpty(request.id!))
      wanted.add(uri)
      const each: Waiting = {
        id: request.id!,
        uri,
        isAsked: false,
        timer: setTimeout(() => late(each), ANSWER_MS),
      }
      waiting.push(each)
      refreshSoon()
    },
    unsubscribe(request) {
      const uri = uriOf(request)
      if (uri === undefined) return toHost(invalid(request.id!, 'params.uri is missing'))
      if (wanted.delete(uri)) {
        granted.delete(uri)
        unwanted.add(uri)
        for (const each of waiting.filter((other) => other.uri === uri)) {
          drop(each)
          toHost(answerEmpty(each.id))
        }
        refreshSoon()
      }
      toHost(answerEmpty(request.id!))
    },
    cancel(id) {
      const each = waiting.find((other) => other.id.key === id.key)
      if (each !== undefined) drop(each)
      return each !== undefined
    },
    // A server may report a part of what was subscribed to, under a name of its own (25/RES).
    isWanted: (uri) => wanted.size > 0 && (uri === undefined || !unwanted.has(uri)),
    close() {
      clearTimeout(timer)
      for (const each of [...waiting]) drop(each)
      listen.close()
    },
  }
}

function uriOf(request: Envelope): string | undefined {
  return stringAt(request, 'params', 'uri')
}

function urisOf(acknowledgement: Envelope): string[] {
  const { bytes } = acknowledgement
  const list = spanAt(acknowledgement, 'params', 'notifications', 'resourceSubscriptions')
  return elementsOf(bytes, list).flatMap((element) => readString(bytes, element) ?? [])
}

function invalid(id: Id, message: string): Envelope {
  return refuse(id, { code: CODE.invalidParams, message: `mcp-ferry: ${message}` })
}
