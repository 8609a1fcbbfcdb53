// A Windows for the tests of one file: in the test bed a drive of its own, a copy of the bed's, with the Node that is
// asked for where Node's installer puts it; on a real Windows the machine itself, with a home in a temporary folder.
// What is to be started in there is handed over as a plan to host.cjs, which plays the editor.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, win32 } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { NODES, provideWindows } from '../../scripts/windows/bed.mjs'
import { registry } from './registry.ts'

export type Launcher = 'claude-desktop' | 'joined' | 'cross-spawn' | 'vscode' | 'codex' | 'windsurf' | 'plain'

/** A line for the program's stdin; with `until` the next one goes out when an answer of that id has come. */
export interface Said {
  readonly line: string
  readonly until?: string
}

/** One start of one program, as an editor would: `command` and `args` are those of the entry in its file. */
export interface Case {
  readonly name: string
  readonly launcher: Launcher
  readonly command: string
  readonly args: readonly string[]
  /** On top of the dozen variables that hosts hand on. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly folder?: string
  readonly say?: readonly Said[]
  /** How the host ends it: stdin's end, or by killing the process that it has started, which may be a shell. */
  readonly end?: 'input' | 'kill'
}

export interface Seen {
  readonly name: string
  /** What came on stdout, without its line feeds; `rest` is what came after the last. */
  readonly lines: readonly string[]
  readonly rest: string
  readonly stderr: string
  readonly code: number | null
  readonly ms: number
  /** Why it could not be started, or had to be killed; '' when nothing went wrong. */
  readonly failure: string
}

export interface Machine {
  /** Where this machine's user is at home, as programs in there name it. */
  readonly home: string
  readonly node: string
  /** The path that programs outside have for a file of drive C:. */
  outside(path: string): string
  /** Makes what a user has who is new to the machine. */
  addHome(path: string): void
  /** Puts another Node into this folder; in the test bed only. */
  addNode(version: string, path: string): void
  /** Plays the stages one after the other, the cases of a stage a few at once. All that was started is gone then. */
  play(...stages: readonly (readonly Case[])[]): Promise<ReadonlyMap<string, Seen>>
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const INSIDE = join(root, 'scripts/windows/inside.sh')
const REAL = process.platform === 'win32'
/** Long enough for the busiest machine: only what hangs is ever killed. */
const CASE_LIMIT_MS = 180_000
const JOBS = cpus().length
const NODE_EXE = 'C:\\Program Files\\nodejs\\node.exe'

const { bed, skip } = provideWindows()
const ending: (() => void | Promise<void>)[] = []
after(async () => {
  for (const end of ending) await end()
})

/** Why there is no Windows here, for `skip` of node:test. */
export const SKIP = skip

/** The path of a file of the checkout, as programs inside name it. */
export function checkedOut(...path: readonly string[]): string {
  return REAL ? join(root, ...path) : win32.join('Z:\\checkout', ...path)
}

/** The Nodes to test: on a real Windows the one that runs there. */
export const LINES: readonly string[] = REAL ? [process.versions.node] : Object.values(NODES)

/** Makes a Windows with this Node, for as long as the calling file's tests run. */
export async function windows(node: string = NODES[22]): Promise<Machine> {
  const server = await registry()
  ending.push(() => server.close())
  const folder = mkdtempSync(REAL ? join(tmpdir(), 'ferry-windows-') : join(bed, 'runs', `${process.pid}-`))
  ending.push(() => rmSync(folder, { recursive: true, force: true }))
  if (!REAL) copyDrive(folder, node)
  const drive = REAL ? '' : join(folder, 'drive_c')
  const home = REAL ? join(folder, 'home') : 'C:\\users\\root'
  const outside = (path: string) => (REAL ? path : join(drive, ...path.split('\\').slice(1)))
  const run = REAL ? folder : 'C:\\run'
  mkdirSync(outside(run), { recursive: true })
  const machine: Machine = {
    home,
    node: REAL ? process.execPath : NODE_EXE,
    outside,
    addHome: (path) => makeHome(outside(path), server.origin),
    addNode(version, path) {
      mkdirSync(join(outside(path), '..'), { recursive: true })
      link(join(bed, 'nodes', version), outside(path))
    },
    play: (...stages) => play({ folder, home, run, outside }, stages),
  }
  machine.addHome(home)
  return machine
}

const link = (from: string, to: string) => execFileSync('cp', ['-al', from, to])

/** Linked and not copied, which takes no time; but for the registry, which Wine writes to in place. */
function copyDrive(folder: string, node: string): void {
  link(`${join(bed, 'prefix')}/.`, folder)
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.reg'))) {
    rmSync(join(folder, name))
    copyFileSync(join(bed, 'prefix', name), join(folder, name))
  }
  link(join(bed, 'nodes', node), join(folder, 'drive_c/Program Files/nodejs'))
}

