// Every editor on every system with every kind of sign-in: what its entry says is carried by each of the ways in which programs
// are started, and what arrives is read by the bridge. Windows is simulated. arguments.md 1.1, 2, 6.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import type { Editor, System } from '../../src/shell/editors/editor.ts'
import { EDITORS } from '../../src/shell/editors/editors.ts'
import type { Entry, Value } from '../../src/shell/editors/entry.ts'
import { readIntent } from '../../src/shell/editors/intent.ts'
import { directLaunch, npxLaunch, type Rendered, renderEntry } from '../../src/shell/editors/rendering.ts'
import { readAsBridge, surroundingsIn } from '../unit/shell/editors-world.ts'

interface Machine {
  readonly npx: string
}
interface Arrived {
  readonly argv: readonly string[] | null
  readonly error: string | null
  /** What else cmd would have run, or written. */
  readonly extra: readonly string[]
}
interface Windows {
  readonly launchers: Readonly<Record<string, (args: readonly string[], machine: Machine) => string>>
  makeMachine(options: { env: Readonly<Record<string, string>>; pkg: string }): Machine
  runCommandLine(line: string, machine: Machine): Arrived
  nodeSpawn(file: string, args: readonly string[]): string
  nodeShellTrue(file: string, args: readonly string[]): string
  ucrtArgv(line: string): string[]
}

const windows = createRequire(import.meta.url)('../fixtures/windows/winpipe.cjs') as Windows

const VERSION = '1.2.3'
const URL = 'https://mcp.example.com/mcp'
/** What cmd.exe could fill in by mistake, beside the variables of the entry. */
const WINDOWS_ENV = { OS: 'Windows_NT', PATH: 'C:\\Windows', '20b': 'wrong' }
const NODE = {
  windows: 'C:\\Program Files (x86)\\nodejs\\node.exe',
  macos: '/Users/Jörg Ä/.nvm/node',
  linux: '/home/jörg ä/node',
}
const SCRIPT = {
  windows: 'C:\\Users\\Jörg & Ä 用户\\AppData\\Local\\mcp-ferry\\bin\\mcp-ferry.cjs',
  macos: '/Users/Jörg Ä/Library/Application Support/mcp-ferry/bin/mcp-ferry.cjs',
  linux: '/home/jörg ä 用户/.local/share/mcp-ferry/bin/mcp-ferry.cjs',
}

interface Case {
  readonly argv: readonly string[]
  readonly secrets?: Readonly<Record<string, string>>
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly scope?: string
}

const TOKEN = 'tok-1"&%OS%^|<>'
const CASES: Readonly<Record<string, Case>> = {
  'no sign-in': { argv: [URL], url: URL },
  'a key in a variable': {
    argv: [URL, '--header', 'X-Api-Key:${KEY}'],
    secrets: { KEY: 'k 1&2' },
    url: URL,
    headers: { 'X-Api-Key': 'k 1&2' },
  },
  'a key as it is': {
    argv: [URL, '--header', 'X-Api-Key: k 1|2'],
    secrets: { MCP_X_API_KEY: 'k 1|2' },
    url: URL,
    headers: { 'X-Api-Key': 'k 1|2' },
  },
  'a key with a word before it': {
    argv: [URL, '--header', 'Authorization: Api-Key ${KEY}'],
    secrets: { KEY: TOKEN },
    url: URL,
    headers: { Authorization: `Api-Key ${TOKEN}` },
  },
  'a bearer token': {
    argv: [URL, '--header', 'Authorization: Bearer ${TOKEN}'],
    secrets: { TOKEN },
    url: URL,
    headers: { Authorization: `Bearer ${TOKEN}` },
  },
  OAuth: { argv: [URL, '--scope', 'mcp:read mcp:write'], url: URL, scope: 'mcp:read mcp:write' },
  'OAuth with an odd scope': { argv: [URL, '--scope', 'a&b c%OS%'], url: URL, scope: 'a&b c%OS%' },
  'a URL with &': { argv: [`${URL}?a=1&b=2`], url: `${URL}?a=1&b=2` },
  'a URL with a name in %': { argv: [`${URL}/%20b%20c`], url: `${URL}/%20b%20c` },
  'a URL with other signs': { argv: [`${URL}?c=(!)|;,*`], url: `${URL}?c=(!)|;,*` },
  'a URL with & and a key': {
    argv: [`${URL}?a=1&key=\${KEY}`, '--bearer-env', 'TOKEN'],
    secrets: { KEY: 'k-1', TOKEN },
    url: `${URL}?a=1&key=k-1`,
    headers: { Authorization: `Bearer ${TOKEN}` },
  },
}

/** How an editor makes the environment of what it starts, of its own, its file and what it has asked. */
function environmentBy(
  editor: Editor,
  { server, inputs }: Rendered,
  own: Readonly<Record<string, string>>,
  typed: Readonly<Record<string, string>>,
): Record<string, string> {
  const { secrets } = editor
  const fill = (text: string): string => {
    if (secrets?.kind === 'input')
      return inputs.reduce<string>((all, { id, description }) => {
        const answer = typed[String(description)]
        return all.replaceAll(`\${input:${String(id)}}`, () => answer ?? 'not asked for')
      }, text)
    if (secrets?.kind !== 'reference') return text
    return Object.entries(own).reduce(
      (all, [name, value]) => all.replaceAll(secrets.write(name), () => value),
      text,
    )
  }
  const { env = {}, env_vars: forwarded = [] } = server as {
    env?: Record<string, string>
    env_vars?: string[]
  }
  return {
    ...Object.fromEntries(Object.entries(env).map(([name, text]) => [name, fill(text)])),
    ...Object.fromEntries(forwarded.map((name) => [name, own[name] ?? 'not there'])),
  }
}

