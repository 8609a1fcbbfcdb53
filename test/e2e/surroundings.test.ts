// The bridge where little is as it should be: a home folder with an odd name, none, or no place for files at all; hardly a
// variable, or those of another system; a working folder that is gone. It works, and puts no file anywhere else.
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_INHERITED_ENV_VARS } from '@modelcontextprotocol/sdk/client/stdio.js'
import { bareEnv, initializeLine } from '../fixtures/hosts/raw-host.ts'
import { bridge, ownError, serve, test } from './harness.ts'
import { FROM_ENV, filesUnder, makeOddHome, NAME, NOT_LINUX, SECRET, wholeSession } from './odd-home.ts'
import { FOR_EVER, serveProtected } from './signing-in.ts'

const { base, home, shim, bin } = NOT_LINUX ? { base: '', home: '', shim: '', bin: '' } : makeOddHome()
const NODE = process.execPath

type Env = Readonly<Record<string, string>>

interface Surrounding {
  readonly env?: Env
  /** Instead of the installed script, on this Node. */
  readonly command?: readonly string[]
  /** Where the handshake is remembered; null: nowhere. */
  readonly cache?: string | null
}

/** What the SDK hands on, for this person. */
const VALUES: Env = {
  HOME: home,
  LOGNAME: NAME,
  PATH: bareEnv().PATH ?? '',
  SHELL: '/bin/bash',
  TERM: 'dumb',
  USER: NAME,
}

/** Of a system that knows this home folder, though no variable says so. */
const KNOWING = `
  const os = require('os')
  const [named, known] = [process.env.HOME, ${JSON.stringify(home)}]
  os.homedir = () => named ?? known
  os.userInfo = () => ({ homedir: known })
`

function knowing(): readonly string[] {
  const file = join(home, 'knowing.cjs')
  writeFileSync(file, KNOWING)
  return [NODE, '-r', file, bin]
}

function elsewhere(name: string): string {
  const folder = join(home, 'elsewhere', name)
  mkdirSync(folder, { recursive: true })
  return folder
}

const inShell = (script: string, ...args: string[]) => [
  '/bin/sh',
  '-c',
  `${script} && exec "$@"`,
  'sh',
  ...args,
]

const SURROUNDINGS: Readonly<Record<string, () => Surrounding>> = {
  'the variables that the SDK hands on': () => ({
    env: Object.fromEntries(
      DEFAULT_INHERITED_ENV_VARS.map((name) => [name, VALUES[name] ?? `no value for ${name}`]),
    ),
  }),
  'no variable at all': () => ({ env: {}, command: knowing() }),
  'a home that is empty': () => ({ env: { HOME: '' }, command: knowing() }),
  'a home that nobody has filled in': () => ({ env: { HOME: '${HOME}' }, command: knowing() }),
  'a home that is a device': () => ({ env: { HOME: '/dev/null' }, cache: null }),
  'a home that is not there yet': () => ({
    env: { HOME: join(home, 'not', 'there') },
    cache: join(home, 'not/there/.cache'),
  }),
  'folders that are relative': () => ({
    env: { HOME: home, XDG_CACHE_HOME: 'cache', XDG_DATA_HOME: './data', XDG_CONFIG_HOME: '~/.config' },
  }),
  'a locale of ASCII': () => ({ env: { HOME: home, LANG: 'C', LC_ALL: 'POSIX' } }),
  'a temporary folder that is gone': () => ({ env: { HOME: home, TMPDIR: '/nowhere/to/be/found' } }),
  'what Electron leaves behind': () => ({
    env: { HOME: home, ELECTRON_RUN_AS_NODE: '1', ELECTRON_NO_ATTACH_CONSOLE: '1', VSCODE_PID: '1' },
  }),
  'the variables of Windows': () => ({
    env: {
      HOME: home,
      APPDATA: 'C:\\Users\\me\\AppData\\Roaming',
      LOCALAPPDATA: 'C:\\Users\\me\\AppData\\Local',
      USERPROFILE: 'C:\\Users\\me',
      SystemRoot: 'C:\\Windows',
      ComSpec: 'C:\\Windows\\System32\\cmd.exe',
      PATHEXT: '.COM;.EXE;.BAT;.CMD',
    },
  }),
  'what npm leaves behind': () => ({
    env: {
      HOME: home,
      npm_config_user_agent: 'npm/10',
      npm_lifecycle_event: 'npx',
      INIT_CWD: '/gone',
      NODE_ENV: 'production',
    },
  }),
  "npm's link to it": () => ({ command: [shim], env: { HOME: home, PATH: VALUES.PATH ?? '' } }),
  'a link to that link': () => {
    const link = join(elsewhere('links'), 'böse brücke')
    symlinkSync(shim, link)
    return { command: [NODE, link], env: { HOME: home } }
  },
  'the root as working folder': () => ({ command: inShell('cd /', NODE, bin), env: { HOME: home } }),
  'a working folder that is gone': () => {
    const gone = elsewhere('gone')
    return {
      command: inShell(`cd '${gone}' && rmdir '${gone}'`, NODE, bin),
      env: { HOME: home },
    }
  },
}

