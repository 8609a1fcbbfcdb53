// The steps that look at the program itself, at its arguments and at the variables around it. Nothing is connected to here.
// users.md 2, arguments.md 4.
import { existsSync, readFileSync } from 'node:fs'
import type { BridgeError } from '../../errors.ts'
import type { Options } from '../../options/options.ts'
import { unknownVariables } from '../../options/unknown-variables.ts'
import { type Environment, lookUp } from '../../options/variables.ts'
import { cacheFolder, credentialsFolder } from '../../paths.ts'
import type { Surroundings } from '../door.ts'
import { type Given, headerLines, optionNames, urlSource, usedVariables } from './reading.ts'
import { showArguments } from './shown-arguments.ts'
import type { Finding } from './step.ts'

/** Our version, Node's, and where files lie. */
export async function lookAtProgram(surroundings: Surroundings): Promise<Finding> {
  const { program, version, platform, env } = surroundings
  const script = program.argv[1] ?? ''
  const folders = await Promise.all([
    folderFacts('sign-ins', credentialsFolder(env)),
    folderFacts('what is remembered of servers', cacheFolder(env)),
  ])
  const startedBy = starter(script, env)
  return {
    state: 'ok',
    sees: `mcp-ferry ${version} on Node ${program.version}, ${platform} ${program.arch}`,
    details: [
      `Node is ${program.execPath}`,
      `the program is ${script}${startedBy === undefined ? '' : `, started by ${startedBy}`}`,
      ...folders.map(({ what, path, exists }) => `${what}: ${path}${exists ? '' : ' (not there yet)'}`),
    ],
    facts: {
      version,
      node: program.version,
      nodePath: program.execPath,
      script,
      startedBy: startedBy ?? null,
      platform,
      arch: program.arch,
      folders,
    },
  }
}

async function folderFacts(what: string, folder: Promise<string>) {
  const path = await folder.catch(() => undefined)
  return {
    what,
    path: path ?? 'nowhere, as the system knows no home folder',
    exists: path !== undefined && existsSync(path),
  }
}

function starter(script: string, env: Surroundings['env']): string | undefined {
  const manager = /^(npm|pnpm|yarn|bun)\/([\w.-]+)/.exec(env.npm_config_user_agent ?? '')
  if (manager !== null)
    return `${manager[1] === 'npm' ? 'npx' : manager[1]} (${manager[0].replace('/', ' ')})`
  return /[\\/]_npx[\\/]/.test(script) ? 'npx' : undefined
}

function countOfHeaders(headers: number): string {
  return headers === 0 ? 'no header' : headers === 1 ? '1 header' : `${headers} headers`
}

export interface Reading {
  /** As they were given, without the doctor's own. */
  readonly argv: readonly string[]
  readonly given: Given
  /** What came of reading them. */
  readonly outcome: Options | BridgeError
}

/** Each argument as it was received, and how it was read. */
export function lookAtArguments({ argv, given, outcome }: Reading, nowMs: number): Finding {
  const received = showArguments(argv)
  const count = argv.length === 1 ? '1 argument' : `${argv.length} arguments`
  const receivedLines =
    argv.length === 0
      ? ['no argument received']
      : [`${count} received:`, ...received.map((line) => `  ${line}`)]
  if ('facts' in outcome)
    return {
      state: 'fail',
      sees: outcome.message,
      details: receivedLines,
      facts: { received, code: outcome.facts.code ?? null },
    }
  const { url } = outcome
  // What is no variable of ours is told with the variables.
  const warnings = outcome.warnings.filter(({ code }) => code !== 'unknown-variable')
  const headers = headerLines(outcome, given, nowMs)
  const names = optionNames(given)
  const told = warnings.filter(({ level }) => level !== 'info')
  const shown = `${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`
  return {
    state: told.length > 0 ? 'warn' : 'ok',
    sees: `${shown}, ${countOfHeaders(headers.length)}${outcome.changing === undefined ? '' : ' so far; commands, a file or the keychain may give more'}`,
    details: [
      ...receivedLines,
      `URL: from ${urlSource(given)}`,
      ...headers.map((line) => `header: ${line}`),
      ...(names.length === 0 ? [] : [`options: ${names.join(', ')}`]),
      ...warnings.map(({ text }) => text),
    ],
    facts: {
      received,
      url: `${url.origin}${url.pathname}`,
      hasQuery: url.search !== '',
      headers: outcome.headers.map(({ name, value }) => ({ name, characters: value.length })),
      options: names,
      warnings: warnings.map(({ code, text }) => ({ code, text })),
    },
  }
}

/** The variables that are used, ours, and those that Node goes by. Names, never values. */
export function lookAtVariables(given: Given, environment: Environment): Finding {
  const used = usedVariables(given, environment)
  const missing = used.filter(({ state, isOptional }) => state !== 'set' && !isOptional)
  const ours = Object.keys(environment.values).filter((name) => /^MCP_FERRY_/i.test(name))
  const problems = [...unknownVariables(ours), ...nodeProblems(environment)]
  const node = NODE_NAMES.filter((name) => lookUp(name, environment) !== undefined)
  const lines = used.map(
    ({ name, by, state, isOptional }) =>
      `${name} (${by}): ${STATES[state]}${isOptional ? ', may be missing' : ''}`,
  )
  const others = [...ours, ...node]
  return {
    state: missing.length > 0 ? 'fail' : problems.length > 0 ? 'warn' : 'ok',
    sees: saysOf(
      used.length,
      missing.map(({ name }) => name),
    ),
    details: [...lines, ...(others.length === 0 ? [] : [`also set: ${others.join(', ')}`]), ...problems],
    ...(missing.length > 0 && {
      advice:
        'editors hand on few of your variables: put them into the "env" block of the server in the editor\'s config',
    }),
    facts: { used, ours, node, problems },
  }
}

const STATES = { set: 'set', empty: 'empty', missing: 'not set' } as const

function saysOf(count: number, missing: readonly string[]): string {
  if (count === 0) return 'no variable is used by the arguments'
  const used = count === 1 ? '1 variable is used' : `${count} variables are used`
  return missing.length === 0
    ? `${used}, none is lacking`
    : `${used}; ${missing.join(', ')} cannot be filled in`
}

const NODE_NAMES = ['NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS', 'NODE_TLS_REJECT_UNAUTHORIZED', 'NODE_PATH']

function nodeProblems(environment: Environment): string[] {
  const problems: string[] = []
  if (lookUp('NODE_TLS_REJECT_UNAUTHORIZED', environment) === '0')
    problems.push(
      'NODE_TLS_REJECT_UNAUTHORIZED=0 lets anybody on the way read and change everything; remove it, and name your CA file in NODE_EXTRA_CA_CERTS',
    )
  const file = lookUp('NODE_EXTRA_CA_CERTS', environment)
  if (file !== undefined && file !== '') problems.push(...certificateProblems(file))
  return problems
}

function certificateProblems(file: string): string[] {
  try {
    if (readFileSync(file, 'latin1').includes('-----BEGIN CERTIFICATE-----')) return []
    return ['the file of NODE_EXTRA_CA_CERTS has no certificate in PEM form in it; Node goes on without it']
  } catch (thrown) {
    const code = (thrown as { code?: string }).code ?? 'unknown error'
    return [`the file of NODE_EXTRA_CA_CERTS cannot be read (${code}); Node goes on without it`]
  }
}
