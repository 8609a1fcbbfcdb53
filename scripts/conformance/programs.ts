// The host programs as one plain file each: hundreds are started in a run, and each would spend more than half of its time on
// being compiled.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Cell } from './cells.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** Of what is bundled, some is CommonJS. */
const BANNER = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)`

export interface Programs {
  /** What starts the cell's host: a file, and its options. */
  of(cell: Cell): readonly string[]
  close(): void
}

export async function buildPrograms(cells: readonly Cell[]): Promise<Programs> {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-hosts-'))
  await build({
    absWorkingDir: ROOT,
    entryPoints: [...new Set(cells.map(({ host }) => host[0]))],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: BANNER },
    sourcemap: 'linked',
    // Hundreds of starts read what is in the map.
    sourcesContent: false,
    logLevel: 'error',
  })
  return {
    of: ({ host: [source, ...options] }) => [join(folder, `${basename(source, '.ts')}.mjs`), ...options],
    close: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}
