// The Node that an entry names. The one that runs knows itself by a path without links, which of a package manager ends with
// the next upgrade; of the names that lead to it the one is taken that will still do so. arguments.md 6.
import { realpathSync } from 'node:fs'
import { posix, win32 } from 'node:path'
import { lookUp } from '../../options/variables.ts'

export interface RunningNode {
  readonly execPath: string
  readonly platform: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
  /** Folders for what does not last. */
  readonly temporary: readonly string[]
  /** Undefined where nothing is. */
  readonly realPath: (path: string) => string | undefined
}

export interface NamedNode {
  readonly path: string
  /** For the person, if it will not last. */
  readonly note?: string
}

const BREW = ['/opt/homebrew', '/usr/local', '/home/linuxbrew/.linuxbrew']
const KEG = /^(.*)\/Cellar\/([^/]+)\//
/** What each terminal or each start gets anew, or what asks which Node is meant. */
const PASSING = /[\\/](?:fnm_multishells|_npx|shims|node_modules)[\\/]/
const HAS_VERSION = /\d+\.\d+\.\d+|\/snap\/[^/]+\/\d+\//

export function nodeToName(node: RunningNode): NamedNode {
  const { execPath, realPath } = node
  const real = realPath(execPath) ?? execPath
  const isGood = (path: string): boolean => !isPassing(path, node)
  const known = [execPath, ...wellKnown(real, node), ...onPath(node)]
  const names = known.filter((path) => isGood(path) && (realPath(path) ?? path) === real)
  const path = names.find((name) => !HAS_VERSION.test(name)) ?? names[0] ?? real
  if (isGood(path)) return { path }
  return {
    path,
    note: `the Node that runs this, ${path}, is in a place that may be emptied; install Node and run it again`,
  }
}

export function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

function wellKnown(real: string, { platform, home, env }: RunningNode): string[] {
  if (platform === 'win32') return [real]
  const [, prefix, formula = ''] = KEG.exec(real) ?? []
  const brew = prefix === undefined ? BREW : [prefix, ...BREW]
  const fnm = [env.FNM_DIR ?? '', `${home}/.local/share/fnm`, `${home}/Library/Application Support/fnm`]
  return [
    ...brew.map((root) => `${root}/bin/node`),
    ...brew.map((root) => `${root}/opt/${formula}/bin/node`),
    '/usr/bin/node',
    '/snap/bin/node',
    real.replace(/^(\/snap\/[^/]+)\/\d+\//, '$1/current/'),
    ...fnm.filter((root) => root !== '').map((root) => `${root}/aliases/default/bin/node`),
    real,
  ]
}

function onPath({ platform, env }: RunningNode): string[] {
  const windows = platform === 'win32'
  const { delimiter, join, isAbsolute } = windows ? win32 : posix
  const folders = (lookUp('PATH', { values: env, windows }) ?? '').split(delimiter)
  const clean = folders.map((folder) => folder.replace(/^"(.*)"$/, '$1'))
  return clean.filter(isAbsolute).map((folder) => join(folder, windows ? 'node.exe' : 'node'))
}

function isPassing(path: string, { temporary }: RunningNode): boolean {
  return (
    PASSING.test(path) ||
    temporary.some((folder) => /^[\\/]/.test(path.slice(folder.length)) && path.startsWith(folder))
  )
}
