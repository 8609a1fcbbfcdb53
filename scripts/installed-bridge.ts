// The installed bridge that a long run drives: packed and installed anew, unless FERRY_BIN names one or the last will do.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { BIN } from '../test/fixtures/hosts/raw-host.ts'

const PACK = fileURLToPath(new URL('pack.mjs', import.meta.url))

/** Throws where there is none in the end: a run must not take what was installed before for what is in the tree. */
export function provideBridge(takesLast: boolean): void {
  if (!takesLast && process.env.FERRY_BIN === undefined) {
    const { status } = spawnSync(process.execPath, [PACK], { stdio: 'inherit' })
    if (status !== 0) throw new Error('the package could not be packed')
  }
  if (!existsSync(BIN)) throw new Error(`${BIN} is not there; make it with: node scripts/pack.mjs`)
}
