// `mcp-ferry doctor`: walks the way from the command line to the remote's tools and tells what it finds; or looks at what an
// editor's config makes of it. users.md 2.
import { homedir } from 'node:os'
import { type BridgeError, toBridgeError, usage } from '../../errors.ts'
import { createRedactor, type Log } from '../../log.ts'
import type { Options } from '../../options/options.ts'
import { DOCTOR_FLAGS, EDITOR_NAMES } from '../../options/tool-flags.ts'
import { isColoured } from '../colour.ts'
import { lookAtArguments, lookAtProgram, lookAtVariables } from '../doctor/environment.ts'
import { givenBy } from '../doctor/reading.ts'
import { createReport, type Report } from '../doctor/report.ts'
import { createSteps, NETWORK_STEPS, skipAll, walk } from '../doctor/walk.ts'
import type { Surroundings } from '../door.ts'
import { readToolLine } from './tool-line.ts'

/** The exit code. Rejects with BridgeError `usage`. */
export async function runDoctor(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { flags, rest } = readToolLine(argv, DOCTOR_FLAGS)
  const { program, env, version } = surroundings
  const report = createReport({
    output: program.stdout,
    isJson: flags.has('--json'),
    isColoured: isColoured(program.stdout, env),
    home: homeOf(env),
    version,
  })
  report.redactBy(createRedactor([]).redact)
  const editor = flags.get('--editor')?.at(-1)
  const file = flags.get('--config')?.at(-1)
  if (editor === undefined && file === undefined) {
    refuseNothing(rest, surroundings)
    return examine(rest, surroundings, report)
  }
  const server = serverIn(rest)
  // With the parsers of configs; who has a URL needs none of it.
  const { checkEntries } = await import('../doctor/entries.ts')
  const exitCode = await checkEntries({
    ...(editor !== undefined && { editor }),
    ...(file !== undefined && { file }),
    ...(server !== undefined && { server }),
    surroundings,
    report: report.step,
  })
  await report.end({
    exitCode,
    about: { editor: editor ?? null, file: file ?? null, server: server ?? null },
  })
  return exitCode
}

/** Throws BridgeError `usage` where there is nothing to look at. */
function refuseNothing(rest: readonly string[], { env }: Surroundings): void {
  const [word, ...more] = rest
  if (more.length === 0 && EDITOR_NAMES.some((name) => name === word))
    throw usage(
      'url-missing',
      `to have the config of ${word} checked, write mcp-ferry doctor --editor ${word}`,
    )
  if (word === undefined && !Object.keys(env).some((name) => /^MCP_FERRY_URL(?:_ENV)?$/i.test(name)))
    throw usage(
      'url-missing',
      "there is no URL; write mcp-ferry doctor https://host/path with the options of the editor's config, or mcp-ferry doctor --editor <editor>",
    )
}

/** What stands beside an editor or a file: the name of one server there, or nothing. */
function serverIn(rest: readonly string[]): string | undefined {
  const [server, ...more] = rest.filter((word) => word !== '--')
  if (more.length > 0 || server?.startsWith('-') || /^https?:\/\//i.test(server ?? ''))
    throw usage(
      'unexpected-argument',
      'beside --editor or --config stands nothing but the name of a server in it; leave the rest out',
    )
  return server
}

/** `doctor <url>`: the way of one command line. */
async function examine(argv: readonly string[], surroundings: Surroundings, report: Report): Promise<number> {
  const { env, platform } = surroundings
  const environment = { values: env, windows: platform === 'win32' }
  const { take, exitCode } = createSteps(report.step)
  const outcome = await readOptions(argv, surroundings)
  const given = givenBy(argv, environment)
  const url = 'facts' in outcome ? undefined : outcome.url
  const log = 'facts' in outcome ? undefined : openLog(outcome, surroundings)
  if (log !== undefined) report.redactBy(log.redact)
  await take('program', 'internal', () => lookAtProgram(surroundings))
  await take('arguments', 'usage', () => lookAtArguments({ argv, given, outcome }, Date.now()))
  await take('variables', 'usage', () => lookAtVariables(given, environment))
  if ('facts' in outcome || log === undefined)
    await skipAll(take, NETWORK_STEPS, 'because the arguments cannot be used')
  else await walk({ options: outcome, log, surroundings, take })
  const about = { url: url === undefined ? null : `${url.origin}${url.pathname}` }
  await report.end({ exitCode: exitCode(), about })
  return exitCode()
}

async function readOptions(
  argv: readonly string[],
  { read, env, platform }: Surroundings,
): Promise<Options | BridgeError> {
  try {
    const door = await read(argv, env)
    if (door.kind === 'bridge') return door.options
    throw new TypeError('doctor has a command behind it')
  } catch (thrown) {
    const error = toBridgeError(thrown)
    if (error.kind !== 'usage') throw thrown
    const { explain } = await import('../../options/unexpected.ts')
    return explain(error, platform)
  }
}

/** Warnings are told in the steps; the log is for those who have asked for one. */
function openLog(options: Options, { openLog: open }: Surroundings): Log {
  const { log, secrets } = options
  const isWanted = log.file !== undefined || log.level !== 'warn'
  return open({ log: isWanted ? log : { ...log, level: 'silent' }, warnings: [], secrets })
}

function homeOf(env: Surroundings['env']): string {
  try {
    return env.HOME || env.USERPROFILE || homedir()
  } catch {
    return ''
  }
}
