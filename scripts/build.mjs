// Builds dist: the hot file, with everything in it that a start needs, because one small file starts fastest, and its
// lazy siblings (scripts/siblings.mjs). CommonJS on purpose: from an ES module `import 'node:http'` loads the whole
// built-in undici on Node 22 and later. The metafile feeds scripts/rules.mjs (what each file may contain).
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { LEAN_PACKAGES } from './lean.mjs'
import { HOT, SIBLINGS } from './siblings.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

// What is imported when it is first needed is a file of its own.
const bySource = new Map(SIBLINGS.map(({ name, source }) => [join(root, source), name]))
const lazySiblings = {
  name: 'lazy-siblings',
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import' || resolveDir.includes('node_modules')) return undefined
      const name = bySource.get(resolve(resolveDir, path))
      if (name !== undefined) return { path: `./${name}.cjs`, external: true }
      return { errors: [{ text: `${path} is imported lazily: give it a name in scripts/siblings.mjs` }] }
    })
  },
}

const files = [HOT, ...SIBLINGS].filter(({ source }) => existsSync(join(root, source)))
rmSync(join(root, 'dist'), { recursive: true, force: true })
const result = await build({
  absWorkingDir: root,
  entryPoints: files.map(({ name, source }) => ({ in: source, out: name })),
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node20.18',
  format: 'cjs',
  minify: true,
  legalComments: 'none',
  // The private members of commander, 5 kB; these two belong to MCP and to Node.
  mangleProps: /^_[a-z]/,
  reserveProps: /^_(meta|httpMessage)$/,
  plugins: [lazySiblings, ...LEAN_PACKAGES],
  // `import()` becomes a `require`: from CommonJS it would start the loader of ES modules.
  supported: { 'dynamic-import': false },
  define: { __VERSION__: JSON.stringify(version) },
  metafile: true,
  logLevel: 'warning',
})

mkdirSync(new URL('../.cache/', import.meta.url), { recursive: true })
writeFileSync(new URL('../.cache/metafile.json', import.meta.url), JSON.stringify(result.metafile))

/** Whose code is in the files: its authors want their names and terms to go along. */
const inputs = Object.values(result.metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs))
const packages = new Set(
  inputs.flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
)
const licenses = [...packages].sort().map((name) => {
  const folder = join(root, 'node_modules', name)
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each))
  if (file === undefined) throw new Error(`${name} has no licence: look at scripts/build.mjs`)
  return `${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
})
writeFileSync(new URL('../dist/licenses.txt', import.meta.url), licenses.join(`\n${'-'.repeat(80)}\n\n`))
