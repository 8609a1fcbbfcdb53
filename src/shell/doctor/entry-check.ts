// One entry from end to end: what is written there, what the editor makes of it, the traps in it, and a start.
// entries.ts calls it for each. users.md 1 and 2.
import { statSync } from 'node:fs'
import { findProgram, isFile } from '../../auth/program-path.ts'
import { createRedactor } from '../../log.ts'
import { lookUp } from '../../options/variables.ts'
import type { Surroundings } from '../door.ts'
import type { Place } from '../editors/editor.ts'
import type { ServerFields } from '../files/servers.ts'
import { nameInCommand } from '../shown-command.ts'
import { secretsIn } from './argument-traps.ts'
import { passedEnvironment } from './entry-environment.ts'
import { baseName, type Run, readEntry, runOf, type StdioEntry } from './entry-fields.ts'
import type { FileReading } from './entry-files.ts'
import { askVersion } from './entry-program.ts'
import { type Filled, fillEntry } from './entry-references.ts'
import { stepsOf } from './entry-telling.ts'
import { planStart, type Start } from './launchers.ts'
import { startEntry } from './start-entry.ts'
import type { Step } from './step.ts'
import { type Trap, trapsOf } from './traps.ts'

export interface EntriesGround {
  readonly surroundings: Pick<Surroundings, 'env' | 'version' | 'stopped'>
  readonly place: Place
  /** The person has named the server or the file, and not the editor alone. */
  readonly isNamed: boolean
  readonly report: (step: Step) => Promise<void>
}

export interface OneEntry {
  readonly name: string
  readonly fields: ServerFields
  readonly file: Extract<FileReading, { readonly kind: 'read' }>
  readonly ground: EntriesGround
}

/** An entry with what this system makes of it. */
interface Prepared extends OneEntry {
  readonly entry: StdioEntry
  readonly filled: Filled
  readonly run: Run
  readonly env: Readonly<Record<string, string>>
  readonly resolved: string | undefined
  readonly cwd: string
  readonly windows: boolean
}

const LIMIT_MS = 60_000
/** The bridge goes on trying for a remote that is not there, and tells only at its end what has failed. */
const BRIDGE_LIMIT_MS = 20_000
const CODEX_WAITS_MS = 10_000
const NEEDED_NODE = [20, 18, 1]
/** Nobody is asked to sign in for what is only tried; and the remote itself is to answer, not the bridge in its place. */
const FOR_A_TRIAL = { MCP_FERRY_NON_INTERACTIVE: '1', MCP_FERRY_START_BUDGET: '0' }
/** With these there is nothing to start. */
const CANNOT_START: readonly string[] = [
  'copy-gone',
  'node-gone',
  'file-gone',
  'no-folder',
  'line-in-argument',
]

export async function checkEntry(one: OneEntry): Promise<void> {
  const { name, fields, file, ground } = one
  const { report } = ground
  const entry = readEntry(fields)
  const facts = { server: name }
  if (entry.kind === 'unusable')
    return report({
      name: 'entry',
      state: 'fail',
      sees: `${name} has ${entry.why}`,
      advice: entry.advice,
      facts: { ...facts, code: 'unusable' },
    })
  if (entry.isDisabled)
    return report({ name: 'entry', state: 'skipped', sees: `${name} is switched off`, facts })
  if (entry.kind === 'remote')
    return report({
      name: 'entry',
      state: 'skipped',
      sees: `${name} is a remote that ${file.editor.title} speaks to itself`,
      advice: 'to look at the way there: mcp-ferry doctor URL',
      facts,
    })
  const prepared = prepare(one, entry)
  const traps = await allTraps(prepared)
  for (const trap of traps) await report(stepOf(trap, name))
  if (!traps.some(({ state }) => state !== 'ok'))
    await report({
      name: 'entry',
      state: 'ok',
      sees: `${name} has nothing in it that is known to fail`,
      facts,
    })
  await start(prepared, traps)
}

function prepare(one: OneEntry, entry: StdioEntry): Prepared {
  const { file, ground } = one
  const { place } = ground
  const { system, env: own, home } = place
  const windows = system === 'windows'
  const editor = file.editor.name
  const environment = { values: own, windows }
  const folder = file.isProject ? place.cwd : home
  const filled = fillEntry(entry, { editor, environment, home, folder: place.cwd })
  const { forwarded } = entry
  const env = passedEnvironment({ editor, system, own, forwarded, added: filled.env })
  const cwd = entry.cwd ?? folder
  const resolved = findProgram(filled.command, { env, windows, cwd })
  return { ...one, entry, filled, run: runOf(filled), env, resolved, cwd, windows }
}

async function allTraps(prepared: Prepared): Promise<readonly Trap[]> {
  const { name, entry, filled, file, ground, env, resolved, cwd } = prepared
  const traps = trapsOf(entry, filled, {
    name,
    file: file.path,
    editor: file.editor,
    system: ground.place.system,
    passed: env,
    resolved,
    isFile,
    inputs: file.inputs,
  })
  const own = [
    ...(isFolder(cwd) ? [] : [noFolder(cwd)]),
    ...(isForeign(prepared) ? [] : await nodeTraps(prepared)),
  ]
  return [...traps, ...own]
}

