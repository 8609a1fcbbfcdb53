// Other names, descriptions and fixed arguments on one line, with remotes and hosts that are made up: whatever names there are,
// each request is answered once, each name that the host was told leads to its tool with what is fixed, and no other leads there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compose, type Lane } from '../../../src/lane.ts'
import { createLog } from '../../../src/log.ts'
import { own } from '../../../src/message/message.ts'
import { decode } from '../../../src/message/utf8.ts'
import type { RenameOptions } from '../../../src/options/shaping.ts'
import { createCatalogue } from '../../../src/stages/catalogue.ts'
import { createDescriptions } from '../../../src/stages/descriptions.ts'
import { createFixed } from '../../../src/stages/fixed.ts'
import { createRename } from '../../../src/stages/rename.ts'

const ROUNDS = 1500
const CALLS = 12

interface Message {
  readonly id?: number | string
  readonly method?: string
  readonly params?: {
    readonly name?: string
    readonly cursor?: string
    readonly arguments?: Readonly<Record<string, unknown>>
  }
  readonly result?: { readonly tools?: readonly Tool[]; readonly nextCursor?: string }
  readonly error?: { readonly code: number; readonly message: string }
}

interface Tool {
  readonly name: string
  readonly description?: string
  readonly inputSchema: {
    readonly properties: Readonly<Record<string, unknown>>
    readonly required?: string[]
  }
}

interface Settings {
  readonly rename: RenameOptions
  readonly fixed: ReadonlyMap<string, ReadonlyMap<string, string>>
  readonly descriptions: ReadonlyMap<string, string>
}

interface World {
  readonly lane: Lane
  /** What the remote was called with, as it stands there. */
  readonly calls: string[]
  readonly answers: Map<number | string, Message[]>
  ask(message: object): Promise<Message>
}

/** The same numbers each time. */
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

