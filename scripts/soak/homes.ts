// The home of a phase: where the bridge keeps what it remembers, and how much that is.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Every place where the bridge keeps something is in there. */
export function homeEnv(home: string): Record<string, string> {
  return {
    HOME: home,
    USERPROFILE: home,
    APPDATA: home,
    LOCALAPPDATA: home,
    MCP_FERRY_CONFIG_DIR: join(home, 'config'),
    MCP_FERRY_CACHE_DIR: join(home, 'cache'),
  }
}

export function filesUnder(folder: string): { readonly files: number; readonly fileBytes: number } {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile())
  const sizes = found.map(
    (each) => statSync(join(each.parentPath, each.name), { throwIfNoEntry: false })?.size ?? 0,
  )
  return { files: found.length, fileBytes: sizes.reduce((sum, size) => sum + size, 0) }
}
