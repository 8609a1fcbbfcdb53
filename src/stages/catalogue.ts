// The remote's tools, as it names and describes them: learned from every list that passes, and asked for where a call comes
// before any list. It is the stage nearest to the remote, and changes nothing. 25/TOOL Listing, List Changed; protocol.md 0.9.
import { BridgeError, restarted } from '../errors.ts'
import type { Lane, Stage } from '../lane.ts'
import type { Log } from '../log.ts'
import { type Envelope, type Id, stringAt } from '../message/envelope.ts'
import { createIdTable } from '../message/id-table.ts'
import { cancellation, own, ownId, refusal } from '../message/message.ts'
import { requestMeta } from '../message/rewrite.ts'
import { type Cursor, createPages } from './pages.ts'
import { clean } from './telling.ts'

export interface Catalogue {
  readonly stage: Stage
  /** The JSON of the tool, by the remote's name for it; of the last list, whole or not. */
  tool(name: string): Uint8Array | undefined
  /** Whether the list has several of that name, which may differ. */
  isTwice(name: string): boolean
  /** The remote's names, in its order. */
  names(): readonly string[]
  /** Whether all pages of a list are known, and the remote has not told of a change since. */
  readonly isWhole: boolean
  /**
   * Resolves to that when it is so, or cannot be had: the remote is asked, if nobody has. `like` is the host's request that
   * needs to know: what it says of itself (`_meta`) is said again. Never rejects.
   */
  whole(like: Envelope): Promise<boolean>
  /** What a request is answered that would have to be known more of than can be had: `what` is not known. */
  untold(what: string): BridgeError
  /** Calls back each time a whole list has become known. */
  onWhole(callback: () => void): void
  /** Calls back each time the host begins anew on the same pipe: what a stage keeps of before is to be refused, as the remote does. */
  onBegin(callback: (refuse: Refuse) => void): void
}

/** Answers a request of the session that there was. */
export type Refuse = (id: Id, maybeDelivered: boolean) => void

/** More pages than any remote has; one that always names another is not followed for ever. */
const MOST_PAGES = 1000
const ENDLESS = 'the list of its tools has no end, or is far too long'
/** A list that changes while it is read is read again, so often. */
const MOST_READINGS = 5
/** What is asked on our own account is waited for so long (protocol.md 0.9). */
const PATIENCE_MS = 30_000

export function createCatalogue(log: Log): Catalogue {
  const mine = createIdTable<(response: Envelope | undefined) => void>()
  const pages = createPages({
    method: 'tools/list',
    member: 'tools',
    key: 'name',
    keep: (bytes, { start, end }) => bytes.slice(start, end),
    sizeOf: ({ length }) => length,
  })
  /** Those who wait until the list is whole, or cannot be had. */
  let waiting: { readonly promise: Promise<boolean>; settle(isKnown: boolean): void } | undefined
  let why = 'the remote has not been asked for its tools'
  let lastId = 0
  let remote: Lane['toRemote'] = () => {}
  let hasBegun = false
  const begins: ((refuse: Refuse) => void)[] = []
  pages.onWhole(() => settle(true))

  function settle(isKnown: boolean): void {
    const settled = waiting
    waiting = undefined
    settled?.settle(isKnown)
  }

  function begin({ toHost }: Lane): void {
    pages.outdate()
    const isFirst = !hasBegun
    hasBegun = true
    // A call may have come with it, and before it.
    if (isFirst) return
    for (const callback of begins)
      callback((id, maybeDelivered) => toHost(refusal(id, restarted(maybeDelivered))))
    // Nobody is left who waits for that; who does from now on asks the new session.
    settle(false)
  }

  async function readAll(meta: string | undefined): Promise<boolean> {
    for (let reading = 0; reading < MOST_READINGS; reading++) {
      let cursor: ReturnType<typeof pages.learn> = ''
      const first = pages.ask('').epoch
      for (let page = 0; cursor !== 'end'; page++) {
        if (page === MOST_PAGES) {
          why = ENDLESS
          return false
        }
        const asked = pages.ask(cursor)
        if (asked.epoch !== first) break
        const response = await ask(cursor, meta)
        cursor = response && pages.learn(asked, response)
        if (pages.isWhole) return true
        why = cursor === 'endless' ? ENDLESS : whyNot(response)
        if (
          cursor === undefined ||
          cursor === 'endless' ||
          (cursor === 'end' && pages.ask('').epoch === first)
        )
          return false
      }
    }
    why = 'the remote changes its tools again and again'
    return false
  }

  /** Undefined: nobody answers. */
  function ask(cursor: Cursor, meta: string | undefined): Promise<Envelope | undefined> {
    const id = ownId(`mcp-ferry:list:${++lastId}`)
    const params = [
      ...(cursor === '' ? [] : [`"cursor":${cursor}`]),
      ...(meta === undefined ? [] : [`"_meta":${meta}`]),
    ]
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        mine.delete(id)
        remote(cancellation(id))
        resolve(undefined)
      }, PATIENCE_MS)
      mine.set(id, (response) => {
        clearTimeout(timer)
        resolve(response)
      })
      remote(own(`{"jsonrpc":"2.0","id":${id.raw},"method":"tools/list","params":{${params.join(',')}}}`))
    })
  }

  function whole(like: Envelope): Promise<boolean> {
    if (pages.isWhole) return Promise.resolve(true)
    if (waiting !== undefined) return waiting.promise
    let resolve: (isKnown: boolean) => void = () => {}
    const promise = new Promise<boolean>((done) => {
      resolve = done
    })
    waiting = { promise, settle: resolve }
    const these = waiting
    const over = (isKnown: boolean) => {
      // The list may have become known by what the host asked, and may be asked for again since.
      if (waiting !== these) return
      if (!isKnown) log.info('the remote does not tell its tools')
      settle(isKnown)
    }
    readAll(requestMeta(like)).then(over, () => over(false))
    return promise
  }

  return {
    stage: (next) => {
      remote = next.toRemote
      return {
        toRemote(envelope) {
          pages.note(envelope)
          // A new session is about to begin.
          if (envelope.kind === 'request' && envelope.method === 'initialize') begin(next)
          next.toRemote(envelope)
        },
        toHost(envelope) {
          if (envelope.method === 'notifications/tools/list_changed') pages.outdate()
          if (envelope.kind === 'response' && envelope.id !== undefined) {
            const taken = mine.take(envelope.id)
            if (taken !== undefined) return taken(envelope)
            pages.take(envelope)
          }
          next.toHost(envelope)
        },
      }
    },
    tool: (name) => pages.items.get(name),
    isTwice: (name) => pages.twice.has(name),
    names: () => [...pages.items.keys()],
    get isWhole() {
      return pages.isWhole
    },
    whole,
    untold: (what) =>
      new BridgeError('protocol', `it is not known ${what}: ${why}; try again`, { retryable: true }),
    onWhole: pages.onWhole,
    onBegin: (callback) => void begins.push(callback),
  }
}

/** Why this answer, or none, makes no list whole. */
function whyNot(response: Envelope | undefined): string {
  if (response === undefined) return `the remote has not told its tools within ${PATIENCE_MS / 1000} s`
  const said = stringAt(response, 'error', 'message')
  return said === undefined
    ? 'the remote tells of no tools, or is not connected yet'
    : `the remote does not tell its tools (${clean(said.replace(/^mcp-ferry: /, ''))})`
}
