// Where the files that we keep for the user lie, by the customs of the platform, the variables that say other places,
// and how the files of one endpoint are named there. architecture.md 3.
import { join } from 'node:path'

export const CACHE_VARIABLE = 'MCP_FERRY_CACHE_DIR'
export const CREDENTIALS_VARIABLE = 'MCP_FERRY_CONFIG_DIR'

type Env = Readonly<Record<string, string | undefined>>

/**
 * The folder for what may be deleted at any time; it need not exist. Rejects where the system knows no home folder
 * and the variable is not set.
 */
export function cacheFolder(env: Env): Promise<string> {
  return folderOf(env[CACHE_VARIABLE], 'cache')
}

/**
 * The folder for sign-ins; it need not exist. The place for data and not the one for configuration: that one wanders
 * with a roaming profile on Windows, and elsewhere into the repositories in which people keep theirs.
 */
export function credentialsFolder(env: Env): Promise<string> {
  return folderOf(env[CREDENTIALS_VARIABLE], 'data')
}

async function folderOf(given: string | undefined, place: 'cache' | 'data'): Promise<string> {
  if (given !== undefined && given !== '') return given
  // The package asks for the home folder as soon as it is loaded.
  const { default: envPaths } = await import('env-paths')
  return envPaths('mcp-ferry', { suffix: '' })[place]
}

/**
 * The same folder, found without the package, whose loading costs a start 1.5 ms (bench: start): for what is looked up at
 * each start. Undefined where the environment names no home; a test holds the two together.
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
  const home = isWindows ? env.USERPROFILE : env.HOME
  if (home === undefined) return undefined
  if (isWindows) return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'mcp-ferry', windows)
  return join(platform === 'darwin' ? join(home, 'Library', mac) : xdg || join(home, linux), 'mcp-ferry')
}

/** FNV-1a: 32 bits are enough to tell some dozens of endpoints apart, and too few to tell what was hashed. */
export function shortHash(text: string): string {
  let hash = 0x811c9dc5
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
