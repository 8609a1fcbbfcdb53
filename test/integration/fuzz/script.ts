// What the host and the remote of one world say to each other: mostly what is sensible, some of it twisted, some of it damaged.
import type { Chance } from './chance.ts'
import { makeSchema } from './schemas.ts'
import { damage, object, odd, twist, type Value, writeJson } from './texts.ts'
import type { Seen, World } from './world.ts'

const STEPS = 50
const LIST_MEMBERS: Readonly<Record<string, readonly [string, string]>> = {
  'tools/list': ['tools', 'name'],
  'prompts/list': ['prompts', 'name'],
  'resources/list': ['resources', 'uri'],
  'resources/templates/list': ['resourceTemplates', 'uriTemplate'],
}
const META = object({ 'io.modelcontextprotocol/protocolVersion': '2026-07-28', progressToken: 1 })

/** Plays one world to its end; returns how many messages were made. */
export async function play(world: World, chance: Chance): Promise<number> {
  let made = 0
  let id = 0
  const say = (side: 'host' | 'remote', message: Value): boolean => {
    made++
    const text = writeJson(chance.percent(15) ? twist(message, chance) : message, chance)
    const sent = chance.percent(8) ? damage(text, chance) : text
    return side === 'host' ? world.fromHost(sent) : world.fromRemote(sent)
  }
  for (let step = 0; step < STEPS; step++) {
    const turn = chance.number(10)
    if (turn < 5) say('host', hostMessage(++id, chance))
    else if (turn < 8) reply()
    else say('remote', remoteMessage(`r${++id}`, chance))
    if (chance.percent(20)) await settled()
  }
  // What is still open is answered at last, and so is what waits for that.
  for (let round = 0; round < 40; round++) {
    await settled()
    if (world.open.size === 0) break
    for (const [key, seen] of [...world.open])
      world.fromRemote(
        writeJson(object({ jsonrpc: '2.0', id: idOf(key), result: resultOf(seen, chance) }), chance),
      )
  }
  return made

  function reply(): void {
    const [key, seen] = chance.pick([...world.open, undefined]) ?? []
    if (key === undefined || seen === undefined) return
    const answer = chance.percent(85)
      ? { result: resultOf(seen, chance) }
      : { error: object({ code: -32603, message: 'no' }) }
    say('remote', object({ jsonrpc: '2.0', id: idOf(key), ...answer }))
  }
}

function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}

/** The id as the key has it: a text begins with a quote. */
function idOf(key: string): Value {
  return key.startsWith('"') ? key.slice(1) : { raw: key }
}

function nameOf(chance: Chance): string {
  const stem = chance.pick([
    'open',
    'open',
    'open',
    'secret',
    'secret',
    'quiet',
    'Secret',
    'a_secret',
    'open_with_a_long_name',
  ])
  return `${stem}_${1 + chance.number(4)}`
}

function hostName(chance: Chance): Value {
  if (chance.percent(4)) return odd(chance)
  return `${chance.pick(['', 'p_', 'q_'])}${chance.percent(10) ? chance.pick(['first', 'p_first']) : nameOf(chance)}`
}

function uriOf(chance: Chance): string {
  return `${chance.pick(['file:///', 'a:', 'x://h/'])}${chance.pick(['', 'b/../', '%2e/'])}${nameOf(chance)}`
}

function hostMessage(id: number, chance: Chance): Value {
  const _meta = chance.percent(40) ? META : undefined
  const [method, params] = chance.pick<() => readonly [string, Readonly<Record<string, Value | undefined>>]>([
    () => [
      'tools/call',
      { name: hostName(chance), arguments: object({ a: odd(chance), b: { raw: '1.0' } }) },
    ],
    () => ['tools/call', { name: hostName(chance) }],
    () => [
      chance.pick(Object.keys(LIST_MEMBERS)),
      { cursor: chance.percent(30) ? chance.pick(['1', '2']) : undefined },
    ],
    () => ['tools/list', {}],
    () => ['prompts/get', { name: hostName(chance) }],
    () => [
      chance.pick(['resources/read', 'resources/subscribe', 'resources/unsubscribe']),
      { uri: uriOf(chance) },
    ],
    () => ['completion/complete', { ref: object({ type: 'ref/prompt', name: hostName(chance) }) }],
    () => [
      'subscriptions/listen',
      { notifications: object({ resourceSubscriptions: [uriOf(chance), uriOf(chance)] }) },
    ],
    () => [chance.pick(['ping', 'initialize', 'logging/setLevel', 'tasks/get']), {}],
    () => ['notifications/cancelled', { requestId: Math.max(1, id - chance.number(6)) }],
    () => [
      chance.pick([
        'notifications/initialized',
        'notifications/progress',
        'notifications/roots/list_changed',
      ]),
      {},
    ],
  ])()
  const isAsking = !method.startsWith('notifications/') && chance.percent(95)
  return object({ jsonrpc: '2.0', ...(isAsking && { id }), method, params: object({ ...params, _meta }) })
}

function remoteMessage(id: string, chance: Chance): Value {
  const [method, params] = chance.pick<() => readonly [string, Readonly<Record<string, Value>>]>([
    () => ['notifications/tools/list_changed', {}],
    () => ['notifications/prompts/list_changed', {}],
    () => ['notifications/resources/updated', { uri: uriOf(chance) }],
    () => ['notifications/message', { level: 'info', data: odd(chance) }],
    () => ['sampling/createMessage', { messages: [], tools: [object({ name: 'open_1' })] }],
    () => ['roots/list', {}],
  ])()
  return object({
    jsonrpc: '2.0',
    ...(!method.startsWith('notifications/') && { id }),
    method,
    params: object(params),
  })
}

function resultOf({ method = '' }: Seen, chance: Chance): Value {
  const list = LIST_MEMBERS[method]
  if (list === undefined)
    return object({ content: [], structuredContent: odd(chance), resultType: 'complete' })
  const [member, key] = list
  const elements = Array.from({ length: chance.number(6) }, () => elementOf(member, key, chance))
  return object({
    [member]: chance.percent(3) ? odd(chance) : elements,
    nextCursor: chance.percent(25) ? chance.pick(['1', '2']) : undefined,
  })
}

function elementOf(member: string, key: string, chance: Chance): Value {
  if (chance.percent(2)) return odd(chance)
  const name = member.startsWith('resource') ? uriOf(chance) : nameOf(chance)
  if (member !== 'tools') return object({ [key]: name, title: 'words' })
  const isQuiet = /quiet/i.test(name)
  const readOnlyHint = isQuiet ? chance.pick<Value | undefined>([false, undefined, 'yes', 1]) : true
  return object({
    [key]: name,
    description: chance.percent(80) ? 'words' : undefined,
    inputSchema: makeSchema(chance),
    outputSchema: chance.percent(20) ? makeSchema(chance) : undefined,
    annotations: chance.percent(90) || !isQuiet ? object({ readOnlyHint }) : undefined,
  })
}
