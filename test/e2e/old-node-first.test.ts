// The oldest Node is first on PATH, as where nvm has once installed it: the installed package, started by the link that
// npm makes, finds a newer one and hands over, or answers the editor with what to do. In a home folder with an odd name.
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { nodeBinary, npxScript } from '../../scripts/nodes.mjs'
import type { Host, HostOptions } from '../fixtures/hosts/raw-host.ts'
import { bridge, call, ownError, request, serve, test } from './harness.ts'
import { FROM_ENV, makeOddHome, NOT_LINUX, SECRET, wholeSession } from './odd-home.ts'

const { base, home, project, shim } = NOT_LINUX
  ? { base: '', home: '', project: '', shim: '' }
  : makeOddHome()
const URL_OF_NOBODY = 'https://mcp.example.com/mcp'
const OLD = ['12.22.12', '16.20.2', '18.20.8']
/** What the oldest and the newest of them came with. */
const NPM: Readonly<Record<string, string>> = { '12.22.12': '6.14.16', '18.20.8': '10.8.2' }

/** Hides every Node that is not of the machine, such as /usr/bin/node; the machine is the folder around the home. */
const HIDE = `
  var fs = require('fs')
  ;['statSync', 'readdirSync'].forEach(function (name) {
    var real = fs[name]
    fs[name] = function (path) {
      if (String(path).indexOf(${JSON.stringify(base)}) !== 0) throw new Error('hidden')
      return real.apply(fs, arguments)
    }
  })
`

function script(file: string, text: string): string {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `#!/bin/sh\n${text}\n`)
  chmodSync(file, 0o755)
  return file
}

interface Machine {
  /** The folder with the old Node, to be first on PATH. */
  readonly old: string
  /** Puts a new Node there, which notes that it was taken. */
  addNode(path: string): string
  /** The new Nodes that were taken. */
  taken(): readonly string[]
  start(options: HostOptions): Host
}

/** A home folder of its own, in the one with the odd name. */
function machine(t: TestContext, oldNode: string): Machine & { readonly home: string } {
  const own = mkdtempSync(join(home, 'Zuhause '))
  t.after(() => rmSync(own, { recursive: true, force: true, maxRetries: 5 }))
  const note = join(own, 'taken')
  writeFileSync(note, '')
  const hide = join(own, 'hide.cjs')
  writeFileSync(hide, HIDE)
  const old = join(own, 'old')
  script(join(old, 'node'), `exec "${oldNode}" -r "${hide}" "$@"`)
  return {
    home: own,
    old,
    addNode: (path) =>
      script(
        join(own, path),
        `[ "$1" = --version ] && exec "${process.execPath}" "$@"\necho "$0" >>"${note}"\nexec "${process.execPath}" "$@"`,
      ),
    taken: () => readFileSync(note, 'utf8').split('\n').slice(0, -1),
    start: ({ onlyEnv, ...options }) =>
      bridge(t, {
        command: [shim],
        cwd: own,
        onlyEnv: { HOME: own, PATH: `${old}:/usr/bin:/bin`, ODD_AUTH: SECRET, ...onlyEnv },
        ...options,
      }),
  }
}

/** Places below the home folder that a Node of its own is put in. */
const PLACES: Readonly<Record<string, string>> = {
  nvm: '.nvm/versions/node/v22.99.0/bin/node',
  fnm: '.local/share/fnm/node-versions/v22.99.0/installation/bin/node',
  volta: '.volta/tools/image/node/22.99.0/bin/node',
}

