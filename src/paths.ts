// Where the files that we keep for the user lie, by the customs of the platform, and the variable that says another
// place. architecture.md 3.

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
