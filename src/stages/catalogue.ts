// The remote's tools, as it names and describes them: learned from every list that passes, and asked for where a call comes
// before any list. It is the stage nearest to the remote, and changes nothing. 25/TOOL Listing, List Changed.
import type { Lane, Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import type { Envelope, Id } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { own, ownId } from '../message/message.ts'
import { find, readString, type Span } from '../message/peek.ts'
import { editsOf, elementsOf, splice } from '../message/rewrite.ts'
import { decode } from '../message/utf8.ts'

export interface Catalogue {
  readonly stage: Stage
  /** The JSON of the tool, by the remote's name for it; of the last list, whole or not. */
  tool(name: string): Uint8Array | undefined
  /** The remote's names, in its order. */
  names(): readonly string[]
  /** Whether all pages of a list are known, and the remote has not told of a change since. */
  readonly isWhole: boolean
  /**
   * Resolves to that when it is so, or cannot be had: the remote is asked, if nobody has. `like` is the host's request that
   * needs to know: what it says of itself (`_meta`) is said again. Never rejects.
   */
  whole(like: Envelope): Promise<boolean>
  /** Calls back each time a whole list has become known. */
  onWhole(callback: () => void): void
}

/** More pages than any remote has; one that always names another is not followed for ever. */
const MOST_PAGES = 1000
const MOST_TOOLS = 100_000

/** The cursor of a page: the JSON text of it, or '' for the first. */
type Cursor = string

export function createCatalogue(log: Log): Catalogue {
  /** Cursors that were asked with, by request. */
  const asked = createIdTable<Cursor>()
  const mine = createIdTable<(response: Envelope) => void>()
  const callbacks: (() => void)[] = []
  let tools = new Map<string, Uint8Array>()
  /** The list that is being read, and the cursor that its next page has. */
  let reading: { readonly tools: Map<string, Uint8Array>; next: Cursor } | undefined
  let isWhole = false
  let asking: Promise<boolean> | undefined
  let lastId = 0
  let remote: Lane['toRemote'] = () => {}

  function learn(cursor: Cursor, response: Envelope): Cursor | undefined {
    const { bytes, shape } = response
    const list = shape.result && find(bytes, shape.result, 'tools')
    if (list === undefined) return undefined
    if (cursor === '') reading = { tools: new Map(), next: '' }
    const isNext = reading?.next === cursor
    const into = isNext ? reading!.tools : tools
    for (const span of elementsOf(bytes, list)) {
      const name = readString(bytes, find(bytes, span, 'name'))
      if (name === undefined || into.size >= MOST_TOOLS) continue
      into.set(name, bytes.slice(span.start, span.end))
      // What is learned is of use before the last page has come.
      tools.set(name, into.get(name)!)
    }
    const next = cursorText(bytes, find(bytes, shape.result!, 'nextCursor'))
    if (!isNext) return next
    reading!.next = next ?? ''
    if (next === undefined) {
      tools = reading!.tools
      reading = undefined
      isWhole = true
      for (const callback of callbacks) callback()
    }
    return next
  }

  async function askAll(like: Envelope): Promise<boolean> {
    const meta = metaOf(like)
    let cursor: Cursor | undefined = ''
    for (let page = 0; cursor !== undefined && page < MOST_PAGES; page++) {
      const response = await ask(cursor, meta)
      if (response.shape.result === undefined) {
        log.warn('the remote does not tell its tools')
        return false
      }
      cursor = learn(cursor, response)
    }
    return isWhole
  }

  function ask(cursor: Cursor, meta: string | undefined): Promise<Envelope> {
    const id = ownId(`mcp-ferry:tools:${++lastId}`)
    const params = [
      ...(cursor === '' ? [] : [`"cursor":${cursor}`]),
      ...(meta === undefined ? [] : [`"_meta":${meta}`]),
    ]
    return new Promise((resolve) => {
      mine.set(id, resolve)
      remote(own(`{"jsonrpc":"2.0","id":${id.raw},"method":"tools/list","params":{${params.join(',')}}}`))
    })
  }

  return {
    stage: (next) => {
      remote = next.toRemote
      return {
        toRemote(envelope) {
          if (envelope.kind === 'request' && envelope.method === 'tools/list')
            asked.set(envelope.id!, cursorOf(envelope))
          // A new session is about to begin.
          if (envelope.method === 'initialize') isWhole = false
          next.toRemote(envelope)
        },
        toHost(envelope) {
          if (envelope.method === 'notifications/tools/list_changed') isWhole = false
          if (envelope.kind === 'response' && envelope.id !== undefined) {
            const taken = take(mine, envelope.id)
            if (taken !== undefined) return taken(envelope)
            const cursor = take(asked, envelope.id)
            if (cursor !== undefined) learn(cursor, envelope)
          }
          next.toHost(envelope)
        },
      }
    },
    tool: (name) => tools.get(name),
    names: () => [...tools.keys()],
    get isWhole() {
      return isWhole
    },
    whole(like) {
      if (isWhole) return Promise.resolve(true)
      asking ??= askAll(like).finally(() => {
        asking = undefined
      })
      return asking
    },
    onWhole: (callback) => void callbacks.push(callback),
  }
}

function take<Value>(
  table: { get(id: Id): Value | undefined; delete(id: Id): void },
  id: Id,
): Value | undefined {
  const value = table.get(id)
  if (value !== undefined) table.delete(id)
  return value
}

function cursorOf({ bytes, shape }: Envelope): Cursor {
  return cursorText(bytes, shape.params && find(bytes, shape.params, 'cursor')) ?? ''
}

/** A string is the only cursor there is; null counts as none. */
function cursorText(bytes: Uint8Array, span: Span | undefined): string | undefined {
  const cursor = span && readString(bytes, span)
  return cursor === undefined ? undefined : JSON.stringify(cursor)
}

/** What the request says of itself, without what is about its progress alone. */
function metaOf({ bytes, shape }: Envelope): string | undefined {
  const meta = shape.params && find(bytes, shape.params, '_meta')
  if (meta === undefined || bytes[meta.start] !== 0x7b) return undefined
  return decode(splice(bytes, editsOf(bytes, meta, { progressToken: undefined }), meta))
}