for (const [name, make] of Object.entries(SURROUNDINGS))
  test(
    `${name}: a whole session with a header from a variable, and no file where none belongs`,
    async (t) => {
      const { env = {}, command = [NODE, bin], cache = join(home, '.cache') } = make()
      const cwd = mkdtempSync(join(tmpdir(), 'ferry-cwd-'))
      const before = new Set(filesUnder(home))
      const server = await serve(t)
      const host = bridge(t, {
        command,
        cwd,
        onlyEnv: { ...env, ODD_AUTH: SECRET },
        args: FROM_ENV,
        url: server.url,
      })
      await wholeSession(host, server)
      const made = filesUnder(home).filter((file) => !before.has(file))
      assert.deepEqual(filesUnder(cwd), [], 'files in the working folder')
      rmdirSync(cwd)
      assert.equal(made.length > 0, cache !== null, `files that were made: ${made.join(', ')}`)
      for (const file of made) assert.ok(file.startsWith(join(cache ?? '', 'mcp-ferry/')), file)
    },
    NOT_LINUX,
  )

/** A user whom the system does not list, as in a container that is run with a number; reads what is for all to read. */
const NOBODY = 54_321
const AS_NOBODY = ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', NODE]
const NO_OTHER_USER = process.getuid?.() !== 0 && 'only root can be somebody else'

/** A folder that this user may not even look into. */
function closed(): string {
  const folder = elsewhere('closed')
  chmodSync(folder, 0o700)
  return folder
}

test(
  'a home that is not ours to write: a whole session, and a sentence when a sign-in is to be kept',
  async (t) => {
    chmodSync(base, 0o755)
    const command = [...AS_NOBODY, bin]
    const onlyEnv = { HOME: home, ODD_AUTH: SECRET, PATH: VALUES.PATH ?? '' }
    const server = await serve(t)
    const host = bridge(t, { command, cwd: closed(), onlyEnv, args: FROM_ENV, url: server.url })
    await wholeSession(host, server)

    const { server: protectedOne } = await serveProtected(t)
    const args = [...FOR_EVER, '--no-browser']
    const asking = bridge(t, { command, cwd: closed(), onlyEnv, args, url: protectedOne.url })
    asking.send(initializeLine('i'))
    const line = await asking.answer('i')
    ownError(line, 'auth-failed')
    assert.match(line.value.error?.message ?? '', /cannot be kept \(EACCES\)/)
    await asking.finish({ stderr: 'some' })
  },
  NOT_LINUX || NO_OTHER_USER,
)

test(
  'a user without a home: a whole session, and a sentence where a home is needed',
  async (t) => {
    chmodSync(base, 0o755)
    const command = [...AS_NOBODY, bin]
    const cwd = closed()
    const server = await serve(t)
    const onlyEnv = { ODD_AUTH: SECRET, PATH: VALUES.PATH ?? '' }
    const host = bridge(t, { command, cwd, onlyEnv, args: FROM_ENV, url: server.url })
    await wholeSession(host, server)

    const args = ['--header-file', '~/headers']
    const refused = bridge(t, { command, cwd, onlyEnv, args, url: server.url })
    refused.send(initializeLine('i'))
    const { code } = ownError(await refused.answer('i'), 'usage')
    assert.equal(code, 'home-missing')
    await refused.finish({ code: 2, stderr: 'some' })

    const { issuer, server: protectedOne } = await serveProtected(t)
    const asking = bridge(t, { command, cwd, onlyEnv, args: FOR_EVER, url: protectedOne.url })
    asking.send(initializeLine('i'))
    const line = await asking.answer('i')
    ownError(line, 'usage')
    assert.match(line.value.error?.message ?? '', /set HOME/)
    await asking.finish({ stderr: 'some' })
    assert.equal(issuer.to('token').length, 0, 'nobody signs in to what cannot be kept')
  },
  NOT_LINUX || NO_OTHER_USER,
)
