// Real peers in all four cells of the eras (protocol.md LL, MM, LM, ML): every behaviour between every host and every
// remote, with the installed bridge in between. MATRIX_DIRECT=1 takes the bridge out where the two share an era, which
// tells whether it is the behaviour or the bridge that is wrong.
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import type { Behaviour } from './matrix/behaviour.ts'
import { BEHAVIOURS } from './matrix/behaviours.ts'
import { HOSTS, type HostKind, type MatrixHost, type Reach } from './matrix/host.ts'
import { IMPOSSIBLE, whyImpossible } from './matrix/impossible.ts'
import { REMOTES, type Remote, type RemoteKind } from './matrix/remote.ts'
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
      for (const behaviour of BEHAVIOURS) cell(hostKind, remoteKind, behaviour)
    })
  }

function cell(hostKind: HostKind, remoteKind: RemoteKind, behaviour: Behaviour): void {
  const pair = `${hostKind.name} × ${remoteKind.name}`
  const impossible = whyImpossible(hostKind.name, remoteKind.name, behaviour.name, direct)
  const place = cells.push({ behaviour: behaviour.name, pair, outcome: ' ' }) - 1
  const note = (outcome: Cell['outcome'], reason?: string) => {
    cells[place] = { behaviour: behaviour.name, pair, outcome, ...(reason === undefined ? {} : { reason }) }
  }
  it(behaviour.name, { timeout: 60_000 }, async () => {
    note('✗')
    if (impossible === undefined) {
      await converse(hostKind, remoteKind, (host, remote) => tryOut(behaviour, host, remote))
      note('✓')
      return
    }
    const { fails, reason } = impossible
    if (fails !== undefined)
      await converse(hostKind, remoteKind, (host, remote) =>
        assert.rejects(behaviour.run(host, remote), fails),
      )
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

async function converse(
  hostKind: HostKind,
  remoteKind: RemoteKind,
  talk: (host: MatrixHost, remote: Remote) => Promise<void>,
): Promise<void> {
  const remote = await remoteKind.start()
  try {
    const host = await hostKind.start(reach(remote))
    try {
      if (!direct) assert.equal(host.era, hostKind.era, 'the era that the host has found')
      await talk(host, remote)
    } finally {
      await host.close()
    }
  } finally {
    await remote.close()
  }
}

function reach({ url }: Remote): Reach {
  if (direct) return { kind: 'direct', url }
  return { kind: 'bridge', command: process.execPath, args: [BIN, url], env: bareEnv() }
}
