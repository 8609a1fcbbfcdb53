// Phases with the old transport, with a trace, with credentials that have to be fetched anew, and with many starts: what
// lies on disk may not grow either. protocol.md B, G.
import { makeBrowser } from '../../test/fixtures/programs/browser.ts'
import { authServer } from '../../test/fixtures/servers/auth-server.ts'
import { protectedServer } from '../../test/fixtures/servers/protected-server.ts'
import { sseServer } from '../../test/fixtures/servers/sse-server.ts'
import { homeEnv } from './homes.ts'
import { RATE } from './laps.ts'
import { call, resultOf, worldOf } from './legacy-phases.ts'
import type { Ground, Phase, World } from './phases.ts'
import { dropNotes, startRemote } from './remote.ts'

/** What a command has printed so short a while ago is not asked for again. */
const RECENT_MS = 3000
const PAUSING_RATE = 500

async function openSse({ start }: Ground, isCut: boolean): Promise<World> {
  const remote = await sseServer()
  const child = await start({ args: ['--transport', 'http+sse', remote.url] }, 'legacy')
  const step = async (): Promise<void> => {
    await call(child, 'echo')
    if (!isCut) return
    const opened = remote.sessions.length
    const ready = remote.request(
      ({ url, message }) => message.method === 'notifications/initialized' && url.includes(`s${opened + 1}`),
      60_000,
    )
    remote.sessions.at(-1)?.stream.cut()
    await ready
  }
  return { child, step, quiet: () => dropNotes(remote), close: () => remote.close() }
}

async function openTraced({ start, home }: Ground): Promise<World> {
  const remote = await startRemote()
  const child = await start({ args: ['--trace', `${home}/trace.jsonl`, remote.url] }, 'legacy')
  return worldOf(child, remote, () => call(child, 'plain'))
}

/** Every call is refused first, and the command asked for another credential. */
async function openCommand({ start }: Ground): Promise<World> {
  let refused: string | undefined
  const remote = await startRemote({
    first(x) {
      if (x.message.method !== 'tools/call' || refused === x.rawId) return false
      refused = x.rawId
      x.reply(401)
      return true
    },
  })
  const child = await start({ args: ['--bearer-command', 'date +%s%N', remote.url] }, 'legacy')
  return worldOf(child, remote, async () => {
    await child.run(PAUSING_RATE)
    await child.idle(RECENT_MS)
    await child.run(RATE)
    await call(child, 'plain')
  })
}

/** Every call finds that its token is over. */
async function openSignedIn({ start }: Ground): Promise<World> {
  const issuer = await authServer({ lifeSeconds: 3600 })
  const remote = await protectedServer(issuer)
  const browser = makeBrowser()
  const { HOME: _, ...env } = browser.env
  const child = await start({ args: [remote.url], env }, 'legacy')
  return {
    child,
    async step() {
      issuer.expireAll()
      await call(child, 'echo')
    },
    quiet: () => dropNotes(remote),
    async close() {
      browser.close()
      await remote.close()
      await issuer.close()
    },
  }
}

/** An editor that is opened and closed again and again, beside one that stays. */
async function openStarts({ start, home }: Ground): Promise<World> {
  const remote = await startRemote()
  const old = await sseServer()
  const child = await start({ args: [remote.url] }, 'legacy')
  const step = async (count: number): Promise<void> => {
    const { url } = count % 2 === 0 ? remote : old
    const other = await start({ args: [url], env: homeEnv(home) }, 'legacy')
    resultOf(await other.ask('tools/list'))
    other.endInput()
    await other.exit
  }
  const close = async (): Promise<void> => {
    await old.close()
    await remote.close()
  }
  return { child, step, quiet: () => dropNotes(remote.raw), close }
}

export const FURTHER_PHASES: readonly Phase[] = [
  {
    name: 'HTTP+SSE: messages',
    unit: 'message',
    unitsPerLap: 1000,
    inFlight: 16,
    open: (ground) => openSse(ground, false),
  },
  {
    name: 'HTTP+SSE: streams cut',
    unit: 'stream',
    unitsPerLap: 100,
    open: (ground) => openSse(ground, true),
  },
  {
    name: 'messages with a trace',
    unit: 'message',
    unitsPerLap: 1000,
    inFlight: 16,
    hasGrowingFiles: true,
    open: openTraced,
  },
  { name: 'credentials of a command', unit: 'refusal', unitsPerLap: 100, open: openCommand },
  { name: 'sign-ins renewed', unit: 'renewal', unitsPerLap: 60, rate: 1, open: openSignedIn },
  { name: 'starts of an editor', unit: 'start', unitsPerLap: 10, open: openStarts },
]