/** A project may come from anybody, and editors ask before they run what is in one: so nothing of it is run unless it is named. */
function isForeign({ file, ground }: OneEntry): boolean {
  return file.isProject && !ground.isNamed
}

function noFolder(cwd: string): Trap {
  return {
    code: 'no-folder',
    state: 'fail',
    sees: `it is to run in ${cwd}, which is no folder`,
    advice: 'write a folder that is there as "cwd", or leave it out',
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** Editors often take the oldest Node that there is (users.md 1 row 7). */
async function nodeTraps({ run, resolved, env, windows, cwd }: Prepared): Promise<Trap[]> {
  if (run.program === 'other' || resolved === undefined) return []
  const isNode = baseName(resolved) === 'node'
  const node = isNode ? resolved : findProgram('node', { env, windows, cwd })
  if (node === undefined)
    return [
      {
        code: 'node-not-found',
        state: 'warn',
        sees: 'there is no node on the PATH that the program gets',
        advice: 'write the whole path of node as "command", and the script as the first argument',
      },
    ]
  const version = await askVersion(node, env)
  if (version === undefined || isNewEnough(version)) return []
  return [
    {
      code: 'old-node',
      state: 'warn',
      sees: `it runs on Node ${version} (${node}), which is older than ${NEEDED_NODE.join('.')}${
        run.program === 'mcp-ferry' ? '; at each start mcp-ferry looks for a newer one' : ''
      }`,
      advice: 'write the whole path of a newer node as "command"',
    },
  ]
}

function isNewEnough(version: string): boolean {
  const parts = version.replace(/^v/, '').split('.').map(Number)
  const at = NEEDED_NODE.findIndex((needed, index) => (parts[index] ?? 0) !== needed)
  return at < 0 || (parts[at] ?? 0) > NEEDED_NODE[at]!
}

function stepOf({ code, state, sees, advice }: Trap, name: string): Step {
  return { name: 'entry', state, sees: `${name}: ${sees}`, advice, facts: { server: name, code } }
}

async function start(prepared: Prepared, traps: readonly Trap[]): Promise<void> {
  const { name, filled, file, ground, resolved, entry } = prepared
  const { report } = ground
  const skip = (why: string, advice?: string): Promise<void> =>
    report({
      name: 'start',
      state: 'skipped',
      sees: `${name} is not started: ${why}`,
      facts: { server: name },
      ...(advice !== undefined && { advice }),
    })
  if (isForeign(prepared))
    return skip(
      'it comes with the project in this folder',
      `if you trust that, name it: mcp-ferry doctor --editor ${file.editor.name} ${nameInCommand(name)}`,
    )
  if (resolved === undefined || traps.some(({ code }) => CANNOT_START.includes(code)))
    return skip('as it stands it cannot be')
  const [asked] = filled.asked
  if (asked !== undefined)
    return skip(
      `${file.editor.title} asks for ${asked.id} first`,
      asked.where.variable === undefined
        ? `put \${input:${asked.id}} into "env", where it can be had from a variable here`
        : `to have it started here, run this again with ${asked.where.variable} set`,
    )
  const plan = planStart({
    launcher: file.editor.launcher,
    system: ground.place.system,
    command: filled.command,
    args: filled.args,
    resolved,
    comspec: lookUp('COMSPEC', { values: ground.place.env, windows: true }),
  })
  if (plan.by === 'nothing')
    return report({
      name: 'start',
      state: 'fail',
      sees: `${name} is not started by ${file.editor.title}: ${plan.why}`,
      advice: 'put the value into "env"',
      facts: { server: name },
    })
  for (const step of await run(prepared, plan, entry.timeoutMs)) await report(step)
}

async function run(
  prepared: Prepared,
  plan: Exclude<Start, { readonly by: 'nothing' }>,
  ownLimitMs: number | undefined,
): Promise<readonly Step[]> {
  const { name, file, filled, ground, env, cwd, windows, run: what } = prepared
  const { surroundings } = ground
  const secrets = [...Object.values(filled.env), ...filled.secrets, ...secretsIn(filled.args)]
  const isBridge = what.program === 'mcp-ferry' && what.through !== 'fetcher'
  const seen = await startEntry({
    start: plan,
    env: what.program === 'mcp-ferry' ? { ...FOR_A_TRIAL, ...env } : env,
    cwd,
    windows,
    systemEnv: ground.place.env,
    limitMs: ownLimitMs ?? (isBridge ? BRIDGE_LIMIT_MS : LIMIT_MS),
    version: surroundings.version,
    stopped: surroundings.stopped,
  })
  return stepsOf(seen, {
    name,
    editor: file.editor,
    run: what,
    editorWaitsMs: file.editor.launcher === 'codex' ? (ownLimitMs ?? CODEX_WAITS_MS) : undefined,
    how: plan.how,
    redact: createRedactor(secrets).redact,
  })
}
