// Signing in on a Windows: the browser that BROWSER names, one tab and one sign-in for bridges that start together, what
// is kept of it and found again, status and logout; a command that prints a token, and one that never ends.
// protocol.md G.2, G.9.
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { GRANT } from '../fixtures/servers/auth-record.ts'
import { type AuthServer, authServer } from '../fixtures/servers/auth-server.ts'
import { type ProtectedServer, protectedServer } from '../fixtures/servers/protected-server.ts'
import { INSTALL, theirs } from './launching.ts'
import { type Case, checkedOut, type Machine, type Seen, SKIP, windows } from './machine.ts'
import { PACKED } from './registry.ts'
import { checkHeader, checkSession, SESSION, serving } from './sessions.ts'

const { home: HOME, env: THEIRS } = theirs('Jürgen Müller')
const LOG = `${HOME}\\browser.log`
const TOKEN = `${HOME}\\a token`
const KEPT = `${HOME}\\AppData\\Local\\mcp-ferry\\Data`
/** Who is started tells of it. */
const MARK = `require('node:fs').appendFileSync(process.env.STARTED, process.execPath + '\\n')`
const TELLING = /^(?:mcp-ferry: \S.*\n)*$/

const MADE_UP = process.platform === 'win32' && 'no browser can be put in the place of the real one'

describe('a person on Windows', { skip: SKIP || MADE_UP }, () => {
  let machine: Machine
  let issuer: AuthServer
  let server: ProtectedServer

  const program = (name: string) => `"${machine.node}" ${checkedOut('test', 'fixtures', 'programs', name)}`
  const command = (name: string, ...args: readonly string[]): Case => ({
    name,
    launcher: 'cross-spawn',
    command: PACKED.name,
    args,
    env: { ...THEIRS, BROWSER: program('fake-browser.mjs'), FAKE_BROWSER_LOG: LOG },
    folder: HOME,
  })
  const session = (name: string, ...more: readonly string[]): Case => ({
    ...command(name, server.url, '--start-budget', '0', ...more),
    say: SESSION,
  })
  const together = (count: number) =>
    Array.from({ length: count }, (_, index) => session(`${index}`, '--log-level', 'warn'))
  const checkAll = (seen: ReadonlyMap<string, Seen>, count: number) => {
    for (let index = 0; index < count; index++) checkSession(seen.get(`${index}`), TELLING)
  }
  const tabs = () => readFileSync(machine.outside(LOG), 'utf8').match(/"opened"/g)?.length ?? 0

  before(async () => {
    machine = await windows()
    machine.addHome(HOME)
    issuer = await authServer()
    server = await protectedServer(issuer)
    await machine.play([INSTALL])
  })
  after(async () => {
    await server?.close()
    await issuer?.close()
  })

  it('signs in once for all bridges that start together, and each later one finds it', async () => {
    const seen = await machine.play(together(3))
    checkAll(seen, 3)
    assert.equal(tabs(), 1)
    issuer.expireAll()
    checkAll(await machine.play(together(3)), 3)
    assert.equal(issuer.to('token', GRANT.refresh).length, 1)
    assert.equal(tabs(), 1)
    const files = readdirSync(machine.outside(KEPT), { recursive: true }).map(String)
    assert.deepEqual(
      files.filter((name) => /lock|tmp|part/i.test(name)),
      [],
    )
  })

  it('sees the sign-in, and is rid of it', async () => {
    const seen = await machine.play(
      [command('status', 'status')],
      [command('logout', 'logout', server.url)],
      [command('status again', 'status')],
    )
    assert.ok(seen.get('status')!.lines.join('\n').includes(server.url), JSON.stringify(seen.get('status')))
    assert.equal(seen.get('logout')!.code, 0, JSON.stringify(seen.get('logout')))
    assert.deepEqual(seen.get('status again')!.lines, ['not signed in to any server'])
  })

  it('gets a token from a command, and an answer when there is none', async () => {
    const folder = machine.outside(TOKEN)
    mkdirSync(folder)
    writeFileSync(`${folder}/out`, 'tok\r\n')
    const open = await serving()
    const line = `node ${checkedOut('test', 'fixtures', 'programs', 'token-command.mjs')} "${TOKEN}"`
    const one = { ...command('one', open.url, '--bearer-command', line), say: SESSION }
    const none = {
      ...command('none', open.url, '--bearer-command', 'no-such-program'),
      say: SESSION.slice(0, 1),
    }
    const seen = await machine.play([one, none])
    checkSession(seen.get('one'))
    checkHeader(open, 'Authorization', 'Bearer tok')
    assert.ok(existsSync(`${folder}/runs`), 'the command has run')
    assert.match(seen.get('none')!.lines[0] ?? '', /the command no-such-program was not found/)
  })

  it('starts no program that lies in the folder that the editor has open', async () => {
    const project = 'C:\\a project'
    const mark = 'C:\\run\\mark.cjs'
    const started = 'C:\\run\\started.txt'
    mkdirSync(machine.outside(project))
    writeFileSync(machine.outside(mark), MARK)
    for (const name of ['powershell.exe', 'taskkill.exe', 'get-token.exe'])
      cpSync(machine.outside(machine.node), machine.outside(`${project}\\${name}`))
    const endless = `"${machine.node}" ${checkedOut('test', 'windows', 'endless.cjs')}`
    const there = (one: Case): Case => ({
      ...one,
      folder: project,
      env: { ...one.env, NODE_OPTIONS: `--require ${mark}`, STARTED: started },
      say: SESSION.slice(0, 1),
    })
    const entries = 'C:\\run\\entries.json'
    const staying = { command: machine.node, args: [checkedOut('test', 'windows', 'staying.cjs')] }
    writeFileSync(machine.outside(entries), JSON.stringify({ mcpServers: { staying } }))
    const open = await serving()
    const seen = await machine.play([
      { ...there(command('doctor', 'doctor', '--config', entries, 'staying')), say: [] },
      there(command('keychain', server.url, '--start-budget', '0', '--store', 'keychain')),
      there(command('killing', open.url, '--bearer-command', endless)),
      there(command('a bare name', open.url, '--bearer-command', 'get-token')),
    ])
    assert.match(seen.get('doctor')!.lines.join('\n'), /staying 1/)
    assert.match(seen.get('a bare name')!.lines[0] ?? '', /the command get-token was not found/)
    // The planted one is a Node, which minds PowerShell's options before it tells of itself.
    const { lines, stderr } = seen.get('keychain')!
    assert.doesNotMatch(lines.join('\n') + stderr, /bad option/)
    const programs = readFileSync(machine.outside(started), 'utf8').split('\n').filter(Boolean)
    assert.ok(programs.length >= 3, programs.join(' '))
    assert.deepEqual(
      programs.filter((path) => !path.startsWith('C:\\Program Files')),
      [],
    )
  })
})