/** As the caller does with what the person has typed. */
function asked(env: readonly Value[], texts: Readonly<Record<string, string>>): Value[] {
  return env.map(({ variable, parts }) => ({
    variable,
    parts: parts.map((part) => {
      if (typeof part === 'string' || part.text !== undefined) return part
      return { ...part, text: texts[part.variable] ?? 'nobody has it' }
    }),
  }))
}

/** What arrives behind the program's name, for each way to start it there. */
function* arrivals(
  system: System,
  { command, args }: Pick<Entry, 'command' | 'args'>,
  env: Readonly<Record<string, string>>,
): Generator<readonly [way: string, argv: readonly string[]]> {
  const behind = args.slice(command === 'npx' ? 2 : command === 'cmd' ? 5 : 1)
  if (system !== 'windows') {
    yield ['spawn', behind]
    return
  }
  if (command.endsWith('node.exe')) {
    const arrived = windows.ucrtArgv(windows.nodeSpawn(command, args))
    assert.deepEqual(arrived.slice(0, 2), [command, args[0]], 'the program or the script')
    yield ['direct', arrived.slice(2)]
    return
  }
  const machine = windows.makeMachine({ env: { ...WINDOWS_ENV, ...env }, pkg: 'mcp-ferry' })
  for (const [way, line] of linesFor(command, args, machine)) {
    const { argv, error, extra } = windows.runCommandLine(line, machine)
    assert.deepEqual([error, extra], [null, []], way)
    yield [way, argv ?? []]
  }
}

function linesFor(command: string, args: readonly string[], machine: Machine): (readonly [string, string])[] {
  if (command === 'cmd')
    return [
      ['cmd', windows.nodeSpawn('cmd', args)],
      ['cmd in a shell', windows.nodeShellTrue('cmd', args)],
    ]
  const ways = Object.entries(windows.launchers).filter(([way]) => way !== 'node-direct')
  // Windows itself starts a batch file so.
  return ways.map(([way, line]) => {
    const text = line(args, machine)
    return [way, way === 'go-exec' ? `cmd.exe /c "${text}"` : text]
  })
}

async function checkArrived(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  system: System,
  { url, headers = {}, scope }: Case,
): Promise<void> {
  const door = await readAsBridge(argv, env, { platform: system === 'windows' ? 'win32' : 'linux' })
  if (door.kind !== 'bridge') throw new TypeError('not the bridge')
  const { options } = door
  assert.equal(options.url.href, url)
  assert.deepEqual(Object.fromEntries(options.headers.map(({ name, value }) => [name, value])), headers)
  assert.equal(options.signIn.scope, scope)
}

for (const editor of EDITORS)
  for (const system of ['windows', 'macos', 'linux'] as const)
    test(`${editor.title} on ${system}`, async () => {
      let count = 0
      for (const [title, kind] of Object.entries(CASES))
        for (const isSet of [true, false]) {
          const { argv, secrets = {} } = kind
          const own = isSet ? secrets : {}
          const platform = system === 'windows' ? 'win32' : 'linux'
          const intent = await readIntent(argv, surroundingsIn({ env: own, platform }))
          const env = asked(intent.env, secrets)
          const typed = Object.fromEntries(
            env.flatMap(({ parts }) =>
              parts.flatMap((part) => (typeof part === 'string' ? [] : [[part.what, part.text ?? '']])),
            ),
          )
          for (const launch of [
            npxLaunch(editor, system, VERSION, intent.args),
            directLaunch(NODE[system], SCRIPT[system], intent.args),
          ]) {
            const result = renderEntry(editor, { name: 'srv', ...launch, env }, 'written')
            const { command, args } = result.server as { command: string; args: string[] }
            const given = environmentBy(editor, result, own, typed)
            for (const text of Object.values(secrets))
              assert.equal(args.join(' ').includes(text), false, `${title}: a secret is an argument`)
            for (const [way, arrived] of arrivals(system, { command, args }, given)) {
              assert.deepEqual(arrived, intent.args, `${title} by ${way}`)
              await checkArrived(arrived, given, system, kind)
              count++
            }
          }
        }
      assert.equal(count >= Object.keys(CASES).length * 4, true, `only ${count} have arrived`)
    })

test('the simulated ways do break what is not safe', () => {
  const machine = windows.makeMachine({ env: WINDOWS_ENV, pkg: 'mcp-ferry' })
  const args = ['-y', `mcp-ferry@${VERSION}`, `${URL}?a=1&b=2`, '--header', 'X-A: b c', '%OS%']
  const intact = linesFor('npx', args, machine).filter(([, line]) => {
    const { argv, error, extra } = windows.runCommandLine(line, machine)
    return error === null && extra.length === 0 && JSON.stringify(argv) === JSON.stringify(args.slice(2))
  })
  assert.deepEqual(intact.map(([way]) => way).sort(), ['codex', 'cursor-win'])
})