function makeHome(home: string, origin: string): void {
  // Node's installer makes it; without it npx fails on a new machine.
  mkdirSync(join(home, 'AppData', 'Roaming', 'npm'), { recursive: true })
  mkdirSync(join(home, 'AppData', 'Local', 'Temp'), { recursive: true })
  writeFileSync(join(home, '.npmrc'), `registry=${origin}/\nupdate-notifier=false\n`)
}

interface Place {
  readonly folder: string
  readonly home: string
  readonly run: string
  outside(path: string): string
}

/** On a real Windows nothing is installed into the home of who runs the tests. */
function atHome(home: string): Readonly<Record<string, string>> {
  const data = join(home, 'AppData')
  const [APPDATA, LOCALAPPDATA] = [join(data, 'Roaming'), join(data, 'Local')]
  const PATH = `${join(APPDATA, 'npm')};${process.env.PATH}`
  return {
    USERPROFILE: home,
    HOMEPATH: home.slice(2),
    APPDATA,
    LOCALAPPDATA,
    TEMP: join(LOCALAPPDATA, 'Temp'),
    PATH,
  }
}

async function play(
  { folder, home, run, outside }: Place,
  stages: readonly (readonly Case[])[],
): Promise<ReadonlyMap<string, Seen>> {
  const inRun = (name: string) => win32.join(run, name)
  const whole = stages.map((stage) =>
    stage.map((one) => ({ env: {}, folder: run, say: [], end: 'input', ...one })),
  )
  const plan = {
    jobs: JOBS,
    limitMs: CASE_LIMIT_MS,
    seen: inRun('seen.jsonl'),
    crossSpawn: checkedOut('node_modules', 'cross-spawn'),
    stages: whole,
  }
  writeFileSync(outside(inRun('plan.json')), JSON.stringify(plan))
  writeFileSync(outside(plan.seen), '')
  const host = [checkedOut('test', 'windows', 'host.cjs'), inRun('plan.json')]
  const output = join(folder, 'output.txt')
  const stdio = ['ignore', openSync(output, 'w'), openSync(output, 'a')] as const
  const child = REAL
    ? spawn(process.execPath, host, { stdio: [...stdio], env: { ...process.env, ...atHome(home) } })
    : spawn(INSIDE, [join(bed, 'trixie'), folder, root, NODE_EXE, ...host], {
        stdio: [...stdio],
      })
  await once(child, 'close')
  return result(readFileSync(outside(plan.seen), 'utf8'), readFileSync(output, 'utf8'))
}

function result(text: string, output: string): ReadonlyMap<string, Seen> {
  const all = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Seen & { readonly left?: readonly string[] })
  const last = all.pop()
  if (last?.left === undefined)
    throw new Error(`the host did not come to its end: ${last?.failure} ${output}`)
  if (last.left.length > 0) throw new Error(`still running at the end: ${last.left.join(' ')}`)
  return new Map(all.map((seen) => [seen.name, seen]))
}
