// What a launcher has done to a header and the bridge can mend, for real: each case of the corpus that is marked so,
// against a server that records what it got. A case that has the editor's own arguments is started by its launcher,
// in the shells of Windows; of the others the corpus knows only what arrives. arguments.md 2, 4.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { McpServer } from '../fixtures/servers/mcp-server.ts'
import corpus from '../fixtures/vectors/argv-corpus.json' with { type: 'json' }
import { INSTALL, installedScript } from './launching.ts'
import { type Case, type Launcher, type Machine, type Seen, SKIP, windows } from './machine.ts'
import { PACKED } from './registry.ts'
import { checkHeader, checkSession, SESSION, serving } from './sessions.ts'

interface Vector {
  readonly id: string
  readonly launcher: string
  readonly configArgs?: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly argv: readonly string[]
  readonly expect: {
    readonly headers: Readonly<Record<string, string>>
    readonly warnings: readonly string[]
  }
  readonly fixable: string
}

const VECTORS = (corpus.cases as unknown as Vector[]).filter(({ fixable }) => fixable === 'bridge-recovers')
const LAUNCHERS: Readonly<Record<string, Launcher>> = {
  'claude-desktop-win': 'claude-desktop',
  'shell-true-win': 'joined',
  'cursor-win': 'cross-spawn',
  vscode: 'vscode',
  'cmd-c-wrapper': 'plain',
}

/** The command file goes through what npx goes through, in a tenth of the time. */
function asCase({ id, launcher, configArgs, argv, env }: Vector, machine: Machine, url: string): Case {
  const here = (args: readonly string[]) => args.map((text) => text.replace('https://h.example/mcp', url))
  const common = { name: id, env, say: SESSION }
  if (configArgs === undefined)
    return {
      ...common,
      launcher: 'plain',
      command: machine.node,
      args: [installedScript(machine), ...here(argv)],
    }
  const way = LAUNCHERS[launcher]
  assert.ok(way !== undefined, `no launcher for ${id}`)
  return way === 'plain'
    ? { ...common, launcher: way, command: 'cmd', args: ['/c', PACKED.name, ...here(configArgs)] }
    : { ...common, launcher: way, command: PACKED.name, args: here(configArgs) }
}

describe('the bridge mends what launchers break', { skip: SKIP }, () => {
  const servers = new Map<string, McpServer>()
  let seen: ReadonlyMap<string, Seen>
  before(async () => {
    const machine = await windows()
    const cases: Case[] = []
    for (const vector of VECTORS) {
      const server = await serving()
      servers.set(vector.id, server)
      cases.push(asCase(vector, machine, server.url))
    }
    seen = await machine.play([INSTALL], cases)
  })

  it('in all the ways that the corpus has for it', () => {
    assert.ok(VECTORS.length >= 41, `${VECTORS.length} cases`)
    assert.ok(
      VECTORS.filter(({ configArgs }) => configArgs !== undefined).length >= 10,
      'too few by a launcher',
    )
  })

  for (const { id, expect } of VECTORS)
    it(id, () => {
      checkSession(seen.get(id), expect.warnings.length > 0 ? /^(?:mcp-ferry: \S.*\n)+$/ : '')
      for (const [name, value] of Object.entries(expect.headers)) checkHeader(servers.get(id)!, name, value)
    })
})
