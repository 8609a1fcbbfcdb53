// Builds dist/mcp-ferry.cjs: one CommonJS file with everything in it, because one small file starts fastest and
// `npx` then fetches one tarball. CommonJS on purpose: from an ES module `import 'node:http'` loads the whole
// built-in undici on Node 22 and later. The metafile feeds scripts/rules.mjs (what the hot bundle may contain).
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

const result = await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outfile: 'dist/mcp-ferry.cjs',
  bundle: true,
  platform: 'node',
  target: 'node20.18',
  format: 'cjs',
  minify: true,
  legalComments: 'none',
  define: { __VERSION__: JSON.stringify(version) },
  metafile: true,
  logLevel: 'warning',
})

mkdirSync(new URL('../.cache/', import.meta.url), { recursive: true })
writeFileSync(new URL('../.cache/metafile.json', import.meta.url), JSON.stringify(result.metafile))
