// The launcher on real old Nodes: finds a newer one and hands over, or tells the host what is missing. It runs in
// a copy of the package's layout, with a stub where the built bridge would be. The machine is made up: a preload
// hides every Node outside the test's own folder, such as /usr/bin/node.
import assert from 'node:assert/strict'
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, it, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { nodeBinary, TOO_OLD } from '../../scripts/nodes.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const GUARD = 'MCP_FERRY_HANDED_OVER'
const NEWEST_OLD = TOO_OLD.at(-1)!

const STUB = `
  const [what] = process.argv.slice(2)
  const say = (text) => process.stdout.write(text + '\\n')
  if (what === 'loaded') say(JSON.stringify(process.moduleLoadList))
  if (what === 'where') say(process.argv0)
  if (what === 'arguments') say(JSON.stringify(process.argv.slice(2)))
  if (what === 'echo') {
    process.stderr.write('on stderr\\n')
    process.stdin.on('end', () => process.exit(7)).pipe(process.stdout)
  }
  if (what === 'wait') {
    process.stdin.resume()
    if (process.argv[3] === 'politely') process.on('SIGTERM', () => { say('told to end'); process.exit(5) })
    say('ready')
  }
`

const HIDE = `
  var fs = require('fs')
  ;['statSync', 'readdirSync'].forEach(function (name) {
    var real = fs[name]
    fs[name] = function (path) {
      if (require('path').resolve(path).indexOf(process.env.MACHINE) !== 0) throw new Error('hidden')
      return real.apply(fs, arguments)
    }
  })
`

/** The time to wait is over when it begins: the machine stalls until the file is there that STALLED names. */
const STALL = `
  var start = global.setTimeout
  global.setTimeout = function (callback) {
    var timer = start(callback, 1)
    var until = Date.now() + 20
    while (Date.now() < until || !require('fs').existsSync(process.env.STALLED)) {}
    return timer
  }
`

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Why these tests cannot run here, or undefined. In CI a Node that cannot be had is a failure. */
async function missing(version: string): Promise<string | undefined> {
  if (process.platform === 'win32') return 'the made-up version trees need POSIX links'
  try {
    await nodeBinary(version)
    return undefined
  } catch (error) {
    if (process.env.CI !== undefined && process.platform === 'linux' && process.arch === 'x64') throw error
    return String(error)
  }
}

function collect(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
}

