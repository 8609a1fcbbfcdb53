// A folder that somebody else has made, cloned and opened: what lies in it is not run because a person looks at it, and moves
// nothing that is theirs. users.md 2.
import assert from 'node:assert/strict'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import { type Ran, runToEnd } from '../fixtures/hosts/run-to-end.ts'
import { test } from './harness.ts'

const REMOTE = { command: 'npx', args: ['-y', 'mcp-remote', 'https://mcp.example.com/mcp'] }

interface Cloned {
  /** What its program would leave. */
  readonly mark: string
  readonly project: string
  readonly home: string
  run(...args: readonly string[]): Promise<Ran>
}

/** A project whose config starts a program that leaves a mark, also by a Node of its own. */
function cloned(t: TestContext): Cloned {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-cloned-'))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const [project, home, mark] = [join(folder, 'project'), join(folder, 'home'), join(folder, 'mark')]
  for (const each of [join(project, '.cursor'), home]) mkdirSync(each, { recursive: true })
  const leave = `require('node:fs').writeFileSync(${JSON.stringify(mark)}, '')`
  const node = join(project, 'node')
  writeFileSync(node, `#!${process.execPath}\n${leave}\n`, { mode: 0o755 })
  const servers = {
    plain: { command: process.execPath, args: ['-e', leave] },
    ours: { command: node, args: [BIN, 'https://mcp.example.com/mcp'] },
    'odd; $(id)': { command: process.execPath, args: ['-e', ''] },
  }
  const text = JSON.stringify({ mcpServers: servers })
  for (const file of ['.cursor/mcp.json', '.mcp.json']) writeFileSync(join(project, file), text)
  const env = { ...bareEnv(), HOME: home, USERPROFILE: home }
  return { mark, project, home, run: (...args) => runToEnd([BIN, ...args], { env, cwd: project }) }
}

for (const [editor, file] of [
  ['cursor', '.cursor/mcp.json'],
  ['claude-code', '.mcp.json'],
] as const)
  test(`doctor --editor ${editor} runs nothing of the project that it is called in, until it is named`, async (t) => {
    const { mark, run } = cloned(t)
    const { stdout } = await run('doctor', '--editor', editor)
    assert.match(stdout, /plain is not started: /)
    assert.match(stdout, /ours is not started: /)
    assert.ok(stdout.includes(`doctor --editor ${editor} plain`), stdout)
    assert.ok(!stdout.includes(`${editor} odd`), `a name that a shell would obey is in no command: ${stdout}`)
    assert.match(stdout, /name it: mcp-ferry doctor --editor \S+ NAME/)
    assert.equal(existsSync(mark), false, 'a program of the project was run')
    await run('doctor', '--editor', editor, 'plain')
    assert.equal(existsSync(mark), true, 'a server that is named is started')
    rmSync(mark)
    await run('doctor', '--config', file)
    assert.equal(existsSync(mark), true, 'those of a file that is named are started')
  })

test('config --list and config --from run nothing of the project', async (t) => {
  const { mark, run } = cloned(t)
  await run('config', '--list')
  await run('config', '--from', '.mcp.json')
  assert.equal(existsSync(mark), false, 'a program of the project was run')
})

test('a folder whose name a shell or a terminal would obey is in no command that is advised, and clears no screen', async (t) => {
  const { project, home } = cloned(t)
  const cwd = join(project, 'of $(id)\x1b[2J')
  mkdirSync(join(cwd, '.cursor'), { recursive: true })
  writeFileSync(join(cwd, '.cursor', 'mcp.json'), JSON.stringify({ mcpServers: { old: REMOTE } }))
  const env = { ...bareEnv(), HOME: home, USERPROFILE: home }
  for (const args of [
    ['doctor', '--editor', 'cursor'],
    ['config', '--list', 'cursor'],
  ]) {
    const { stdout } = await runToEnd([BIN, ...args], { env, cwd })
    assert.match(stdout, /config --from FILE$/m)
    assert.ok(!stdout.includes('--from "'), stdout)
    assert.doesNotMatch(stdout, /\x1b/)
  }
})

test('an entry for a project is written into the file that a link in it leads to, and the link stays', async (t) => {
  const { project, home, run } = cloned(t)
  const other = join(home, 'other.json')
  writeFileSync(other, 'not JSON')
  rmSync(join(project, '.mcp.json'))
  symlinkSync(other, join(project, '.mcp.json'))
  const url = 'https://mcp.example.com/mcp'
  const { code, stderr } = await run('config', 'claude-code', 'mine', url, '--project', '--write')
  assert.equal(code, 2, stderr)
  assert.equal(readFileSync(other, 'utf8'), 'not JSON', 'what is no config is not written over')
  assert.equal(lstatSync(join(project, '.mcp.json')).isSymbolicLink(), true)
})
