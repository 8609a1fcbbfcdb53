// A day of an editor as plan.ts draws it, hour by hour, with a look at the end of each: the bridge lives through all of
// it, beside others that come and go in the same home, and holds no more in the evening than in the morning.
import type { Child } from './child.ts'
import type { Ground, Phase, World } from './phases.ts'
import { type Event, hourOf } from './plan.ts'
import { cutAll, dropNotes, type Remote, startRemote } from './remote.ts'

export interface DaySettings {
  readonly seed: number
  /** How much faster the clock runs while nobody works. */
  readonly idleRate: number
}

/** Where the bridge's clock runs at this rate, somebody works. */
const WORKING_RATE = 20
const LIST_CHANGED = 'notifications/tools/list_changed'
const UPDATED = 'notifications/resources/updated'
const AGAIN_MS = 100
const ARGS = [
  ...'--keep-alive --read-only --rename busy=at_work --credential-ttl 45m --bearer-command'.split(' '),
  'date +%s%N',
]

/** Once it is over, the remote refuses the next request and takes another token. */
interface Token {
  isOver: boolean
}

interface Desk {
  readonly ground: Ground
  readonly settings: DaySettings
  readonly child: Child
  readonly token: Token
  remote: Remote
  calls: number
  count: number
  /** What is under way. */
  now: string
}

/** An hour is a step. */
export function dayPhase(settings: DaySettings): Phase {
  return {
    name: `a day, seed ${settings.seed}`,
    unit: 'hour',
    unitsPerLap: 1,
    open: (ground) => openDay(ground, settings),
  }
}

async function openDay(ground: Ground, settings: DaySettings): Promise<World> {
  const token = { isOver: false }
  const remote = await openRemote(token, 0)
  const child = await ground.start({ args: [...ARGS, remote.url] }, 'legacy')
  await remote.opened(1)
  const desk: Desk = { ground, settings, child, token, remote, calls: 0, count: 0, now: '' }
  return {
    child,
    async step(hour) {
      for (const event of hourOf(settings.seed, hour)) {
        desk.now = `in hour ${hour} ${JSON.stringify(event)}`
        await live(desk, event)
      }
    },
    now: () => desk.now,
    quiet: () => dropNotes(desk.remote.raw),
    close: () => desk.remote.close(),
  }
}

function openRemote(token: Token, port: number): Promise<Remote> {
  return startRemote({
    port,
    first(x) {
      if (!token.isOver) return false
      token.isOver = false
      x.reply(401)
      return true
    },
  })
}

async function live(desk: Desk, event: Event): Promise<unknown> {
  const { child, remote } = desk
  switch (event.kind) {
    case 'burst':
      return Promise.all(Array.from({ length: event.calls }, () => ask(desk, event.tool)))
    case 'big':
      return ask(desk, 'big', { bytes: event.bytes })
    case 'cancel':
      for (let count = 0; count < event.calls; count++)
        child.cancel(child.begin('tools/call', { name: 'late', arguments: {} }).id)
      return ask(desk, 'plain')
    case 'list-change':
      await told(desk, LIST_CHANGED)
      return child.ask('tools/list')
    case 'subscribe':
      return subscribe(desk)
    case 'cut':
      return remote.endStreams()
    case 'token-over':
      desk.token.isOver = true
      return ask(desk, 'plain')
    case 'restart-remote':
      return restartRemote(desk)
    case 'restart-editor':
      return secondEditor(desk)
    case 'idle':
      await child.run(desk.settings.idleRate)
      await child.idle(event.minutes * 60_000)
      return child.run(WORKING_RATE)
    case 'sleep':
      await child.sleep(event.minutes * 60_000, () => cutAll(remote.raw))
      return ask(desk, 'plain')
  }
}

/** What it is answered with is not of interest here: that is the chaos run's. */
function ask(desk: Desk, tool: string, args: object = {}): Promise<unknown> {
  const name = tool === 'busy' ? 'at_work' : tool
  return desk.child.ask('tools/call', { name, arguments: args }, { progressToken: ++desk.calls })
}

/** The stream that the remote speaks on may just be about to be opened anew. */
async function told({ child, remote }: Desk, method: string, params: object = {}): Promise<void> {
  const heard = child.notified(method, (child.heard.get(method) ?? 0) + 1)
  const speak = (): void => remote.notify(method, params)
  const timer = setInterval(speak, AGAIN_MS)
  speak()
  await heard.finally(() => clearInterval(timer))
}

async function subscribe(desk: Desk): Promise<void> {
  const uri = `soak:${++desk.count}`
  await desk.child.ask('resources/subscribe', { uri })
  await told(desk, UPDATED, { uri })
  await desk.child.ask('resources/unsubscribe', { uri })
}

async function restartRemote(desk: Desk): Promise<void> {
  const { port } = desk.remote.raw
  await desk.remote.close()
  desk.remote = await openRemote(desk.token, port)
  await ask(desk, 'plain')
  await desk.remote.opened(1)
}

async function secondEditor({ ground, remote }: Desk): Promise<void> {
  const other = await ground.start({ args: [...ARGS, remote.url] }, 'legacy')
  await other.ask('tools/list')
  other.endInput()
  await other.exit
}