for (const version of OLD) {
  const { node, skip } = await find(version)
  const on = `Node ${version} first on PATH`

  test(
    `${on} and no other: the first request is answered with what to do, its id as it was`,
    async (t) => {
      const host = machine(t, node).start({ args: FROM_ENV, url: URL_OF_NOBODY })
      host.sendRaw('{"jsonrpc":"2.0","id":9007199254740993,"method":"initialize","params":{}}\n')
      const line = await host.answer({ raw: '9007199254740993' })
      assert.equal(ownError(line, 'usage').code, 'node-too-old')
      for (const part of ['20.18.1', version, 'install Node 20', 'command'])
        assert.ok(line.value.error?.message.includes(part), `${part} in: ${line.raw}`)
      await host.finish({ code: 2, stderr: 'some' })
    },
    skip,
  )

  test(
    `${on} and a newer one behind it: a whole session, and the end of stdin ends both processes`,
    async (t) => {
      const here = machine(t, node)
      const newer = here.addNode('new nodes/node')
      const server = await serve(t)
      const PATH = `${here.old}:${dirname(newer)}:/usr/bin:/bin`
      await wholeSession(here.start({ args: FROM_ENV, url: server.url, onlyEnv: { PATH } }), server)
      assert.deepEqual(here.taken(), [newer])
    },
    skip,
  )

  for (const [manager, place] of Object.entries(PLACES))
    test(
      `${on} and a newer one of ${manager}: a whole session`,
      async (t) => {
        const here = machine(t, node)
        const newer = here.addNode(place)
        const server = await serve(t)
        await wholeSession(here.start({ args: FROM_ENV, url: server.url }), server)
        assert.deepEqual(here.taken(), [newer])
      },
      skip,
    )

  test(
    `${on} and a newer one behind it: SIGTERM ends both in order, the session deleted`,
    async (t) => {
      const here = machine(t, node)
      here.addNode(PLACES.nvm ?? '')
      const server = await serve(t, { on: { 'tools/call': (x) => x.hang() } })
      const host = here.start({ url: server.url })
      await host.initialize()
      host.send(request('list', 'tools/list'))
      await host.answer('list')
      host.send(call('hanging'))
      await server.request(({ message }) => message.method === 'tools/call')
      host.kill('SIGTERM')
      await host.finish({ stderr: 'any', unanswered: 'any' })
      assert.equal(server.with('DELETE').length, 1)
    },
    skip,
  )

  test(
    `${on}, no home and no other Node: the same answer`,
    async (t) => {
      const here = machine(t, node)
      const unknown = join(here.home, 'unknown.cjs')
      writeFileSync(unknown, `require('os').homedir = function () { throw new Error('ENOENT') }\n`)
      script(
        join(here.old, 'node'),
        `exec "${node}" -r "${join(here.home, 'hide.cjs')}" -r "${unknown}" "$@"`,
      )
      const host = here.start({ url: URL_OF_NOBODY })
      host.send(request('first', 'initialize', {}))
      assert.equal(ownError(await host.answer('first'), 'usage').code, 'node-too-old')
      await host.finish({ code: 2, stderr: 'some' })
    },
    skip,
  )
}

for (const [version, npm] of Object.entries(NPM)) {
  const { node, npx, skip } = await find(version, npm)
  // The npx of npm 6 takes what follows -y for its value, and the word after that for the package.
  for (const yes of npm.startsWith('6.') ? ['--yes=true'] : ['--yes=true', '-y'])
    test(
      `npx ${yes} of npm ${npm} on Node ${version}, and a newer one of nvm: a whole session`,
      async (t) => {
        const here = machine(t, node)
        const newer = here.addNode(PLACES.nvm ?? '')
        mkdirSync(join(here.home, 'prefix/lib'), { recursive: true })
        const onlyEnv = { npm_config_prefix: join(here.home, 'prefix'), npm_config_offline: 'true' }
        const command = [script(join(here.old, 'npx'), `exec node "${npx}" "$@"`), yes, 'mcp-ferry']
        const server = await serve(t)
        await wholeSession(
          here.start({ command, cwd: project, args: FROM_ENV, url: server.url, onlyEnv }),
          server,
        )
        assert.deepEqual(here.taken(), [newer])
      },
      skip,
    )
}

interface Found {
  readonly node: string
  readonly npx: string
  readonly skip: string | false
}

/** Where they are, or why not. In CI what cannot be had is a failure. */
async function find(version: string, npm?: string): Promise<Found> {
  if (NOT_LINUX) return { node: '', npx: '', skip: NOT_LINUX }
  try {
    const npx = npm === undefined ? '' : await npxScript(npm)
    return { node: await nodeBinary(version), npx, skip: false }
  } catch (error) {
    if (process.env.CI !== undefined && process.platform === 'linux' && process.arch === 'x64') throw error
    return { node: '', npx: '', skip: String(error) }
  }
}
