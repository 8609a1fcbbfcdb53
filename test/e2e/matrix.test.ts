// Real peers in all four cells of the eras (protocol.md LL, MM, LM, ML): every behaviour between every host and every
// remote, with the installed bridge in between. MATRIX_DIRECT=1 takes the bridge out where the two share an era, which
// tells whether it is the behaviour or the bridge that is wrong.
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import type { Behaviour } from './matrix/behaviour.ts'
import { BEHAVIOURS } from './matrix/behaviours.ts'
import { HOSTS, type HostKind, type HostName, type MatrixHost, type Reach } from './matrix/host.ts'
import { IMPOSSIBLE, whyImpossible } from './matrix/impossible.ts'
import { READING } from './matrix/reading.ts'
import { REMOTES, type Remote, type RemoteKind, type RemoteName } from './matrix/remote.ts'
import { stopEverything } from './matrix/remote-everything.ts'
import { type Cell, drawTable } from './matrix/table.ts'

const direct = process.env.MATRIX_DIRECT === '1'
const cells: Cell[] = []

after(async () => {
  await stopEverything()
  console.log(drawTable(cells))
})

it('the cells that cannot be are cells of the matrix', () => {
  const names = new Set(BEHAVIOURS.map(({ name }) => name))
  assert.equal(names.size, BEHAVIOURS.length, 'two behaviours have the same name')
  const unknown = IMPOSSIBLE.flatMap(({ behaviours }) => behaviours).filter((name) => !names.has(name))
  assert.deepEqual(unknown, [])
})

for (const hostKind of HOSTS)
  for (const remoteKind of REMOTES) {
    const shared = hostKind.eras.some((era) => remoteKind.eras.includes(era))
    if (direct && !shared) continue
    describe(`${hostKind.name} × ${remoteKind.name}`, { concurrency: 4 }, () => {
      // What changes nothing shares one conversation: the start of a bridge costs more than what is said over it.
      let shared: Promise<Conversation> | undefined
      const share = () => {
        shared ??= begin(hostKind, remoteKind)
        return shared
      }
      after(async () => (await shared?.catch(() => undefined))?.end())
      for (const behaviour of BEHAVIOURS)
        cell(hostKind.name, remoteKind.name, behaviour, async (talk) => {
          if (READING.includes(behaviour)) return talk(await share())
          const conversation = await begin(hostKind, remoteKind)
          await talk(conversation).finally(() => conversation.end())
        })
    })
  }

interface Conversation {
  readonly host: MatrixHost
  readonly remote: Remote
  end(): Promise<void>
}

function cell(
  hostName: HostName,
  remoteName: RemoteName,
  behaviour: Behaviour,
  converse: (talk: (conversation: Conversation) => Promise<void>) => Promise<void>,
): void {
  const pair = `${hostName} × ${remoteName}`
  const impossible = whyImpossible(hostName, remoteName, behaviour.name, direct)
  const place = cells.push({ behaviour: behaviour.name, pair, outcome: ' ' }) - 1
  const note = (outcome: Cell['outcome'], reason?: string) => {
    cells[place] = { behaviour: behaviour.name, pair, outcome, ...(reason === undefined ? {} : { reason }) }
  }
  it(behaviour.name, { timeout: 240_000 }, async () => {
    note('✗')
    if (impossible === undefined) {
      await converse(({ host, remote }) => tryOut(behaviour, host, remote))
      note('✓')
      return
    }
    const { fails, reason } = impossible
    if (fails !== undefined)
      await converse(({ host, remote }) => assert.rejects(behaviour.run(host, remote), fails))
    note('–', reason)
  })
}

async function tryOut(behaviour: Behaviour, host: MatrixHost, remote: Remote): Promise<void> {
  const { notes } = host
  try {
    await behaviour.run(host, remote)
    if (behaviour.mayErr !== true)
      assert.deepEqual(notes.errors.map(String), [], 'what the host complains about')
  } catch (error) {
    const { asked, told, stderr } = notes
    const seen = { asked, told, stderr, errors: notes.errors.map(String) }
    throw new Error(`${error}\n${JSON.stringify(seen, null, 1)}`, { cause: error })
  }
}

async function begin(hostKind: HostKind, remoteKind: RemoteKind): Promise<Conversation> {
  const remote = await remoteKind.start()
  let host: MatrixHost | undefined
  const end = async () => {
    await host?.close()
    await remote.close()
  }
  try {
    host = await hostKind.start(reach(remote))
    if (!direct) assert.equal(host.era, hostKind.era, 'the era that the host has found')
    return { host, remote, end }
  } catch (error) {
    await end()
    throw error
  }
}

function reach({ url }: Remote): Reach {
  if (direct) return { kind: 'direct', url }
  // Hundreds of servers stand here one after the other, some on a port that one of another era had: what is remembered of that
  // is not true of this one.
  const { HOME = '', ...env } = bareEnv()
  const cache = mkdtempSync(join(HOME, 'cache-'))
  return {
    kind: 'bridge',
    command: process.execPath,
    args: [BIN, url],
    env: { ...env, HOME, MCP_FERRY_CACHE_DIR: cache },
  }
}
