// server-everything as a remote of the matrix: one process for all cells, each of which has a session of its own.
import { type Everything, startEverything as start } from '../../fixtures/servers/started-program.ts'
import { freePort } from '../harness.ts'
import type { Remote } from './remote.ts'

let running: Promise<Everything> | undefined

export async function startEverything(): Promise<Remote> {
  running ??= freePort().then(start)
  const { url } = await running
  return { url, witness: undefined, legacyOnly: true, close: async () => {} }
}

export async function stopEverything(): Promise<void> {
  await (await running)?.close()
}
