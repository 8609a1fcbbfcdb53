// Whose Windows it is: a name with a space and letters that are no ASCII in every path that is theirs; npm where a
// 32-bit one lies; an old Node first on PATH, with a newer one beside it and without. arguments.md 1.1, 2.
import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { win32 } from 'node:path'
import { before, describe, it } from 'node:test'
import { OLD_NODE } from '../../scripts/windows/bed.mjs'
import { initializeLine } from '../fixtures/hosts/raw-host.ts'
import { copyPackage } from '../fixtures/programs/package-copy.ts'
import type { McpServer } from '../fixtures/servers/mcp-server.ts'
import { INSTALL, installedScript, theirs } from './launching.ts'
import { type Case, type Machine, type Seen, SKIP, windows } from './machine.ts'
import { PACKED } from './registry.ts'
import { checkHeader, checkSession, SESSION, serving } from './sessions.ts'

const { home: HOME, env: THEIRS } = theirs('Jürgen Müller')
const COPY = `${HOME}\\AppData\\Local\\a copy (1)`
const X86 = 'C:\\Program Files (x86)\\nodejs'
const OLD = 'C:\\old nodes\\first'
const NOWHERE = 'C:\\nowhere'
const SYSTEM = 'C:\\windows\\system32;C:\\windows'
const NPX = ['npx', '-y', `${PACKED.name}@${PACKED.version}`]

/** Each of them is a bridge that works. */
function working(machine: Machine, url: string): readonly Case[] {
  const args = [url, '--bearer-env', 'T']
  const theirs = {
    launcher: 'cross-spawn',
    env: { ...THEIRS, T: 'abc' },
    folder: HOME,
    say: SESSION,
  } as const
  const npm = `${machine.home}\\AppData\\Roaming\\npm`
  const npx = [...NPX, ...args]
  const [x86, old] = [`${X86};${SYSTEM}`, `${OLD};${npm};${SYSTEM}`]
  return [
    { ...theirs, name: 'npx and its cache in their home', command: 'npx', args: npx.slice(1) },
    {
      ...theirs,
      name: 'a script in their home',
      command: machine.node,
      args: [`${COPY}\\bin\\${PACKED.name}.cjs`, ...args],
    },
    {
      ...theirs,
      name: 'a 32-bit npm',
      command: 'cmd',
      args: ['/d', '/c', ...npx],
      env: { ...theirs.env, PATH: x86 },
    },
    {
      ...theirs,
      name: 'an old Node first on PATH',
      command: PACKED.name,
      args,
      env: { ...theirs.env, PATH: old },
    },
  ]
}

/** It can only say what is to be done. */
function refusing(machine: Machine, url: string): Case {
  return {
    name: 'an old Node and no other',
    launcher: 'plain',
    command: `${OLD}\\node.exe`,
    args: [installedScript(machine), url],
    env: { PATH: SYSTEM, PROGRAMFILES: NOWHERE, 'ProgramFiles(x86)': NOWHERE },
    say: [{ line: initializeLine('init'), until: 'init' }],
  }
}

const MADE_UP = process.platform === 'win32' && 'another user than this one can be had in the test bed only'

describe('the user', { skip: SKIP || MADE_UP }, () => {
  let server: McpServer
  let seen: ReadonlyMap<string, Seen>

  before(async () => {
    const machine = await windows()
    server = await serving()
    machine.addHome(HOME)
    copyPackage(machine.outside(COPY))
    cpSync(machine.outside(win32.dirname(machine.node)), machine.outside(X86), { recursive: true })
    machine.addNode(OLD_NODE, OLD)
    const [first, ...rest] = working(machine, server.url)
    seen = await machine.play([INSTALL, first!], [...rest, refusing(machine, server.url)])
  })

  for (const name of [
    'npx and its cache in their home',
    'a script in their home',
    'a 32-bit npm',
    'an old Node first on PATH',
  ])
    it(`has ${name}`, () => {
      checkSession(seen.get(name))
      checkHeader(server, 'Authorization', 'Bearer abc')
    })

  it('has an old Node and no other', () => {
    const { lines, code, stderr, failure } = seen.get('an old Node and no other')!
    assert.equal(lines.length, 1, stderr + failure)
    const { id, error } = JSON.parse(lines[0]!)
    assert.deepEqual([id, error.data.code, code], ['init', 'node-too-old', 2])
    const sentence =
      /was started with Node 18\.\d+\.\d+ \(C:\\old nodes\\first\\node\.exe\) and found no newer one/
    assert.match(error.message, sentence)
    assert.equal(stderr, `${error.message}\n`)
  })
})
