// Which era and transport a remote spoke last, looked for at each start, beside everything else, as it decides what is sent
// first. It changes the order of what is tried and nothing else. protocol.md F.5.
import { existsSync, readFile } from 'node:fs'
import { quickCacheFolder } from '../paths.ts'
import { eraFile, type RememberedEra, readEra } from './era-file.ts'

/** What is remembered, if it is fresh. Rejects or resolves; undefined where nothing of use is there. */
export async function recallEra(
  url: URL,
  {
    env,
    platform,
  }: { readonly env: Readonly<Record<string, string | undefined>>; readonly platform: string },
  now: number = Date.now(),
): Promise<RememberedEra | undefined> {
  const folder = quickCacheFolder(env, platform)
  if (folder === undefined) return undefined
  const file = eraFile(folder, url)
  // Of most remotes nothing is remembered, and to ask in another thread costs a start half a millisecond (bench: start).
  if (!existsSync(file)) return undefined
  return new Promise((resolve) => {
    readFile(file, 'latin1', (failure, text) => resolve(failure === null ? readEra(text, now) : undefined))
  })
}
