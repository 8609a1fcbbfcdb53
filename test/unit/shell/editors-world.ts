// What a command of the shell is lent, made up: the bridge's own reader with a made-up environment.
import { homedir } from 'node:os'
import paths from 'node:path'
import { Readable, Writable } from 'node:stream'
import type { Door } from '../../../src/options/program.ts'
import { parseCommandLine } from '../../../src/options/program.ts'
import type { Surroundings } from '../../../src/shell/door.ts'
import type { Secret, Value } from '../../../src/shell/editors/entry.ts'

export interface World {
  readonly env?: Readonly<Record<string, string>>
  readonly platform?: string
  readonly files?: Readonly<Record<string, string>>
}

function cwdOf({ platform }: World): string {
  return platform === 'win32' ? 'C:\\proj' : '/proj'
}

/** The bridge's reader, to the end. */
export async function readAsBridge(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  world: World = {},
): Promise<Door> {
  const door = parseCommandLine({
    argv,
    env,
    platform: world.platform ?? 'linux',
    version: '1.2.3',
    home: homedir,
    readFile: (path) => {
      const { posix, win32 } = paths
      const { resolve } = world.platform === 'win32' ? win32 : posix
      const whole = (name: string): string => resolve(cwdOf(world), name)
      const [, text] = Object.entries(world.files ?? {}).find(([name]) => whole(name) === whole(path)) ?? []
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
      return new TextEncoder().encode(text)
    },
  })
  return door.kind === 'bridge' && door.whole ? { kind: 'bridge', options: await door.whole() } : door
}

export function surroundingsIn(world: World): Surroundings {
  const platform = world.platform ?? 'linux'
  const unused = () => {
    throw new TypeError('nobody needs this here')
  }
  return {
    env: world.env ?? {},
    platform,
    version: '1.2.3',
    userAgent: 'mcp-ferry/1.2.3',
    program: {
      stdin: Readable.from([]),
      stdout: new Writable(),
      argv: [],
      execPath: '/usr/bin/node',
      version: 'v22.0.0',
      arch: 'x64',
      cwd: () => cwdOf(world),
    },
    stopped: new Promise(() => {}),
    tell: () => {},
    openLog: unused,
    read: (argv, env) => readAsBridge(argv, env, world),
    prepare: unused,
  }
}

/** A variable of an entry in one text: secrets in «», with ! where the editor may find them, and = and what is known. */
export function told({ parts }: Value): string {
  return parts.map((part) => (typeof part === 'string' ? part : `«${toldSecret(part)}»`)).join('')
}

function toldSecret({ variable, text, isInEnvironment, isInUrl }: Secret): string {
  const known = text === undefined ? '' : `=${text}`
  return `${variable}${isInEnvironment ? '!' : ''}${isInUrl ? '%' : ''}${known}`
}