/** A made-up machine: a home folder, the package, and whatever Nodes a test puts there. */
function makeMachine() {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache', 'launcher-'))
  const home = join(folder, 'home')
  const launcher = join(folder, 'package', 'bin', 'mcp-ferry.cjs')
  const put = (file: string, text: string): string => {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
    return file
  }
  mkdirSync(home)
  put(join(folder, 'package', 'dist', 'mcp-ferry.cjs'), STUB)
  mkdirSync(dirname(launcher))
  for (const name of ['mcp-ferry.cjs', 'old-node.cjs'])
    copyFileSync(join(root, 'bin', name), join(dirname(launcher), name))
  const hide = put(join(folder, 'hide.cjs'), HIDE)

  return {
    folder,
    home,
    /** Puts a Node into the machine: this test's own, or a script in its place. */
    addNode(path: string, script?: string): string {
      const file = join(folder, path)
      mkdirSync(dirname(file), { recursive: true })
      if (script === undefined) symlinkSync(process.execPath, file)
      else chmodSync(put(file, `#!/bin/sh\n${script}\n`), 0o755)
      return file
    },
    start(node: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
      return spawn(node, ['-r', hide, launcher, ...args], {
        cwd: folder,
        env: { MACHINE: folder, HOME: home, PATH: '/nowhere', ...env },
        stdio: ['pipe', 'pipe', 'pipe'],
      })
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

type Machine = ReturnType<typeof makeMachine>

function withMachine(t: TestContext): Machine {
  const machine = makeMachine()
  t.after(machine.remove)
  return machine
}

function readFirstLine(child: ChildProcessWithoutNullStreams): Promise<string> {
  return new Promise((resolve) => createInterface({ input: child.stdout }).once('line', resolve))
}

for (const version of TOO_OLD) {
  const skip = await missing(version)
  describe(`the launcher on Node ${version}`, { skip: skip ?? false }, () => {
    let node = ''
    before(async () => {
      node = await nodeBinary(version)
    })

    it('without a newer Node: answers the first request, one line on stderr, exit 2', async (t) => {
      const child = withMachine(t).start(node, ['https://example.com/mcp'])
      const ended = collect(child)
      child.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
      child.stdin.write(
        '{"jsonrpc":"2.0","params":{"id":1},"id": 9007199254740993 ,"method":"initialize"}\n' +
          '{"jsonrpc":"2.0","id":2,"method":"ping"}\n',
      )
      const { code, stdout, stderr } = await ended
      assert.equal(code, 2)
      assert.match(stderr, /^mcp-ferry: [^\n]+\n$/)
      const message = stderr.trim()
      for (const part of ['20.18.1', version, node, 'install', 'command']) {
        assert.ok(message.includes(part), `${part} in: ${message}`)
      }
      const data = '{"origin":"mcp-ferry","kind":"usage","code":"node-too-old"}'
      const error = `{"code":-32603,"message":${JSON.stringify(message)},"data":${data}}`
      assert.equal(stdout, `{"jsonrpc":"2.0","id":9007199254740993,"error":${error}}\n`)
    })

    it('with stdin at its end: exit 2 and nothing on stdout', async (t) => {
      const child = withMachine(t).start(node, ['https://example.com/mcp'])
      child.stdin.end()
      const { code, stdout } = await collect(child)
      assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
    })

    it('hands over to a Node in the nvm tree: arguments, streams and exit code pass', async (t) => {
      const machine = withMachine(t)
      machine.addNode('home/.nvm/versions/node/v20.99.0/bin/node')
      const child = machine.start(node, ['echo'])
      const ended = collect(child)
      child.stdin.end('line one\nline ünï\n')
      assert.deepEqual(await ended, {
        code: 7,
        signal: null,
        stdout: 'line one\nline ünï\n',
        stderr: 'on stderr\n',
      })
      const awkward = ['arguments', '', 'a b', '"quoted"', '--header', 'X: $HOME', '*']
      const { stdout } = await collect(machine.start(node, awkward))
      assert.deepEqual(JSON.parse(stdout), awkward)
    })

    it('passes SIGTERM on, and ends as the newer Node ends', async (t) => {
      const machine = withMachine(t)
      machine.addNode('home/.nvm/versions/node/v20.99.0/bin/node')
      const polite = machine.start(node, ['wait', 'politely'])
      const politeEnd = collect(polite)
      assert.equal(await readFirstLine(polite), 'ready')
      polite.kill('SIGTERM')
      assert.deepEqual(await politeEnd, { code: 5, signal: null, stdout: 'ready\ntold to end\n', stderr: '' })

      for (const [signal, code] of [
        ['SIGTERM', 143],
        ['SIGINT', 130],
        ['SIGHUP', 129],
      ] as const) {
        const child = machine.start(node, ['wait'])
        const ended = collect(child)
        assert.equal(await readFirstLine(child), 'ready')
        child.kill(signal)
        assert.deepEqual(await ended, { code, signal: null, stdout: 'ready\n', stderr: '' })
      }
    })

    it('skips Nodes that do not run', async (t) => {
      const machine = withMachine(t)
      const nvm = 'home/.nvm/versions/node'
      machine.addNode(`${nvm}/v99.0.0/bin/node`, 'kill -SEGV $$')
      machine.addNode(`${nvm}/v98.0.0/bin/node`, 'echo v18.0.0')
      machine.addNode(`${nvm}/v97.0.0/bin/node`, 'echo hello')
      chmodSync(machine.addNode(`${nvm}/v96.0.0/bin/node`, 'echo v96.0.0'), 0o644)
      mkdirSync(join(machine.folder, nvm, 'v95.0.0/bin/node'), { recursive: true })
      const good = machine.addNode(`${nvm}/v20.99.0/bin/node`)
      const { stdout } = await collect(machine.start(node, ['where']))
      assert.equal(stdout, `${good}\n`)
    })

    it('does not go round in circles when the newer Node turns out to be old', async (t) => {
      const machine = withMachine(t)
      const liar = `[ "$1" = --version ] && echo v21.0.0 || exec "${node}" "$@"`
      machine.addNode('home/.nvm/versions/node/v21.0.0/bin/node', liar)
      const child = machine.start(node, ['echo'])
      const ended = collect(child)
      child.stdin.end('{"id":0,"method":"initialize"}')
      const { code, stdout } = await ended
      assert.equal(code, 2)
      assert.match(stdout, /^{"jsonrpc":"2.0","id":0,"error":/)
    })
  })
}

const skipPlaces = await missing(NEWEST_OLD)
describe('where the launcher looks', { skip: skipPlaces ?? false }, () => {
  let node = ''
  before(async () => {
    node = await nodeBinary(NEWEST_OLD)
  })

  const layouts: readonly [string, string, Readonly<Record<string, string>>?][] = [
    ['nvm', 'home/.nvm/versions/node/v22.99.0/bin/node'],
    ['nvm elsewhere', 'opt/nvm/versions/node/v22.99.0/bin/node', { NVM_DIR: 'opt/nvm' }],
    ['fnm', 'home/.local/share/fnm/node-versions/v22.99.0/installation/bin/node'],
    ['fnm on macOS', 'home/Library/Application Support/fnm/node-versions/v22.99.0/installation/bin/node'],
    ['fnm elsewhere', 'opt/fnm/node-versions/v22.99.0/installation/bin/node', { FNM_DIR: 'opt/fnm' }],
    ['volta', 'home/.volta/tools/image/node/22.99.0/bin/node'],
    ['volta elsewhere', 'opt/volta/tools/image/node/22.99.0/bin/node', { VOLTA_HOME: 'opt/volta' }],
    ['asdf', 'home/.asdf/installs/nodejs/22.99.0/bin/node'],
    ['mise', 'home/.local/share/mise/installs/node/22.99.0/bin/node'],
    ['n', 'opt/n/versions/node/22.99.0/bin/node', { N_PREFIX: 'opt' }],
    ['PATH', 'bin/node', { PATH: 'bin' }],
  ]
  for (const [name, path, variables] of layouts) {
    it(name, async (t) => {
      const machine = withMachine(t)
      const file = machine.addNode(path)
      const inMachine = Object.entries(variables ?? {}).map(([key, value]) => [
        key,
        join(machine.folder, value),
      ])
      const { stdout } = await collect(machine.start(node, ['where'], Object.fromEntries(inMachine)))
      assert.equal(stdout, `${file}\n`)
    })
  }

  it('beside the running one, wherever that is', async (t) => {
    const machine = withMachine(t)
    const running = join(machine.folder, 'manager/versions/18.20.8/bin/node')
    mkdirSync(dirname(running), { recursive: true })
    linkSync(node, running)
    const file = machine.addNode('manager/versions/22.99.0/bin/node')
    const { stdout } = await collect(machine.start(running, ['where']))
    assert.equal(stdout, `${file}\n`)
  })

  it('takes the highest version, compared as numbers', async (t) => {
    const machine = withMachine(t)
    machine.addNode('home/.nvm/versions/node/v20.18.0/bin/node')
    machine.addNode('home/.nvm/versions/node/v20.18.9/bin/node')
    machine.addNode('home/.nvm/versions/node/v9.11.2/bin/node')
    const file = machine.addNode('home/.asdf/installs/nodejs/20.100.0/bin/node')
    machine.addNode('home/.volta/tools/image/node/20.99.0/bin/node')
    const { stdout } = await collect(machine.start(node, ['where']))
    assert.equal(stdout, `${file}\n`)
  })

  it('never takes a Node from a relative entry of PATH', async (t) => {
    const machine = withMachine(t)
    machine.addNode('bin/node')
    const child = machine.start(node, ['where'], { PATH: 'bin' })
    child.stdin.end()
    assert.equal((await collect(child)).code, 2)
  })

  it('keeps any id as it was written', async (t) => {
    const machine = withMachine(t)
    const ids = ['0', '-1.50e2', '"0"', '"a\\u00e9\\"\\\\"', '"id"', '12345678901234567890']
    for (const id of ids) {
      const child = machine.start(node, [], { [GUARD]: '18.20.8' })
      const ended = collect(child)
      child.stdin.end(`{"x":{"id":"no"},"i\\u0064":${id},"method":"initialize","y":["id",{}]}\r\n`)
      assert.ok((await ended).stdout.startsWith(`{"jsonrpc":"2.0","id":${id},"error":`), id)
    }
  })

  it('answers a request that lies ready though the machine stalls until the time is over', async (t) => {
    const machine = withMachine(t)
    const stall = join(machine.folder, 'stall.cjs')
    const written = join(machine.folder, 'written')
    writeFileSync(stall, STALL)
    const env = { [GUARD]: '18.20.8', STALLED: written, NODE_OPTIONS: `-r "${stall}"` }
    const child = machine.start(node, [], env)
    const ended = collect(child)
    child.stdin.write('{"id":1,"method":"initialize"}\n', () => writeFileSync(written, ''))
    const { code, stdout } = await ended
    assert.equal(code, 2)
    assert.match(stdout, /^{"jsonrpc":"2.0","id":1,"error":/)
  })

  it('waits three seconds for a request, not longer', async (t) => {
    const child = withMachine(t).start(node, [], { [GUARD]: '18.20.8' })
    const ended = collect(child)
    child.stdin.write('not a message\n{"id":null,"method":"x"}\n{"id":1,"result":{}}\n[]\n"text"\n')
    const { code, stdout } = await ended
    assert.deepEqual({ code, stdout }, { code: 2, stdout: '' })
  })
})

describe('the launcher on a Node that is new enough', () => {
  let machine: Machine
  before(() => {
    machine = makeMachine()
  })
  after(() => machine.remove())

  it('loads the package at once, and nothing else', async () => {
    const { stdout, code } = await collect(machine.start(process.execPath, ['loaded']))
    assert.equal(code, 0)
    const loaded: string[] = JSON.parse(stdout)
    assert.ok(loaded.length > 0)
    assert.deepEqual(
      loaded.filter((name) => /^NativeModule (child_process|os|http)$/.test(name)),
      [],
    )
  })
})
