// Phases of the modern era, and of hosts and remotes that are not of the same one. protocol.md C, D, E.
import { type ModernServer, modernServer } from '../../test/fixtures/servers/modern-server.ts'
import type { Child } from './child.ts'
import { call, resultOf, worldOf } from './legacy-phases.ts'
import type { Ground, Phase, World } from './phases.ts'
import { dropNotes, type Remote, startRemote } from './remote.ts'
import type { Answer, Era } from './talk.ts'

const LISTEN = 'subscriptions/listen'
const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'
const LIST_CHANGED = 'notifications/tools/list_changed'
const UPDATED = 'notifications/resources/updated'

/** A stream that has lived for so long is opened anew at once when it is cut, others after up to half a minute. */
const LIVED_MS = 10_000
const LIVING_RATE = 200

type Step<R> = (child: Child, remote: R, count: number) => Promise<unknown>
type About = Omit<Phase, 'open'>

function withModern(era: Era, about: About, step: Step<ModernServer>): Phase {
  const open = async ({ start }: Ground): Promise<World> => {
    const remote = await modernServer()
    const child = await start({ args: [remote.url] }, era)
    return {
      child,
      step: async (count) => void (await step(child, remote, count)),
      quiet() {
        dropNotes(remote)
        // The standing subscription of a legacy host is among the last ones.
        const listens = remote.listens as unknown[]
        listens.splice(0, listens.length - 1)
      },
      close: () => remote.close(),
    }
  }
  return { ...about, open }
}

function withLegacy(about: About, step: Step<Remote>): Phase {
  const open = async ({ start }: Ground): Promise<World> => {
    const remote = await startRemote()
    const child = await start({ args: [remote.url] }, 'modern')
    return worldOf(child, remote, (count) => step(child, remote, count))
  }
  return { ...about, open }
}

/** Waits for one more of these than there have been. */
function oneMore(child: Child, method: string): Promise<void> {
  return child.notified(method, (child.heard.get(method) ?? 0) + 1)
}

async function listen(child: Child, tell: () => void): Promise<void> {
  const acknowledged = oneMore(child, ACKNOWLEDGED)
  const { id } = child.begin(LISTEN, { notifications: { toolsListChanged: true } })
  await acknowledged
  const changed = oneMore(child, LIST_CHANGED)
  tell()
  await changed
  child.cancel(id)
  await call(child, 'plain')
}

/** The subscription of the step before is cut; the bridge listens anew. */
async function cutListen(child: Child, remote: ModernServer, count: number): Promise<void> {
  if (count === 0) {
    const acknowledged = oneMore(child, ACKNOWLEDGED)
    child.begin(LISTEN, { notifications: { toolsListChanged: true } })
    await acknowledged
  }
  await child.idle(LIVED_MS)
  const before = remote.listens.at(-1)
  const again = remote.several(2, ({ message }) => message.method === LISTEN, 60_000)
  before?.cut()
  await again
  const notes = remote.requests as unknown[]
  notes.splice(0, notes.length - 1)
  const changed = oneMore(child, LIST_CHANGED)
  remote.listens.at(-1)?.notify(LIST_CHANGED)
  await changed
}

async function subscribe(child: Child, remote: ModernServer, count: number): Promise<void> {
  const uri = `soak:${count}`
  resultOf(await child.ask('resources/subscribe', { uri }))
  const asked = await remote.request(({ text }) => text.includes(`"${uri}"`) && text.includes(LISTEN), 60_000)
  const updated = oneMore(child, UPDATED)
  remote.listens.find(({ exchange }) => exchange === asked)?.notify(UPDATED, { uri })
  await updated
  resultOf(await child.ask('resources/unsubscribe', { uri }))
}

/** The remote's question comes back as a result, and the host asks again with the answer. */
async function answerInput(child: Child): Promise<void> {
  const asked: Answer = await child.ask('tools/call', { name: 'ask', arguments: {} })
  const { requestState, inputRequests } = resultOf(asked)
  const key = Object.keys((inputRequests ?? {}) as object)[0] ?? ''
  const inputResponses = { [key]: { action: 'accept', content: { name: 'Ada' } } }
  const again = await child.ask('tools/call', { name: 'ask', arguments: {}, requestState, inputResponses })
  if (resultOf(again).content === undefined) throw new Error('the call was not answered')
}

function messages(era: Era, name: string): Phase {
  const about = { name, unit: 'message', unitsPerLap: 1000, inFlight: 32 }
  return withModern(era, about, (child) => call(child, 'echo'))
}

export const TRANSLATED_PHASES: readonly Phase[] = [
  messages('modern', 'modern: messages'),
  withModern(
    'modern',
    { name: 'modern: subscriptions', unit: 'subscription', unitsPerLap: 300 },
    (child, remote) => listen(child, () => void remote.listens.at(-1)?.notify(LIST_CHANGED)),
  ),
  withModern(
    'modern',
    { name: 'modern: subscriptions cut', unit: 'stream', unitsPerLap: 100, rate: LIVING_RATE },
    cutListen,
  ),
  messages('legacy', 'legacy to modern: messages'),
  withModern(
    'legacy',
    { name: 'legacy to modern: subscriptions', unit: 'subscription', unitsPerLap: 100 },
    subscribe,
  ),
  withLegacy(
    { name: 'modern to legacy: messages', unit: 'message', unitsPerLap: 1000, inFlight: 32 },
    (child) => call(child, 'plain'),
  ),
  withLegacy({ name: 'modern to legacy: questions', unit: 'question', unitsPerLap: 300 }, (child) =>
    answerInput(child),
  ),
  withLegacy({ name: 'modern to legacy: sessions lost', unit: 'session', unitsPerLap: 500 }, (child) =>
    call(child, 'lose'),
  ),
  withLegacy(
    { name: 'modern to legacy: subscriptions', unit: 'subscription', unitsPerLap: 200 },
    (child, remote) => listen(child, () => remote.notify(LIST_CHANGED)),
  ),
]
