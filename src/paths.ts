// Where the files that we keep for the user lie, by the customs of the platform, and the variable that says another
// place. architecture.md 3.
import { join } from 'node:path'

export const CACHE_VARIABLE = 'MCP_FERRY_CACHE_DIR'

/**
 * The folder for what may be deleted at any time; it need not exist. Rejects where the system knows no home folder
 * and the variable is not set.
 */
export async function cacheFolder(env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const given = env[CACHE_VARIABLE] ?? ''
  if (given !== '') return given
  // The package asks for the home folder as soon as it is loaded.
  const { default: envPaths } = await import('env-paths')
  return envPaths('mcp-ferry', { suffix: '' }).cache
}

/**
 * The same folder, found without the package, whose loading costs a start 1.5 ms (bench: start): for what is looked up at
 * each start. Undefined where the environment names no home; a test holds the two together.
 */
export function quickCacheFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: string,
): string | undefined {
  const given = env[CACHE_VARIABLE] ?? ''
  if (given !== '') return given
  const isWindows = platform === 'win32'
  const home = isWindows ? env.USERPROFILE : env.HOME
  if (home === undefined) return undefined
  if (isWindows) return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'mcp-ferry', 'Cache')
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'mcp-ferry')
  return join(env.XDG_CACHE_HOME || join(home, '.cache'), 'mcp-ferry')
}
