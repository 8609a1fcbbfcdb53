// What a host and the bridge say to each other, line by line: requests and their answers, notifications that are counted,
// and answers to what the remote asks. Keeps nothing of what has been answered.
import { cancelLine, modern } from '../../test/fixtures/hosts/modern-words.ts'
import { INITIALIZED, initializeLine } from '../../test/fixtures/hosts/raw-host.ts'

export interface Answer {
  readonly id?: unknown
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: {
    readonly code: number
    readonly message: string
    readonly data?: { readonly kind?: string }
  }
}

export type Era = 'legacy' | 'modern'

export interface Talk {
  /** How often each notification has come. */
  readonly heard: ReadonlyMap<string, number>
  /** Says who it is, and resolves with what the remote says to that. */
  open(): Promise<Answer>
  /** A request under the next id, in the words of the era; resolves with its answer, also when that is an error. */
  ask(method: string, params?: object, meta?: object): Promise<Answer>
  /** The same without waiting. */
  begin(
    method: string,
    params?: object,
    meta?: object,
  ): { readonly id: number; readonly answer: Promise<Answer> }
  /** Nobody waits for its answer any more. */
  cancel(id: number): void
  /** Resolves when this notification has come so many times in all, or the bridge has ended. */
  notified(method: string, count: number): Promise<void>
}

export interface Mouth {
  say(line: string): void
  /** Why there is nobody to talk to any more; undefined while there is. */
  over(): string | undefined
}

/** `hears` takes each line; `ends` is for the end of the bridge, when all that is waited for is given up. */
export function createTalk(
  era: Era,
  { say, over }: Mouth,
): { readonly talk: Talk; hears(line: string): void; ends(): void } {
  const waiting = new Map<unknown, (answer: Answer) => void>()
  const heard = new Map<string, number>()
  const watchers = new Set<() => void>()
  let lastId = 0
  const wake = (): void => {
    for (const look of [...watchers]) look()
  }
  const expect = (id: unknown): Promise<Answer> =>
    new Promise((resolve) => {
      const why = over()
      if (why === undefined) waiting.set(id, resolve)
      else resolve(goneAnswer(why))
    })
  const ask: Talk['ask'] = (method, params, meta) => talk.begin(method, params, meta).answer
  const talk: Talk = {
    heard,
    async open() {
      if (era === 'modern') return ask('server/discover')
      const answer = expect('init')
      say(initializeLine('init'))
      await answer
      say(INITIALIZED)
      return answer
    },
    ask,
    begin(method, params = {}, meta = {}) {
      const id = ++lastId
      const answer = expect(id)
      say(requestLine(era, { id, method, params, meta }))
      return { id, answer }
    },
    cancel(id) {
      waiting.delete(id)
      say(cancelLine(id))
    },
    notified: (method, count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if ((heard.get(method) ?? 0) < count && over() === undefined) return
          watchers.delete(look)
          resolve()
        }
        watchers.add(look)
        look()
      }),
  }
  return {
    talk,
    hears(line) {
      const message = JSON.parse(line) as Answer
      if (message.method === undefined) {
        const settle = waiting.get(message.id)
        waiting.delete(message.id)
        settle?.(message)
      } else if (message.id !== undefined) say(answerTo(message))
      else {
        heard.set(message.method, (heard.get(message.method) ?? 0) + 1)
        wake()
      }
    },
    ends() {
      for (const settle of waiting.values()) settle(goneAnswer(over() ?? ''))
      wake()
    },
  }
}

const goneAnswer = (message: string): Answer => ({ error: { code: 0, message } })

interface Request {
  readonly id: number
  readonly method: string
  readonly params: object
  readonly meta: object
}

function requestLine(era: Era, { id, method, params, meta }: Request): string {
  return era === 'modern'
    ? modern(id, method, params, { meta: meta as Record<string, unknown> })
    : JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } })
}

/** What a person and an editor say to what a remote asks. */
function answerTo({ id, method }: Answer): string {
  const results: Readonly<Record<string, object>> = {
    'elicitation/create': { action: 'accept', content: { name: 'Ada' } },
    'sampling/createMessage': { role: 'assistant', content: { type: 'text', text: 'x' }, model: 'm' },
    'roots/list': { roots: [{ uri: 'file:///home' }] },
  }
  return JSON.stringify({ jsonrpc: '2.0', id, result: results[method ?? ''] ?? {} })
}
