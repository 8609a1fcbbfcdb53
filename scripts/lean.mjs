// What the packages that we bundle have and we do not use is left out, and what is written in a way that esbuild cannot
// shorten is written anew: plugins for build.mjs. Each says so where a package is no longer what it was.
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { brotliCompressSync } from 'node:zlib'

const root = fileURLToPath(new URL('..', import.meta.url))

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
        'export class Help {}\nexport const stripColor = (text) => text\nexport const suggestSimilar = () => ""',
    }))
    onLoad({ filter: /commander[\\/]lib[\\/](command|error|option|argument)\.js$/ }, ({ path }) => ({
      contents: asModule(lessOf(basename(path), readFileSync(path, 'utf8'))),
    }))
    onResolve({ filter: /^commander$/ }, () => ({
      path: join(root, 'node_modules/commander/lib/command.js'),
    }))
    onResolve({ filter: /^node:child_process$/ }, ({ importer, path }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path, namespace: 'unused' } : undefined,
    )
    onLoad({ filter: /^node:/, namespace: 'unused' }, () => ({ contents: '' }))
  },
}

function lessOf(file, source) {
  if (file === 'command.js')
    return IDLE_METHODS.reduce(
      (text, name) => withoutMethod(text, name, `\n  ${name}() {}\n`),
      UNUSED_METHODS.reduce((text, name) => withoutMethod(text, name), source),
    )
  const methods = UNUSED_IN_PARTS.filter((name) => source.includes(`\n  ${name}(`))
  const lean = methods.reduce((text, name) => withoutMethod(text, name), source)
  return file === 'option.js' ? withoutDoubts(lean) : lean
}

/** Of ES modules esbuild makes one piece, 1 kB less and with nothing between the parts. */
function asModule(source) {
  const module = source
    .replace(/^const (\{[^}]*\}) = require\('(\.[^']*)'\);$/gm, "import $1 from '$2'")
    .replace(/^exports\.(\w+) = \1;/gm, 'export { $1 };')
  if (/require\('\.|^(module\.)?exports\b/m.test(module))
    throw new Error('commander names its parts otherwise now: look at scripts/lean.mjs')
  return module
}

/** Pairs such as --color and --no-color, and the check that whoever writes the option has written it rightly. */
function withoutDoubts(source) {
  const lean = source
    .replace(/\nclass DualOptions \{[\s\S]*?\n\}\n/, '\nclass DualOptions {}\n')
    .replace(/\n {2}if \(flagParts\[0\]\.startsWith\('-'\)\) \{[\s\S]*?\n {2}\}\n/, '\n')
    .replace(/\n {2}if \(shortFlag === undefined && longFlag === undefined\)[\s\S]*?\);\n/, '\n')
  if (source.length - lean.length < 2000)
    throw new Error('commander has other options now: look at scripts/lean.mjs')
  return lean
}

function withoutMethod(source, name, instead = '\n') {
  const method = new RegExp(`\\n  (?:async )?${name}\\([^\\n]*\\) \\{\\n[\\s\\S]*?\\n  \\}\\n`)
  if (!method.test(source)) throw new Error(`commander has no ${name} any more: look at scripts/lean.mjs`)
  return source.replace(method, instead)
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
  setup({ onLoad, onResolve }) {
    // Not as a file of theirs: nothing of it is in the package, so neither need be its terms.
    onResolve({ filter: /^eslint-visitor-keys$/ }, () => ({ path: 'parts', namespace: 'unused' }))
    onLoad({ filter: /^parts$/, namespace: 'unused' }, () => ({
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

// Of undici its client alone is used, for HTTP/1.1; its main file brings fetch, WebSocket and caches along, 400 kB. Bodies
// as fetch has them, 50 kB, and HTTP/2, 10 kB, are loaded by the client but not used. Of its two parsers, 72 kB each,
// the one that runs on every processor is as fast for what we read; base64 of what is compressed is a third of it.
const UNUSED_OF_UNDICI =
  /undici[\\/]lib[\\/](web[\\/]fetch[\\/]body|dispatcher[\\/]client-h2|llhttp[\\/]llhttp_simd-wasm)\.js$/
const leanUndici = {
  name: 'lean-undici',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^undici$/ }, () => ({
      path: join(root, 'node_modules/undici/lib/dispatcher/client.js'),
    }))
    onLoad({ filter: /undici[\\/]lib[\\/]dispatcher[\\/]client\.js$/ }, ({ path }) => ({
      contents: `${readFileSync(path, 'utf8')}\nmodule.exports.Client = Client\n`,
    }))
    onLoad({ filter: UNUSED_OF_UNDICI }, () => ({ contents: '' }))
    // Made of lists of methods, statuses and characters, 10 kB, of which its client uses two.
    onLoad({ filter: /undici[\\/]lib[\\/]llhttp[\\/]constants\.js$/ }, async ({ path }) => {
      const { ERROR, TYPE } = await import(pathToFileURL(path).href)
      return { contents: `module.exports = ${JSON.stringify({ ERROR, TYPE })}` }
    })
    onLoad({ filter: /undici[\\/]lib[\\/]llhttp[\\/]llhttp-wasm\.js$/ }, async ({ path }) => {
      const { default: program } = await import(pathToFileURL(path).href)
      const text = brotliCompressSync(program).toString('base64')
      return {
        contents: `module.exports = require('node:zlib').brotliDecompressSync(Buffer.from('${text}', 'base64'))`,
      }
    })
    onLoad({ filter: /undici[\\/]lib[\\/]dispatcher[\\/]client-h1\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8')
      const portable = source.replace('  let useWasmSIMD = true\n', '  let useWasmSIMD = false\n')
      const constants = new Set([...source.matchAll(/[^/]\bconstants\.(\w+)/g)].map(([, name]) => name))
      if ([...constants].some((name) => name !== 'ERROR' && name !== 'TYPE'))
        throw new Error('undici uses other constants now: look at scripts/lean.mjs')
      if (portable === source)
        throw new Error('undici chooses its parser otherwise now: look at scripts/lean.mjs')
      return { contents: portable }
    })
  },
}

export const LEAN_PACKAGES = [leanCommander, jsoncModules, leanToml, leanUndici, nodePrefix]
