// Opens the person's browser, or knows that there is none here. The URL, which comes from the network, is one argument of
// a program, never a part of a command line that something interprets. Takes environment and platform as parameters.
// protocol.md G.7, G.8.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { programFor } from '../program-path.ts'
import { systemTool } from '../system-tool.ts'

export interface Surroundings {
  readonly platform: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** What the machine is, for tests of another one. */
  readonly machine?: Machine
  /** How long a program may take to fail. */
  readonly failureMs?: number
}

export interface Machine {
  readonly has: (path: string) => boolean
  readonly read: (path: string) => string
}

type Command = readonly [program: string, ...args: string[]]

/** A program that is to fail has done so by then; a browser that was not running before may stay as long as it likes. */
const FAILURE_MS = 1_000
/** What people write into $BROWSER so that nothing is opened. */
const NO_BROWSER = /^(?:none|no|false|off|0|disabled|never|:|true|echo)$/i
/** The interpreters of cmd.exe, for which an argument is a part of a command line. */
const WINDOWS_SCRIPT = /\.(?:cmd|bat)$/i
const CONTAINER_MARKS = ['/.dockerenv', '/run/.containerenv']

const THIS_MACHINE: Machine = {
  has: existsSync,
  read(path) {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return ''
    }
  },
}

/** Whether there is a browser that the person who started us would see. */
export function canOpenBrowser(surroundings: Surroundings): boolean {
  const { platform, env } = surroundings
  const browser = wishOf(env)
  if (browser !== undefined) return !isNone(browser)
  if (isSet(env.CI)) return false
  const hasDisplay = isSet(env.DISPLAY) || isSet(env.WAYLAND_DISPLAY)
  const isRemote = isSet(env.SSH_CONNECTION) || isSet(env.SSH_TTY) || isSet(env.SSH_CLIENT)
  if (isRemote && !hasDisplay) return false
  if (platform === 'darwin' || platform === 'win32') return true
  return hasDisplay || isWsl(surroundings)
}

/**
 * Opens `url`, which the caller has checked, and lets the browser live on without us. False: nothing could open it.
 * Takes a second, as a program that cannot do it says so by its exit code. Never rejects.
 */
export async function openBrowser(url: string, surroundings: Surroundings): Promise<boolean> {
  // It has been checked; but what is no web address would be taken for an option or a file.
  if (!/^https?:\/\//.test(url)) return false
  for (const command of browserCommands(url, surroundings)) {
    if (await hasWorked(command, surroundings)) return true
  }
  return false
}

/** What is tried, in order. */
export function browserCommands(url: string, surroundings: Surroundings): readonly Command[] {
  const { platform, env } = surroundings
  const wish = wishOf(env)
  if (wish !== undefined && isNone(wish)) return []
  const wished = wish === undefined ? [] : wishedCommands(wish, url, platform)
  return [...wished, ...systemCommands(url, surroundings)]
}

function systemCommands(url: string, surroundings: Surroundings): readonly Command[] {
  const { platform, env } = surroundings
  const handler = ['url.dll,FileProtocolHandler', url] as const
  if (platform === 'win32') return [[systemTool('rundll32.exe', env), ...handler]]
  if (platform === 'darwin') return [['/usr/bin/open', url]]
  const windows: Command[] = isWsl(surroundings)
    ? [
        ['wslview', url],
        ['rundll32.exe', ...handler],
        ['/mnt/c/Windows/System32/rundll32.exe', ...handler],
      ]
    : []
  return [
    ...windows,
    ['xdg-open', url],
    ['gio', 'open', url],
    ['x-www-browser', url],
    ['sensible-browser', url],
  ]
}

/** `$BROWSER`: several of them between colons, each a program or a command with `%s` where the URL belongs. */
function wishedCommands(wish: string, url: string, platform: string): Command[] {
  // On Windows a colon stands in every path.
  const each = platform === 'win32' ? [wish] : wish.split(':')
  return each
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .flatMap((text) => {
      const [program = '%s', ...args] = wordsOf(text)
      // The URL is never what is run.
      if (program.includes('%s')) return []
      const filled = args.map((word) => word.replaceAll('%s', () => url))
      if (args.some((word) => word.includes('%s'))) return [[program, ...filled] as Command]
      const command: Command = [program, ...args, url]
      // A path with blanks in it that nobody has quoted; if there is no such program, the next one is tried.
      return args.length > 0 ? [[text, url] as Command, command] : [command]
    })
}

function wordsOf(text: string): string[] {
  const words = text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []
  return words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'))
}

function wishOf(env: Surroundings['env']): string | undefined {
  const wish = env.BROWSER?.trim() ?? ''
  return wish === '' ? undefined : wish
}

function isNone(wish: string): boolean {
  const name = /^\S*[\\/](?:true|false|echo)$/.test(wish) ? wish.replace(/.*[\\/]/, '') : wish
  return NO_BROWSER.test(name)
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !/^(?:|0|false)$/i.test(value)
}

/** Linux inside of Windows, from where the browser of Windows can be started. */
function isWsl({ platform, env, machine = THIS_MACHINE }: Surroundings): boolean {
  if (platform !== 'linux') return false
  if (isSet(env.WSL_DISTRO_NAME)) return true
  // A container shares the kernel and its name, but not the way to Windows.
  if (CONTAINER_MARKS.some(machine.has)) return false
  return /microsoft/i.test(machine.read('/proc/version'))
}

/** Whether the program runs, and does not fail at once. */
function hasWorked(
  [name, ...args]: Command,
  { platform, env, failureMs = FAILURE_MS }: Surroundings,
): Promise<boolean> {
  const program = programFor(name, { env, windows: platform === 'win32' })
  if (program === undefined || WINDOWS_SCRIPT.test(program)) return Promise.resolve(false)
  return new Promise((resolve) => {
    let child: ChildProcess
    try {
      // Not by cross-spawn: it would hand what is a script on Windows to cmd.exe.
      child = spawn(program, args, { env, shell: false, stdio: 'ignore', detached: true, windowsHide: true })
    } catch {
      // A program's name with a null byte, for one.
      return resolve(false)
    }
    const settle = (has: boolean): void => {
      clearTimeout(timer)
      resolve(has)
    }
    const timer = setTimeout(settle, failureMs, true)
    child.once('error', () => settle(false))
    child.once('exit', (code) => settle(code === 0))
    child.unref()
  })
}
