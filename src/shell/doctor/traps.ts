// What is known to go wrong with an entry before the program runs, found by looking at it: one sentence for each, and the
// remedy. No value of an argument or variable is told. Pure. arguments.md 2, users.md 1 and 3.
import type { Editor, System } from '../editors/editor.ts'
import { nameInCommand, quoted } from '../shown-command.ts'
import { argumentTraps } from './argument-traps.ts'
import { baseName, type Run, runOf, type StdioEntry } from './entry-fields.ts'
import type { Filled } from './entry-references.ts'
import { isBatchFile } from './launchers.ts'
import { referenceTraps } from './reference-traps.ts'

export interface Trap {
  readonly code: string
  /** `ok`: nothing is wrong, there is only something better. */
  readonly state: 'ok' | 'warn' | 'fail'
  readonly sees: string
  readonly advice: string
}

export interface Ground {
  readonly name: string
  /** The file that it is in, for the commands that the remedies name. */
  readonly file: string
  readonly editor: Editor
  readonly system: System
  /** What the program gets from the editor, what the entry adds among it. */
  readonly passed: Readonly<Record<string, string | undefined>>
  /** The file that the command leads to. */
  readonly resolved: string | undefined
  readonly isFile: (path: string) => boolean
  /** The ids of VS Code's `inputs`. */
  readonly inputs: readonly string[]
}

/** An entry with what was found out about it. */
export interface Examined {
  readonly entry: StdioEntry
  readonly filled: Filled
  readonly run: Run
  /** Whether cmd.exe reads the arguments: through a batch file, or because the entry asks for it. */
  readonly isReadByCmd: boolean
  readonly ground: Ground
}

/** Hosts put their own names and those of tools together, and cut or refuse what is longer than 60 or 64. */
const LONG_NAME = 32

export function trapsOf(entry: StdioEntry, filled: Filled, ground: Ground): readonly Trap[] {
  const run = runOf(filled)
  const isReadByCmd = ground.system === 'windows' && (run.isBehindCmd || isBatchFile(ground.resolved))
  const examined: Examined = { entry, filled, run, isReadByCmd, ground }
  return [
    ...nameTraps(ground),
    ...commandTraps(examined),
    ...packageTraps(examined),
    ...argumentTraps(examined),
    ...referenceTraps(examined),
  ]
}

function nameTraps({ name }: Ground): Trap[] {
  const traps: Trap[] = []
  if (!/^[A-Za-z0-9_-]+$/.test(name))
    traps.push({
      code: 'name',
      state: 'warn',
      sees: 'its name has characters other than letters, digits, - and _, which editors change or refuse',
      advice: 'give it a name of these characters',
    })
  if (name.length > LONG_NAME)
    traps.push({
      code: 'long-name',
      state: 'warn',
      sees: `its name has ${name.length} characters; editors leave out tools whose name with that of the server is longer than 60`,
      advice: 'give it a shorter name',
    })
  return traps
}

function commandTraps(examined: Examined): Trap[] {
  const { filled, ground, entry } = examined
  const { command } = filled
  if (ground.resolved === undefined) return [notFound(examined)]
  const traps: Trap[] = []
  const name = baseName(command)
  if (ground.system === 'windows' && name === 'npx' && ground.editor.npxOnWindows === 'cmd')
    traps.push({
      code: 'npx-on-windows',
      state: 'warn',
      sees: `it starts npx alone, which ${ground.editor.title} on Windows cannot start on every machine`,
      advice: `write "command": "cmd" and put /d, /c and npx before the arguments${orOurs(examined)}`,
    })
  // cmd.exe takes quotes away where the path between them has a bracket (users.md 3d).
  if (ground.editor.launcher === 'claude-desktop' && isBatchFile(ground.resolved))
    if (/ /.test(ground.resolved) && /[&<>()@^|]/.test(ground.resolved))
      traps.push({
        code: 'special-path',
        state: 'fail',
        sees: `${ground.editor.title} starts ${name} through cmd.exe, which cannot read a path with a blank and a bracket: ${ground.resolved}`,
        advice: `name the program itself, an .exe with its whole path${orOurs(examined)}`,
      })
  if (isRelative(command))
    traps.push({
      code: 'relative-path',
      state: 'warn',
      sees: 'the command is a path from the folder in which the editor happens to run',
      advice: 'write the whole path',
    })
  const { what, through, at } = examined.run
  if (through === 'node' && entry.cwd === undefined && isRelative(what))
    traps.push({
      code: 'relative-path',
      state: 'warn',
      sees: `argument ${at + 1} is a path from the folder in which the editor happens to run`,
      advice: 'write the whole path',
    })
  return [...traps, ...scriptTraps(examined)]
}

