// What the pages of a list come to: learned from the answers as they pass, whoever has asked. Several lists may be under way at
// once, and the remote may tell in the middle of one that it has changed. 25/PAGE; 25/TOOL Listing, List Changed.
import { type Envelope, spanAt } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { cancelledId } from '../message/message.ts'
import { find, isArrayAt, readString, type Span } from '../message/peek.ts'
import { elementsOf } from '../message/rewrite.ts'
import { textAt } from '../message/utf8.ts'

/** The JSON text of a page's cursor, or '' for the first page. */
export type Cursor = string

/** A page that was asked for, and how often the list had changed before. */
export interface Asked {
  readonly cursor: Cursor
  readonly epoch: number
}

export interface PagesSettings<Item> {
  /** What asks for a page. */
  readonly method: string
  /** The member of the result that holds the elements, and the one of each element that tells them apart. */
  readonly member: string
  readonly key: string
  /** What is kept of an element. */
  readonly keep: (bytes: Uint8Array, element: Span) => Item
  /** How many bytes that are, beside the name. */
  readonly sizeOf: (item: Item) => number
}

export interface Pages<Item> {
  /** All that is known; of the last list, whole or not. */
  readonly items: ReadonlyMap<string, Item>
  /** Those that stand in the list more than once. */
  readonly twice: ReadonlySet<string>
  /**
   * Whether all pages of a list are known, and it has not changed since. An empty one is not known: it may stand for a remote
   * that is not there yet (protocol.md 0.12).
   */
  readonly isWhole: boolean
  readonly isUnderWay: boolean
  /** What was learned no longer holds. */
  outdate(): void
  /** Everything that the host sends. */
  note(envelope: Envelope): void
  /** Every answer that the host gets. */
  take(response: Envelope): void
  ask(cursor: Cursor): Asked
  /** The cursor of the next page; 'end' behind the last one; 'endless' where none is worth asking for; undefined if this is no page. */
  learn(asked: Asked, response: Envelope): Cursor | 'end' | 'endless' | undefined
  /** Calls back each time that a list has become whole. */
  onWhole(callback: () => void): void
}

/** A list of which pages are known up to a cursor. */
interface Chain<Item> {
  readonly items: Map<string, Item>
  readonly twice: Set<string>
  readonly seen: Set<Cursor>
  /** Of the answers that it was made of. */
  bytes: number
}

const MOST_ITEMS = 100_000
/** Of one list, and of what is kept of lists that are not whole: how long names and cursors are is the remote's choice. */
const MOST_BYTES = 32 * 1024 * 1024
/** More than a host has under way of one list. */
const MOST_CHAINS = 16

export function createPages<Item>(settings: PagesSettings<Item>): Pages<Item> {
  const { method, member, key, keep, sizeOf } = settings
  const asked = createIdTable<Asked>()
  /** By the cursor of the page that is missing next. */
  const chains = new Map<Cursor, Chain<Item>>()
  const callbacks: (() => void)[] = []
  let items = new Map<string, Item>()
  let twice: ReadonlySet<string> = new Set()
  let itemsBytes = 0
  let isWhole = false
  let epoch = 0

  function chainOf({ cursor, epoch: then }: Asked): Chain<Item> | undefined {
    if (then !== epoch) return undefined
    if (cursor === '') return { items: new Map(), twice: new Set(), seen: new Set(), bytes: 0 }
    const chain = chains.get(cursor)
    chains.delete(cursor)
    return chain
  }

  function add(bytes: Uint8Array, element: Span, chain: Chain<Item> | undefined): void {
    const name = readString(bytes, find(bytes, element, key))
    if (name === undefined) return
    const item = keep(bytes, element)
    if (chain !== undefined && !isTooLarge(chain)) {
      if (chain.items.has(name)) chain.twice.add(name)
      chain.items.set(name, item)
    }
    // What is learned is of use before the last page has come; what would be too much stays as it was known.
    const before = items.get(name)
    if (before === undefined && items.size >= MOST_ITEMS) return
    const more = sizeOf(item) - (before === undefined ? -name.length : sizeOf(before))
    if (more > 0 && itemsBytes + more > MOST_BYTES) return
    itemsBytes += more
    items.set(name, item)
  }

  function complete(chain: Chain<Item>): void {
    items = chain.items
    itemsBytes = chain.bytes
    twice = chain.twice
    isWhole = items.size > 0
    if (!isWhole) return
    for (const callback of callbacks) callback()
  }

  const learn: Pages<Item>['learn'] = (page, response) => {
    const { bytes } = response
    const list = spanAt(response, 'result', member)
    if (!isArrayAt(bytes, list)) return undefined
    const chain = chainOf(page)
    if (chain !== undefined) chain.bytes += bytes.length
    // An old answer that comes late does not spoil what is known.
    const isOld = isWhole && page.epoch !== epoch
    for (const element of isOld ? [] : elementsOf(bytes, list)) add(bytes, element, chain)
    const next = cursorAt(bytes, spanAt(response, 'result', 'nextCursor'))
    if (chain === undefined) return next ?? 'end'
    // Where a list grows and grows there is no end.
    if (isTooLarge(chain)) return 'endless'
    if (next === undefined) {
      complete(chain)
      return 'end'
    }
    // Around in a circle there is none either.
    if (chain.seen.has(next)) return 'endless'
    chain.seen.add(next)
    chains.set(next, chain)
    if (chains.size > MOST_CHAINS) chains.delete(chains.keys().next().value!)
    return next
  }

  return {
    get items() {
      return items
    },
    get twice() {
      return twice
    },
    get isWhole() {
      return isWhole
    },
    get isUnderWay() {
      return asked.values().length > 0
    },
    outdate() {
      isWhole = false
      epoch++
      chains.clear()
    },
    note(envelope) {
      if (envelope.kind === 'request') {
        // An id may come again once its request is answered or cancelled.
        if (envelope.method !== method) asked.delete(envelope.id!)
        else asked.set(envelope.id!, { cursor: cursorOf(envelope), epoch })
      } else {
        const id = cancelledId(envelope)
        if (id !== undefined) asked.delete(id)
      }
    },
    take(response) {
      const page = response.id && asked.take(response.id)
      if (page !== undefined) learn(page, response)
    },
    ask: (cursor) => ({ cursor, epoch }),
    learn,
    onWhole: (callback) => void callbacks.push(callback),
  }
}

function isTooLarge({ bytes, items }: Chain<unknown>): boolean {
  return bytes > MOST_BYTES || items.size > MOST_ITEMS
}

function cursorOf(request: Envelope): Cursor {
  return cursorAt(request.bytes, spanAt(request, 'params', 'cursor')) ?? ''
}

/** Strings are compared by what they mean. Null counts as none; anything else is no cursor, but is asked with all the same. */
function cursorAt(bytes: Uint8Array, span: Span | undefined): Cursor | undefined {
  if (span === undefined) return undefined
  const text = readString(bytes, span)
  if (text !== undefined) return JSON.stringify(text)
  const raw = textAt(bytes, span)
  return raw === 'null' ? undefined : raw
}
