// Builds dist: the hot file, with everything in it that a start needs, because one small file starts fastest, and its
// lazy siblings (scripts/siblings.mjs). CommonJS on purpose: from an ES module `import 'node:http'` loads the whole
// built-in undici on Node 22 and later. The metafile feeds scripts/rules.mjs (what each file may contain).
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { HOT, SIBLINGS } from './siblings.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

// What commander brings and we do not use: its help and suggestions (ours are options/help.ts and unexpected.ts), and
// all that is for commands within commands, 15 kB;
// subcommands that are programs of their own, with node:child_process, 3 kB and 1.2 ms of CPU at every start; and the
// ready-made program that its index makes when it is loaded.
const UNUSED_METHODS = `
  _executeSubCommand _checkForMissingExecutable executableDir nameFromFilename
  outputHelp helpInformation _getOutputContext createHelp configureHelp addHelpText help helpGroup commandsGroup optionsGroup
  addHelpCommand addHelpOption summary hook storeOptionsAsProperties copyInheritedSettings command addCommand createCommand
  helpCommand _dispatchSubcommand _dispatchHelpCommand _registerCommand _initCommandGroup version description usage option
  _optionEx allowUnknownOption allowExcessArguments combineFlagAndOptionalValue enablePositionalOptions passThroughOptions
  _checkForBrokenPassThrough missingMandatoryOptionValue _conflictingOption getOptionValueSourceWithGlobals optsWithGlobals
  requiredOption arguments alias aliases parseAsync action unknownCommand showHelpAfterError`
  .trim()
  .split(/\s+/)
// These are called and do nothing for us: we have no options that imply, exclude or read the environment, and no hooks.
const IDLE_METHODS = `
  _parseOptionsImplied _parseOptionsEnv _checkForConflictingLocalOptions saveStateBeforeParse restoreStateBeforeParse
  _getHelpCommand _chainOrCallHooks _chainOrCallSubCommandHook _chainOrCall _outputHelpIfRequested
  _checkForMissingMandatoryOptions _checkForConflictingOptions _getCommandAndAncestors opts`
  .trim()
  .split(/\s+/)
const UNUSED_IN_PARTS =
  'conflicts implies env makeOptionMandatory hideHelp helpGroup choices preset argParser argRequired argOptional'.split(
    ' ',
  )
const leanCommander = {
  name: 'lean-commander',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /commander[\\/]lib[\\/](help|suggestSimilar)\.js$/ }, () => ({
      contents:
        'exports.Help = class {}; exports.stripColor = (text) => text; exports.suggestSimilar = () => ""',
    }))
    onLoad({ filter: /commander[\\/]lib[\\/]command\.js$/ }, ({ path }) => ({
      contents: IDLE_METHODS.reduce(
        (source, name) => withoutMethod(source, name, `\n  ${name}() {}\n`),
        UNUSED_METHODS.reduce((source, name) => withoutMethod(source, name), readFileSync(path, 'utf8')),
      ),
    }))
    onLoad({ filter: /commander[\\/]lib[\\/](option|argument)\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8')
      const methods = UNUSED_IN_PARTS.filter((name) => text.includes(`\n  ${name}(`))
      const lean = methods.reduce((source, name) => withoutMethod(source, name), text)
      return { contents: /option\.js$/.test(path) ? withoutDoubts(lean) : lean }
    })
    onResolve({ filter: /^commander$/ }, () => ({
      path: join(root, 'node_modules/commander/lib/command.js'),
    }))
    onResolve({ filter: /^node:child_process$/ }, ({ importer, path }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path, namespace: 'unused' } : undefined,
    )
    onLoad({ filter: /./, namespace: 'unused' }, () => ({ contents: '' }))
  },
}

/** Pairs such as --color and --no-color, and the check that whoever writes the option has written it rightly. */
function withoutDoubts(source) {
  const lean = source
    .replace(/\nclass DualOptions \{[\s\S]*?\n\}\n/, '\nclass DualOptions {}\n')
    .replace(/\n {2}if \(flagParts\[0\]\.startsWith\('-'\)\) \{[\s\S]*?\n {2}\}\n/, '\n')
    .replace(/\n {2}if \(shortFlag === undefined && longFlag === undefined\)[\s\S]*?\);\n/, '\n')
  if (source.length - lean.length < 2000)
    throw new Error('commander has other options now: look at scripts/build.mjs')
  return lean
}

function withoutMethod(source, name, instead = '\n') {
  const method = new RegExp(`\\n  (?:async )?${name}\\([^\\n]*\\) \\{\\n[\\s\\S]*?\\n  \\}\\n`)
  if (!method.test(source)) throw new Error(`commander has no ${name} any more: look at scripts/build.mjs`)
  return source.replace(method, instead)
}

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

// Its main file finds its parts by a `require` of its own, which cannot be bundled; that of its ES modules can.
const jsoncModules = {
  name: 'jsonc-modules',
  setup({ onResolve }) {
    onResolve({ filter: /^jsonc-parser$/ }, () => ({
      path: join(root, 'node_modules/jsonc-parser/lib/esm/main.js'),
    }))
  },
}

// For linters toml-eslint-parser says which parts its nodes have beside those of JavaScript, 3 kB; we only read its tree.
const leanToml = {
  name: 'lean-toml',
  setup({ onLoad }) {
    onLoad({ filter: /eslint-visitor-keys[\\/].*\.js$/ }, () => ({
      contents: 'export const unionWith = (keys) => keys',
    }))
  },
}

// cross-spawn asks for Node's own modules by their old names.
const nodePrefix = {
  name: 'node-prefix',
  setup({ onResolve }) {
    onResolve({ filter: /^(child_process|fs|path)$/ }, ({ path }) => ({
      path: `node:${path}`,
      external: true,
    }))
  },
}

// Of undici its client alone is used; its main file brings fetch, WebSocket and caches along, 400 kB.
const leanUndici = {
  name: 'lean-undici',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^undici$/ }, () => ({
      path: join(root, 'node_modules/undici/lib/dispatcher/client.js'),
    }))
    onLoad({ filter: /undici[\\/]lib[\\/]dispatcher[\\/]client\.js$/ }, ({ path }) => ({
      contents: `${readFileSync(path, 'utf8')}\nmodule.exports.Client = Client\n`,
    }))
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
  plugins: [leanCommander, lazySiblings, jsoncModules, leanToml, leanUndici, nodePrefix],
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
