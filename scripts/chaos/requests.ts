// What the host asks, drawn from the seed: all kinds of requests, each with its key and the shape of its answer.
import type { Instruction, Shape } from './instruction.ts'
import { hostEra, LISTEN, META, MODERN, type Pair } from './pairs.ts'
import { between, choose, randomFor } from './random.ts'

export interface Planned {
  readonly id: string | number
  readonly key: string
  readonly method: string
  readonly line: string
  /** The host cancels it after so long, if it has not been answered. */
  readonly cancelAfterMs: number | undefined
}

const LEGACY: readonly (readonly [string, number])[] = [
  ['tools/call', 50],
  ['tools/list', 8],
  ['resources/read', 8],
  ['prompts/get', 8],
  ['ping', 6],
  ['completion/complete', 5],
  ['resources/list', 4],
  ['prompts/list', 4],
  ['logging/setLevel', 4],
  ['resources/subscribe', 2],
  ['resources/unsubscribe', 1],
]
/** What the modern era no longer has is not asked. */
const MODERN_METHODS: readonly (readonly [string, number])[] = [
  ['tools/call', 54],
  ['tools/list', 8],
  ['resources/read', 10],
  ['prompts/get', 9],
  ['completion/complete', 6],
  ['resources/list', 5],
  ['prompts/list', 5],
  ['server/discover', 2],
  [LISTEN, 2],
]
const SHAPES: readonly (readonly [Shape, number])[] = [
  ['json', 40],
  ['events', 25],
  ['resumable', 22],
  ['polling', 13],
]
const LARGE = 100_000

export function plannedRequest(seed: number, number: number, pair: Pair = 'legacy-legacy'): Planned {
  const isModern = hostEra(pair) === 'modern'
  const random = randomFor(seed, 'request', number)
  const key = `k${number}`
  const id = random() < 0.5 ? number : `id-${number}`
  const method = choose(random, isModern ? MODERN_METHODS : LEGACY)
  const shape = choose(random, SHAPES)
  const isQuiet = shape === 'json'
  const chaos: Instruction = {
    key,
    shape,
    progress: !isQuiet && random() < 0.3 ? between(random, 1, 5) : 0,
    questions: !isQuiet && method === 'tools/call' && random() < 0.08 ? between(random, 1, 2) : 0,
    workMs: random() < 0.5 ? between(random, 1, 120) : 0,
    pad: random() < 0.005 ? LARGE : between(random, 0, 400),
    fails: random() < 0.02,
  }
  const filler = random() < 0.005 ? 'x'.repeat(LARGE) : 'x'
  const cancelAfterMs = random() < 0.02 ? between(random, 0, 150) : undefined
  const meta = { progressToken: key, ...(isModern ? MODERN_META : {}), chaos }
  const params = { ...paramsOf(method, number, filler), _meta: meta }
  return { id, key, method, line: JSON.stringify({ jsonrpc: '2.0', id, method, params }), cancelAfterMs }
}

/** What each request of a modern host carries. */
export const MODERN_META = {
  [`${META}protocolVersion`]: MODERN,
  [`${META}clientInfo`]: { name: 'chaos', version: '1.0.0' },
  [`${META}clientCapabilities`]: { sampling: {}, roots: {}, elicitation: { form: {} } },
}

function paramsOf(method: string, number: number, filler: string): Record<string, unknown> {
  switch (method) {
    case 'tools/call':
      return { name: 'work', arguments: { filler } }
    case 'resources/read':
    case 'resources/subscribe':
    case 'resources/unsubscribe':
      return { uri: `chaos://${number % 20}` }
    case 'prompts/get':
      return { name: 'prompt', arguments: {} }
    case LISTEN:
      return {
        notifications: {
          toolsListChanged: true,
          promptsListChanged: number % 2 === 0,
          ...(number % 3 === 0 ? { resourceSubscriptions: [`chaos://${number % 20}`] } : {}),
        },
      }
    case 'logging/setLevel':
      return { level: number % 2 === 0 ? 'info' : 'debug' }
    case 'completion/complete':
      return { ref: { type: 'ref/prompt', name: 'prompt' }, argument: { name: 'a', value: 'b' } }
    default:
      return {}
  }
}
