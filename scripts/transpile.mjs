// Makes of the tests what Node runs as it is. Each test file, and each program or module that tests name by its path, is
// one file of .cache/tests, with all in it that it imports of this repository: tsx takes half a second of a processor at
// each start, several hundred times. Paths that are made from `import.meta.url` stay those of the sources.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, stop } from 'esbuild'
import { SIBLINGS } from './siblings.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
export const TRANSPILED = join(root, '.cache', 'tests')
/** What tests start or load by `test/fixtures/programs/own-program.ts`. */
const BY_PATH = [
  ...SIBLINGS.map(({ source }) => source),
  'scripts/chaos/run.ts',
  'scripts/conformance/run.ts',
  'test/fixtures/auth/lock-holder.ts',
  'test/fixtures/servers/run.ts',
  'test/fixtures/servers/sdk-v1-server.ts',
  'test/fixtures/servers/sdk-v2-server.ts',
  'test/unit/shell/config-changer.ts',
]

/** What takes longest begins first, so that nothing is left alone at the end: Node runs files in the order of their paths. */
const LONG = 'start-long conformance sign-in-device chaos stages get-stream deadlines start restart'
  .split(' ')
  .map((name) => `test/e2e/${name}.test`)

const withoutEnding = (name) => name.replace(/\.ts$/, '').replaceAll('\\', '/')
const placeOf = (name) => {
  const path = withoutEnding(name)
  return LONG.includes(path) ? path.replace('test/', 'first/') : path
}

const sourceUrls = {
  name: 'source-urls',
  setup({ onLoad }) {
    onLoad({ filter: /\.m?[jt]s$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(
        'import.meta.url',
        JSON.stringify(pathToFileURL(path).href),
      ),
      loader: path.endsWith('ts') ? 'ts' : 'js',
    }))
  },
}

/** Transpiles these test files, and the programs; tells the paths of what became of the test files. */
export async function transpile(files) {
  const made = files.map((name) => ({ in: name, out: placeOf(name) }))
  await build({
    absWorkingDir: root,
    entryPoints: [...made, ...BY_PATH.map((name) => ({ in: name, out: withoutEnding(name) }))],
    outdir: TRANSPILED,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'linked',
    sourcesContent: false,
    plugins: [sourceUrls],
    logLevel: 'warning',
  })
  await stop()
  return made.map(({ out }) => join(TRANSPILED, `${out}.mjs`))
}