/** A remote whose list has so many tools on a page. */
function world(names: readonly string[], pageSize: number, settings: Settings): World {
  const log = createLog({ level: 'silent', json: false, secrets: [], write: () => {} })
  const catalogue = createCatalogue(log)
  const calls: string[] = []
  const answers = new Map<number | string, Message[]>()
  let woken = () => {}
  const stages = [
    createRename(settings.rename, catalogue, log),
    createFixed(settings.fixed, catalogue, log),
    createDescriptions(settings.descriptions, catalogue, log),
    catalogue.stage,
  ]
  const answer = (id: unknown, result: string): void =>
    queueMicrotask(() => lane.toHost(own(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`)))
  const lane = compose(stages, {
    toRemote({ bytes }) {
      const text = decode(bytes)
      const { id, method, params } = JSON.parse(text) as Message
      if (method === 'tools/list') return answer(id, page(names, Number(params?.cursor ?? 0), pageSize))
      calls.push(text)
      answer(id, '{"content":[]}')
    },
    toHost({ bytes }) {
      const message = JSON.parse(decode(bytes)) as Message
      answers.set(message.id!, [...(answers.get(message.id!) ?? []), message])
      woken()
    },
  })
  let lastId = 0
  return {
    lane,
    calls,
    answers,
    async ask(message) {
      const id = ++lastId
      const answered = new Promise<void>((resolve) => {
        woken = () => answers.has(id) && resolve()
      })
      lane.toRemote(own(JSON.stringify({ jsonrpc: '2.0', id, ...message })))
      await answered
      return answers.get(id)![0]!
    },
  }
}

function page(names: readonly string[], at: number, size: number): string {
  const tools = names.slice(at, at + size).map((name) => toolText(name))
  const next = at + size < names.length ? `,"nextCursor":"${at + size}"` : ''
  return `{"tools":[${tools.join(',')}]${next}}`
}

function toolText(name: string): string {
  const properties = '{"n":{"type":"integer"}, "s":{"type":"string"}, "k":{"default":9007199254740993}}'
  return `{"name":${JSON.stringify(name)},"description":"old","inputSchema":{"properties":${properties},"required":["n","s"]}}`
}

const LETTERS = [
  'a',
  'b',
  '_',
  '.',
  '-',
  'x_y',
  '_0123ab',
  'p_',
  '\ud83d',
  '\ude00',
  'é',
  ' ',
  '"',
  '\\',
  '\u0000',
  '__proto__',
  '=',
].concat(['abcdefgh'])

function oddName(roll: (sides: number) => number): string {
  const length = roll(4) === 0 ? roll(30) : roll(5)
  return Array.from({ length }, () => LETTERS[roll(LETTERS.length)]!).join('')
}

/** A host that knows nothing but what the list says, and guesses. */
async function play(seed: number): Promise<void> {
  const roll = dice(seed)
  const names = [...new Set(Array.from({ length: roll(12) }, () => oddName(roll)))]
  const some = (count: number): string[] =>
    Array.from({ length: roll(count) }, () => names[roll(names.length)] ?? 'none')
  const news = ['a', 'b', 'p_a', 'new', 'a_0123ab', 'new.name']
  const mostCharacters = roll(2) === 0 ? 16 + roll(10) : undefined
  const toolPrefix = roll(2) === 0 ? ['p_', 'x', '_'][roll(3)]! : undefined
  const tools = new Map([...new Set(some(4))].map((name, at) => [name, news[at]!]))
  const set = new Map([
    ['n', '7'],
    ['s', '007'],
  ])
  const settings: Settings = {
    rename: { tools, ...(mostCharacters && { mostCharacters }), ...(toolPrefix && { toolPrefix }) },
    // The command line takes no tool without a name.
    fixed: new Map(
      some(3)
        .filter((name) => name !== '')
        .map((name) => [name, set]),
    ),
    descriptions: new Map(some(3).map((name) => [name, 'new'])),
  }
  const pageSize = 1 + roll(12)
  const here = world(names, pageSize, settings)
  const isBefore = roll(2) === 0
  const known = isBefore ? await listed(world(names, pageSize, settings)) : await listed(here)
  assert.equal(known.length, names.length)
  const byHostName = new Map(known.map(({ name }, at) => [name, names[at]!]))
  assert.equal(byHostName.size, names.length, 'each has a name of its own')
  for (const [at, tool] of known.entries()) checkTool(tool, names[at]!, settings)

  const guesses = [
    ...byHostName.keys(),
    ...names,
    ...names.map((name) => `${toolPrefix}${name}`),
    ...tools.keys(),
    ...news,
  ]
  for (let call = 0; call < CALLS; call++) {
    const name = guesses[roll(guesses.length)]!
    const before = here.calls.length
    const { error } = await here.ask({
      method: 'tools/call',
      params: { name, arguments: { s: 'mine', k: 1 } },
    })
    const meant = byHostName.get(name)
    const [sent, ...more] = here.calls.slice(before)
    assert.equal(more.length, 0)
    if (meant !== undefined) assert.equal(error, undefined, `${name} leads to ${meant}`)
    if (error !== undefined) {
      assert.deepEqual([error.code, error.message, sent], [-32602, `Unknown tool: ${name}`, undefined])
      continue
    }
    checkCall(sent ?? '', settings, (reached) => {
      if (meant !== undefined) assert.equal(reached, meant)
      else assert.ok(!names.includes(reached), `${name}, which the host was never told, leads to ${reached}`)
    })
  }
  for (const [id, answers] of here.answers) assert.equal(answers.length, 1, `one answer to ${id}`)
}

async function listed(here: World): Promise<Tool[]> {
  const tools: Tool[] = []
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const params = cursor === '' ? {} : { cursor }
    const { result } = await here.ask({ method: 'tools/list', params })
    tools.push(...(result?.tools ?? []))
    cursor = result?.nextCursor
  }
  return tools
}

function checkTool({ name, description, inputSchema }: Tool, remoteName: string, settings: Settings): void {
  const { rename, fixed, descriptions } = settings
  const named = rename.tools?.get(remoteName)
  if (named !== undefined) assert.equal(name, named)
  else
    assert.ok(
      name.startsWith(rename.toolPrefix ?? '') && name.length <= (rename.mostCharacters ?? Infinity),
      name,
    )
  assert.equal(description, descriptions.get(remoteName) ?? 'old')
  const isFixed = fixed.has(remoteName)
  assert.deepEqual(Object.keys(inputSchema.properties), isFixed ? ['k'] : ['n', 's', 'k'])
  assert.deepEqual(inputSchema.required, isFixed ? undefined : ['n', 's'])
}

function checkCall(text: string, { fixed }: Settings, check: (name: string) => void): void {
  const name = (JSON.parse(text) as Message).params?.name ?? ''
  check(name)
  const expected = fixed.has(name) ? '{"k":1,"n":7,"s":"007"}' : '{"s":"mine","k":1}'
  assert.ok(text.endsWith(`"arguments":${expected}}}`), text)
}

test('whatever names there are', async () => {
  for (let seed = 1; seed <= ROUNDS; seed++)
    await play(seed).catch((error: unknown) => {
      throw new Error(`round ${seed}: ${error}`, { cause: error })
    })
})
