// How the bridge is started for a chaos run: it may lose its session as often as it likes, and logs into a file.
import { spawnSync } from 'node:child_process'
import { BIN, bareEnv } from '../../test/fixtures/hosts/raw-host.ts'

export interface Wanted {
  readonly transport: 'http' | 'http+sse'
  readonly logFile: string
}

/** Flags that this build of the bridge does not know are left out. */
export function bridgeArgs({ transport, logFile }: Wanted): string[] {
  const { stdout } = spawnSync(process.execPath, [BIN, '--help'], { env: bareEnv(), encoding: 'utf8' })
  const known = (flag: string, value: string): string[] =>
    new RegExp(`^ *(-\\w, )?${flag}\\b`, 'm').test(stdout) ? [flag, value] : []
  return [
    ...known('--max-reopens', '100000'),
    ...known('--transport', transport),
    ...known('--log-file', logFile),
    ...known('--log-level', 'debug'),
  ]
}
