// Where the files that we keep for the user lie, by the customs of the platform, the variables that say other places,
// and how the files of one endpoint are named there. architecture.md 3.
import type { homedir, userInfo } from 'node:os'
import { isAbsolute, join, posix, win32 } from 'node:path'
import { usage } from './errors.ts'

export const CACHE_VARIABLE = 'MCP_FERRY_CACHE_DIR'
export const CREDENTIALS_VARIABLE = 'MCP_FERRY_CONFIG_DIR'

type Env = Readonly<Record<string, string | undefined>>

/**
 * The folder for what may be deleted at any time; it need not exist. Rejects with BridgeError `usage` where the
 * system knows no home folder and the variable is not set.
 */
export async function cacheFolder(env: Env): Promise<string> {
  return env[CACHE_VARIABLE] || folderOf(env, 'cache', quickCacheFolder)
}

/**
 * The folder for sign-ins; it need not exist. The place for data and not the one for configuration: that one wanders
 * with a roaming profile on Windows, and elsewhere into the repositories in which people keep theirs.
 */
export async function credentialsFolder(env: Env): Promise<string> {
  return env[CREDENTIALS_VARIABLE] || folderOf(env, 'data', quickCredentialsFolder)
}

/**
 * The home folder of whoever runs us. A HOME that is empty or that nobody has filled in, such as "${HOME}", would lead into
 * the folder that the editor has open, where files of ours might be published. Throws BridgeError `usage` where nobody knows one.
 */
export function homeFolder(os: {
  readonly homedir: typeof homedir
  readonly userInfo: typeof userInfo
}): string {
  for (const ask of [os.homedir, () => os.userInfo().homedir])
    try {
      const home = ask()
      if (isAbsolute(home)) return home
    } catch {
      // A user without an entry in the system's list, as in a container.
    }
  const name = process.platform === 'win32' ? 'USERPROFILE' : 'HOME'
  const text = `neither the variable ${name} nor the system names a home folder; set ${name} to the absolute path of one`
  throw usage('home-missing', text)
}

async function folderOf(env: Env, place: 'cache' | 'data', quick: typeof quickCacheFolder): Promise<string> {
  // The package asks for the home folder as soon as it is loaded, and fails if there is none.
  const named = await import('env-paths').then(
    ({ default: envPaths }) => envPaths('mcp-ferry', { suffix: '' })[place],
    () => '',
  )
  if (isAbsolute(named)) return named
  const home = homeFolder(await import('node:os'))
  return quick({ ...env, HOME: home, USERPROFILE: home }, process.platform)!
}

/**
 * The same folder, found without the package, whose loading costs a start 1.5 ms (bench: start): for what is looked up at
 * each start. Undefined where the environment names no home; a test holds the two together. A relative path in one of the
 * system's variables counts as none, as the customs of XDG have it.
 */
export function quickCacheFolder(env: Env, platform: string): string | undefined {
  const { [CACHE_VARIABLE]: given, XDG_CACHE_HOME: xdg } = env
  return given || quickFolder(env, platform, 'Cache', 'Caches', xdg, '.cache')
}

/** The same for sign-ins. */
export function quickCredentialsFolder(env: Env, platform: string): string | undefined {
  const { [CREDENTIALS_VARIABLE]: given, XDG_DATA_HOME: xdg } = env
  return given || quickFolder(env, platform, 'Data', 'Application Support', xdg, join('.local', 'share'))
}

function quickFolder(
  env: Env,
  platform: string,
  windows: string,
  mac: string,
  xdg: string | undefined,
  linux: string,
): string | undefined {
  const isWindows = platform === 'win32'
  const absolute = (path: string | undefined): string | undefined =>
    path !== undefined && (isWindows ? win32 : posix).isAbsolute(path) ? path : undefined
  const home = absolute(isWindows ? env.USERPROFILE : env.HOME)
  if (home === undefined) return undefined
  if (isWindows)
    return join(absolute(env.LOCALAPPDATA) ?? join(home, 'AppData', 'Local'), 'mcp-ferry', windows)
  if (platform === 'darwin') return join(home, 'Library', mac, 'mcp-ferry')
  return join(absolute(xdg) ?? join(home, linux), 'mcp-ferry')
}

/** FNV-1a: 32 bits are enough to tell some dozens of endpoints apart, and too few to tell what was hashed. */
export function shortHash(text: string): string {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
