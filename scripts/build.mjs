// Builds dist: the hot file, with everything in it that a start needs, because one small file starts fastest, its lazy
// siblings, and what those share (scripts/siblings.mjs); homes.mjs finds what each takes from which. CommonJS on purpose:
// from an ES module `import 'node:http'` loads the whole built-in undici on Node 22 and later. The metafile feeds
// scripts/rules.mjs (what each file may contain).
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { deferCalls, entryOf, exportedBy, findHomes, takeFrom } from './homes.mjs'
import { LEAN_PACKAGES } from './lean.mjs'
import { DEFERRED, HOT, SHARED, SIBLINGS } from './siblings.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

// What is imported when it is first needed is a file of its own. It is written as a `require`, since esbuild would copy each
// of its names at run time.
const bySource = new Map(SIBLINGS.map(({ name, source }) => [join(root, source), name]))
const lazySiblings = {
  name: 'lazy-siblings',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /[\\/]src[\\/].*\.ts$/, namespace: 'file' }, ({ path: importer }) => ({
      loader: 'ts',
      contents: readFileSync(importer, 'utf8').replace(/\bimport\('(\.[^']+)'\)/g, (whole, path) => {
        const name = bySource.get(resolve(dirname(importer), path))
        return name === undefined ? whole : `Promise.resolve().then(() => require('./${name}.cjs'))`
      }),
    }))
    onResolve({ filter: /^\.\/[a-z-]+\.cjs$/ }, ({ path }) => ({ path, external: true }))
    onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) =>
      kind !== 'dynamic-import' || resolveDir.includes('node_modules')
        ? undefined
        : { errors: [{ text: `${path} is imported lazily: give it a name in scripts/siblings.mjs` }] },
    )
  },
}

const plugins = [lazySiblings, ...LEAN_PACKAGES]
const settings = {
  absWorkingDir: root,
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
  // `import()` becomes a `require`: from CommonJS it would start the loader of ES modules.
  supported: { 'dynamic-import': false },
  define: { __VERSION__: JSON.stringify(version) },
  // The first is how a file gives (homes.mjs); the second, a name that a file does not give after all.
  logOverride: { 'commonjs-variable-in-esm': 'silent', 'import-is-undefined': 'error' },
  metafile: true,
  write: false,
  logLevel: 'warning',
}
// While the program runs, its files can be replaced by those of another version. What a file takes from another it takes by
// letters, so each asks whether the hot file is of the same build; if not, it is to this one as if it were not there.
const BUILD = 'the-build-it-is-of'
const ONLY_WITH_ITS_OWN = `if(require("./${HOT.name}.cjs").build!=="${BUILD}")throw Object.assign(Error("another version"),{code:"MODULE_NOT_FOUND"});`

// First each file with all that it needs, to see what there is twice; then each with what it alone has. What is shortened
// in the hot file has the shortest names.
const deferred = DEFERRED.map(({ name, sources }) => ({ name, sources }))
const alone = await buildAlone([HOT], { plugins: [deferCalls(root, deferred)] })
const { mangleCache } = alone
const whole = await buildAlone(SIBLINGS, { mangleCache })
const later = await Promise.all(
  deferred.map(({ name, sources }) =>
    buildOne(name, entryOf(sources.flatMap(exportedBySource)), { taking: [], banner: '' }),
  ),
)
const contents = new Map([alone, whole, ...later].flatMap(contentsOf))
const giving = SIBLINGS.flatMap(({ name, gives }) => (gives === undefined ? [] : [{ name, sources: gives }]))
const homes = findHomes({ root, contents, hot: HOT.name, shared: [...deferred, ...SHARED, ...giving] })
const givenBy = (name) => homes.find(({ file }) => file === name)?.gives ?? []
const built = await Promise.all([
  buildOne(HOT.name, `import 'gives:first'; import './${HOT.source}'`, {
    taking: [deferCalls(root, deferred, homes), givesFirst(givenBy(HOT.name))],
    // The launcher reads the build from the beginning.
    banner: `"${BUILD}";const us=module;`,
  }),
  ...[...SIBLINGS, ...DEFERRED, ...SHARED].map(({ name, source }) =>
    buildOne(name, entryOf([...exportedBySource(source), ...givenBy(name)]), {
      taking: [takeFrom(homes, name)],
    }),
  ),
])

/**
 * What the hot file gives is there before it runs: a deferred file can be called at once. It goes by `us`, for a module
 * that says `module` would be wrapped in a function.
 */
function givesFirst(gives) {
  return {
    name: 'gives-first',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^gives:first$/ }, ({ path }) => ({ path, namespace: 'given' }))
      onLoad({ filter: /^gives:first$/, namespace: 'given' }, () => ({
        contents: `${entryOf(gives, 'us')}us.exports.build="${BUILD}"`,
        resolveDir: root,
      }))
    },
  }
}

function buildAlone(files, { plugins: more = [], mangleCache = {} }) {
  const entryPoints = files.map(({ name, source }) => ({ in: source, out: name }))
  return build({ ...settings, plugins: [...more, ...plugins], entryPoints, mangleCache })
}

function exportedBySource(source) {
  return source === undefined ? [] : exportedBy(join(root, source))
}

function contentsOf({ metafile }) {
  return Object.entries(metafile.outputs).map(([output, { inputs }]) => {
    const modules = Object.keys(inputs).filter(
      (input) => input.startsWith('src/') && inputs[input].bytesInOutput > 0,
    )
    return [basename(output, '.cjs'), new Set(modules.map((path) => join(root, path)))]
  })
}

function buildOne(file, contents, { taking, banner = ONLY_WITH_ITS_OWN }) {
  return build({
    ...settings,
    plugins: [...taking, ...plugins],
    mangleCache: whole.mangleCache,
    stdin: { contents, resolveDir: root, sourcefile: `gives:${file}` },
    entryNames: file,
    banner: { js: `"use strict";${banner}` },
  })
}

const outputs = Object.assign({}, ...built.map(({ metafile }) => metafile.outputs))
// What stands for modules of other files is no code.
for (const { inputs } of Object.values(outputs))
  for (const input of Object.keys(inputs))
    if (/^(elsewhere|given|gives|deferred|loaded):/.test(input)) delete inputs[input]

const texts = built.flatMap(({ outputFiles }) => outputFiles.map(({ path, text }) => ({ path, text })))
const id = createHash('sha256')
  .update(texts.map(({ text }) => text).join())
  .digest('hex')
  .slice(0, 8)
rmSync(join(root, 'dist'), { recursive: true, force: true })
mkdirSync(join(root, 'dist'))
for (const { path, text } of texts) writeFileSync(path, text.replaceAll(BUILD, id))

mkdirSync(new URL('../.cache/', import.meta.url), { recursive: true })
writeFileSync(new URL('../.cache/metafile.json', import.meta.url), JSON.stringify({ outputs }))

/** Whose code is in the files: its authors want their names and terms to go along. */
const inputs = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs))
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
