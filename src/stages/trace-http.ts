// HTTP with everything written down that passes: each request, the status and headers that it is answered with, each message of the
// body as it comes, and how it ended. Part of the trace. protocol.md 0.6, 0.7.
import type { BridgeError } from '../errors.ts'
import { createSse } from '../message/sse.ts'
import { joined, sizeOf } from '../message/text.ts'
import { decode } from '../message/utf8.ts'
import type { BodySink, Http, HttpRequest, HttpResponse } from '../remote/http/http.ts'
import { mediaType } from '../remote/http-answer.ts'
import { type Carrying, KEPT_BYTES } from './trace-carried.ts'
import { placeOf, shownHeaders } from './trace-headers.ts'
import type { Guard, Note } from './trace-record.ts'

export interface HttpTraceSettings {
  readonly http: Http
  readonly note: Note
  readonly carrying: Carrying
  readonly safely: Guard
  /** Names of the user's headers in lower case. */
  readonly own: ReadonlySet<string>
  readonly redact: (text: string) => string
  readonly eventLimitBytes: number
}

/** One exchange over HTTP, while it lasts. */
interface Exchange {
  readonly number: number
  end(how?: { readonly bytes?: number; readonly error?: BridgeError; readonly by?: 'bridge' }): void
}

/** Looks at a body as it passes. */
interface Watching {
  data(chunk: Uint8Array): void
  end(): void
}

/** What is asked for where an HTTP does not say which headers there are. */
const USUAL_HEADERS =
  'content-type content-length content-encoding cache-control date server via mcp-session-id ' +
  'mcp-protocol-version www-authenticate location retry-after set-cookie x-request-id'

export function createHttpTrace(settings: HttpTraceSettings): Pick<Http, 'request' | 'close'> {
  const { http, note, carrying, safely, redact } = settings
  const sessions = new Map<string, number>()
  const sessionNumber = (id: string): number => {
    if (!sessions.has(id)) sessions.set(id, sessions.size + 1)
    return sessions.get(id)!
  }
  const shown = (list: readonly string[]) => shownHeaders(list, { ...settings, sessionNumber })
  let exchanges = 0
  let isClosing = false

  function begin({ method, url, headers, body, stop }: HttpRequest): Exchange {
    const number = ++exchanges
    const startedAt = performance.now()
    let isOver = false
    safely(() =>
      note(
        {
          kind: 'request',
          side: 'remote',
          dir: 'toRemote',
          exchange: number,
          method,
          url: redact(placeOf(url)),
          headers: shown(headers),
        },
        body && carrying.ofBody(joined(body), sizeOf(body)),
      ),
    )
    return {
      number,
      end({ bytes, error, by } = {}) {
        if (isOver) return
        isOver = true
        const durationMs = Math.round((performance.now() - startedAt) * 1000) / 1000
        const why = error && { kind: error.kind, message: redact(error.message) }
        safely(() =>
          note({
            kind: 'end',
            exchange: number,
            durationMs,
            ...(bytes !== undefined && { bytes }),
            ...((isClosing || by !== undefined || stop.reason !== undefined) && { by: 'bridge' }),
            ...(why && { error: why }),
          }),
        )
      },
    }
  }

  function watched(response: HttpResponse, exchange: Exchange): HttpResponse {
    return {
      status: response.status,
      header: (name) => response.header(name),
      headers: (name) => response.headers(name),
      read: (sink) => response.read(watchedSink(sink, exchange, watch(response, exchange))),
      discard() {
        exchange.end()
        response.discard()
      },
      abort() {
        exchange.end({ by: 'bridge' })
        response.abort()
      },
    }
  }

  function watchedSink(sink: BodySink, exchange: Exchange, watching: Watching): BodySink {
    let bytes = 0
    return {
      data(chunk) {
        bytes += chunk.length
        safely(() => watching.data(chunk))
        sink.data(chunk)
      },
      end() {
        safely(watching.end)
        exchange.end({ bytes })
        sink.end()
      },
      fail(error) {
        safely(watching.end)
        exchange.end({ bytes, error })
        sink.fail(error)
      },
    }
  }

  function watch(response: HttpResponse, { number }: Exchange): Watching {
    const message = (members: string, event?: string): void =>
      note(
        { kind: 'message', side: 'remote', dir: 'toHost', exchange: number, ...(event && { event }) },
        members,
      )
    return mediaType(response.header('content-type')) === 'text/event-stream'
      ? watchEvents(settings, message)
      : watchBody(settings, message)
  }

  function request(wanted: HttpRequest): void {
    const exchange = begin(wanted)
    http.request({
      ...wanted,
      onResponse(response) {
        const { status, rawHeaders } = response
        safely(() => {
          const headers = shown(rawHeaders ?? usualHeaders(response))
          note({
            kind: 'response',
            side: 'remote',
            dir: 'toHost',
            exchange: exchange.number,
            status,
            headers,
          })
        })
        wanted.onResponse(watched(response, exchange))
      },
      onFailure(error) {
        exchange.end({ error })
        wanted.onFailure(error)
      },
    })
  }

  return {
    request,
    close() {
      isClosing = true
      http.close()
    },
  }
}

type Tell = (members: string, event?: string) => void

function watchEvents({ carrying, redact, eventLimitBytes }: HttpTraceSettings, tell: Tell): Watching {
  const sse = createSse(eventLimitBytes, {
    event(event) {
      const { type } = event
      const data = joined(event.data)
      if (type === 'message') return tell(carrying.ofBody(data, data.length))
      // The endpoint of the old transport has the session in its query.
      const text = redact(decode(data)).replace(/\?.*/s, '?<redacted>')
      tell(`"text":${JSON.stringify(text)}`, type)
    },
  })
  let isTooLarge = false
  return {
    data(chunk) {
      if (isTooLarge) return
      try {
        sse.push(chunk)
      } catch {
        // Whoever reads the body ends it for the same reason.
        isTooLarge = true
      }
    },
    end() {},
  }
}

function watchBody({ carrying }: HttpTraceSettings, tell: Tell): Watching {
  const parts: Uint8Array[] = []
  let kept = 0
  let size = 0
  return {
    data(chunk) {
      size += chunk.length
      if (kept >= KEPT_BYTES) return
      parts.push(chunk)
      kept += chunk.length
    },
    end() {
      if (size > 0) tell(carrying.ofBody(parts.length === 1 ? parts[0]! : Buffer.concat(parts), size))
    },
  }
}

function usualHeaders(response: HttpResponse): string[] {
  return USUAL_HEADERS.split(' ').flatMap((name) => response.headers(name).flatMap((value) => [name, value]))
}
