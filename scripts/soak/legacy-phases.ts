// Phases between a legacy host and a legacy remote. protocol.md A.
import type { Child } from './child.ts'
import type { Ground, Phase, World } from './phases.ts'
import { cutAll, dropNotes, type Remote, startRemote } from './remote.ts'
import type { Answer } from './talk.ts'

const LIST_CHANGED = 'notifications/tools/list_changed'
const PROGRESS = 'notifications/progress'
const BIG_BYTES = 4_000_000

export function resultOf({ result, error }: Answer): Readonly<Record<string, unknown>> {
  if (result === undefined) throw new Error(`an answer was expected: ${error?.message}`)
  return result
}

type Step = (child: Child, remote: Remote, count: number) => Promise<unknown>

/** A phase whose steps are these, with a bridge that is started with these arguments. */
function legacy(more: Omit<Phase, 'open'>, step: Step, args: readonly string[] = []): Phase {
  const open = async ({ start }: Ground): Promise<World> => {
    const remote = await startRemote()
    const child = await start({ args: [...args, remote.url] }, 'legacy')
    await remote.opened(1)
    return worldOf(child, remote, (count) => step(child, remote, count))
  }
  return { ...more, open }
}

export function worldOf(child: Child, remote: Remote, step: (count: number) => Promise<unknown>): World {
  return {
    child,
    step: async (count) => void (await step(count)),
    quiet: () => dropNotes(remote.raw),
    close: () => remote.close(),
  }
}

export const call = async (
  child: Child,
  name: string,
  args: object = {},
  meta: object = {},
): Promise<unknown> => resultOf(await child.ask('tools/call', { name, arguments: args }, meta))

/** Answered, and nothing else: what it is answered with is an error. */
async function refused(child: Child, name: string): Promise<void> {
  const { error } = await child.ask('tools/call', { name, arguments: {} })
  if (error === undefined) throw new Error(`${name} was to be answered with an error`)
}

async function changeList(child: Child, remote: Remote, count: number): Promise<void> {
  const heard = (child.heard.get(LIST_CHANGED) ?? 0) + 1
  remote.notify(LIST_CHANGED)
  await child.notified(LIST_CHANGED, heard)
  resultOf(await child.ask('tools/list', {}))
  if (count % 2 === 0) await call(child, 'read_plain')
}

/** A stream on which nothing comes and that ends at once is opened anew only after a minute. */
async function reopen(child: Child, remote: Remote): Promise<void> {
  const heard = (child.heard.get(LIST_CHANGED) ?? 0) + 1
  remote.notify(LIST_CHANGED)
  await child.notified(LIST_CHANGED, heard)
  const opened = remote.streams + 1
  remote.endStreams()
  await remote.opened(opened)
}

async function cancel(child: Child, remote: Remote): Promise<void> {
  const { id } = child.begin('tools/call', { name: 'late', arguments: {} })
  const reached = remote.raw.request(({ message }) => message.id === id, 60_000)
  await reached
  child.cancel(id)
  await call(child, 'plain')
}

async function subscribe(child: Child, remote: Remote, count: number): Promise<void> {
  const uri = `soak:${count}`
  resultOf(await child.ask('resources/subscribe', { uri }))
  const updated = 'notifications/resources/updated'
  const heard = (child.heard.get(updated) ?? 0) + 1
  remote.notify(updated, { uri })
  await child.notified(updated, heard)
  resultOf(await child.ask('resources/unsubscribe', { uri }))
}

async function progress(child: Child, _: Remote, count: number): Promise<void> {
  await call(child, 'events', {}, { progressToken: count })
  if ((child.heard.get(PROGRESS) ?? 0) === 0) throw new Error('no progress was told')
}

export const LEGACY_PHASES: readonly Phase[] = [
  legacy({ name: 'messages', unit: 'message', unitsPerLap: 2000, inFlight: 32 }, (child) =>
    call(child, 'plain'),
  ),
  legacy(
    { name: 'answers by events, with progress', unit: 'call', unitsPerLap: 500, inFlight: 16 },
    progress,
  ),
  legacy({ name: 'cancelled calls', unit: 'call', unitsPerLap: 400 }, cancel),
  legacy({ name: 'questions of the remote', unit: 'question', unitsPerLap: 400, inFlight: 8 }, (child) =>
    call(child, 'ask'),
  ),
  legacy({ name: 'sessions lost and regained', unit: 'session', unitsPerLap: 1000 }, (child) =>
    call(child, 'lose'),
  ),
  legacy({ name: 'streams cut and resumed', unit: 'stream', unitsPerLap: 400, inFlight: 4 }, (child) =>
    call(child, 'cut'),
  ),
  legacy({ name: "the session's stream opened anew", unit: 'stream', unitsPerLap: 400 }, reopen),
  legacy({ name: 'subscriptions', unit: 'subscription', unitsPerLap: 400 }, subscribe),
  legacy({ name: 'list changes, filtered and renamed', unit: 'change', unitsPerLap: 400 }, changeList, [
    ...'--read-only --rename plain=read_plain --schema-compat gemini'.split(' '),
  ]),
  legacy({ name: 'refused with 429, then taken', unit: 'call', unitsPerLap: 300 }, (child) =>
    call(child, 'busy'),
  ),
  legacy({ name: 'failures of the remote', unit: 'call', unitsPerLap: 300 }, (child) =>
    refused(child, 'failing'),
  ),
  legacy({ name: 'results of 4 MB', unit: 'megabyte', unitsPerLap: 40, unitsPerStep: 4 }, (child) =>
    call(child, 'big', { bytes: BIG_BYTES }),
  ),
  legacy(
    { name: 'machine asleep', unit: 'sleep', unitsPerLap: 60 },
    async (child, remote, count) => {
      const opened = remote.streams + 1
      await child.sleep(3_600_000, () => cutAll(remote.raw))
      await remote.opened(opened)
      await call(child, 'plain', {}, { count })
    },
    ['--keep-alive'],
  ),
]