function isRelative(path: string): boolean {
  return /[\\/]/.test(path) && !isAbsolute(path) && !/^[~@$]/.test(path)
}

/** By the customs of either system: the file may be for another one. */
function isAbsolute(path: string): boolean {
  return /^(?:[\\/]|[A-Za-z]:[\\/])/.test(path)
}

function scriptTraps({ run, ground }: Examined): Trap[] {
  if (run.through !== 'node' || !isAbsolute(run.what) || ground.isFile(run.what)) return []
  const isOurs = run.program === 'mcp-ferry'
  return [
    {
      code: isOurs ? 'copy-gone' : 'file-gone',
      state: 'fail',
      sees: isOurs
        ? `it starts a copy of mcp-ferry that is gone: ${run.what}`
        : `it starts ${run.what}, which does not exist`,
      advice: isOurs ? 'mcp-ferry config --update' : 'write the path of the file as it is now',
    },
  ]
}

function notFound({ filled, run, ground }: Examined): Trap {
  const { command } = filled
  const trap = (code: string, sees: string, advice: string): Trap => ({ code, state: 'fail', sees, advice })
  if (command === '') return trap('command-not-found', 'its command is empty', 'write the program to start')
  if (/^[^\s\\/]+\s|\s-/.test(command))
    return trap(
      'command-with-arguments',
      'its command has arguments in it, and editors take all of it for the name of a program',
      'write the program alone as "command" and each argument as a text of its own in "args"',
    )
  if (run.isBehindCmd && ground.system !== 'windows')
    return trap(
      'for-windows',
      'it is written for Windows: it starts cmd, which is not there',
      'write "command": "npx" and leave out the arguments up to npx',
    )
  if (command.startsWith('~'))
    return trap(
      'command-not-found',
      'its command begins with ~, which no editor fills in',
      'write the whole path',
    )
  if (!isAbsolute(command))
    return trap(
      'command-not-found',
      `${command} is not found on PATH`,
      `install it, or write its whole path, since an editor often starts with a shorter PATH than a terminal`,
    )
  const isOurs = run.program === 'mcp-ferry'
  if (baseName(command) === 'node')
    return trap(
      'node-gone',
      `it starts a Node that is gone: ${command}`,
      isOurs ? 'mcp-ferry config --update' : 'write the path of a Node that is there',
    )
  return trap(
    isOurs ? 'copy-gone' : 'command-not-found',
    `it starts ${command}, which does not exist or is no program`,
    isOurs ? 'mcp-ferry config --update' : 'write the path of the program as it is now',
  )
}

function packageTraps({ run, filled, ground }: Examined): Trap[] {
  const traps: Trap[] = []
  if (run.program === 'mcp-remote')
    traps.push({
      code: 'mcp-remote',
      state: 'ok',
      sees: 'it leads through mcp-remote',
      advice: `to see what it becomes with mcp-ferry: mcp-ferry config --from ${quoted(ground.file)}`,
    })
  if (run.through !== 'fetcher') return traps
  const pinned = isPinned(run.what)
  if (!pinned)
    traps.push({
      code: 'unpinned',
      state: 'warn',
      sees: `argument ${run.at + 1} names a package without its version, so that each start asks for the newest and runs it`,
      advice:
        run.program === 'mcp-ferry' ? 'mcp-ferry config --update' : 'put @ and a version behind its name',
    })
  const behind = filled.args.findIndex((arg, index) => index > run.at && /^(?:-y|--yes)$/.test(arg))
  if (behind >= 0 && run.program !== 'other')
    traps.push({
      code: 'yes-behind-package',
      state: run.program === 'mcp-ferry' ? 'warn' : 'fail',
      sees: `argument ${behind + 1} is ${filled.args[behind]}, which is for npx and stands behind the package`,
      advice: 'put it before the name of the package',
    })
  return traps
}

function isPinned(spec: string): boolean {
  if (/^(?:file:|\.{0,2}[\\/]|[A-Za-z]:[\\/]|https?:)/.test(spec)) return true
  return /(?:.@|==)v?\d+\.\d+\.\d+\S*$/.test(spec)
}

/** For an entry of ours there is a way without doing it by hand. */
function orOurs({ run, ground }: Examined): string {
  if (run.program === 'mcp-ferry')
    return `, or let mcp-ferry config ${ground.editor.name} ${nameInCommand(ground.name)} URL --write do it`
  return run.program === 'mcp-remote' ? `, or look at mcp-ferry config --from ${quoted(ground.file)}` : ''
}
