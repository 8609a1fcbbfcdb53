// How editors on Windows start the `command` and `args` of an entry, each as arguments.md 1.1 has found it. Runs in
// the Node that plays the editor, inside Windows; what these functions do to an argument is what is tested.
'use strict'

const { spawn } = require('node:child_process')
const { statSync } = require('node:fs')
const path = require('node:path')

const SYSTEM_SHELL = 'C:\\WINDOWS\\System32\\cmd.exe'

/** The file that a command's name stands for, as editors look for it that resolve it themselves. */
function found(command, env) {
  if (path.win32.isAbsolute(command)) return command
  const names = path.extname(command) === '' ? [`${command}.exe`, `${command}.cmd`] : [command]
  for (const folder of env.PATH.split(';').filter(Boolean)) {
    for (const name of names) {
      const file = path.win32.join(folder, name)
      if (statSync(file, { throwIfNoEntry: false })?.isFile()) return file
    }
  }
  throw new Error(`${command} is not in ${env.PATH}`)
}

const isBatch = (file) => /\.(?:cmd|bat)$/i.test(file)

/** Claude Desktop: what is no program of its own goes to the system's shell, quoted as Node quotes for programs. */
function claudeDesktop(command, args, settings) {
  const file = found(command, settings.env)
  return isBatch(file) ? spawn(SYSTEM_SHELL, ['/C', file, ...args], settings) : spawn(file, args, settings)
}

/** Old Cursor: all in one line for the shell, nothing quoted. */
const joined = (command, args, settings) => spawn([command, ...args].join(' '), { ...settings, shell: true })

/** Hosts that use the SDK: Cursor, Claude Code, Gemini CLI. */
const crossSpawn = (command, args, settings) => require(settings.crossSpawn)(command, args, settings)

/** VS Code: for a command file quotes round what has a space in it, and the shell. */
function vscode(command, args, settings) {
  const file = found(command, settings.env)
  if (!isBatch(file)) return spawn(file, args, settings)
  const quoted = (text) => (text.includes(' ') ? `"${text}"` : text)
  return spawn([file, ...args].map(quoted).join(' '), { ...settings, shell: true })
}

/** Codex: how Rust's standard library starts a command file. */
function codex(command, args, settings) {
  const file = found(command, settings.env)
  if (!isBatch(file)) return spawn(file, args, settings)
  const line = [`"${file}"`, ...args.map(rustQuoted)].join(' ')
  const all = ['/e:ON', '/v:OFF', '/d', '/c', `"${line}"`]
  return spawn(SYSTEM_SHELL, all, { ...settings, windowsVerbatimArguments: true })
}

function rustQuoted(text) {
  if (/^[\w#$*+\-./:?@\\\u0080-\uffff]+$/.test(text) && !text.endsWith('\\')) return text
  const escaped = text
    .replace(/(\\*)"/g, '$1$1""')
    .replace(/(\\+)$/, '$1$1')
    .replace(/%/g, '%%cd:~,%')
  return `"${escaped}"`
}

/** Windsurf: how Go starts a command file. */
function windsurf(command, args, settings) {
  const file = found(command, settings.env)
  if (!isBatch(file)) return spawn(file, args, settings)
  const line = [file, ...args].map(goQuoted).join(' ')
  return spawn(SYSTEM_SHELL, ['/c', `"${line}"`], { ...settings, windowsVerbatimArguments: true })
}

function goQuoted(text) {
  const escaped = text.replace(/(\\*)"/g, '$1$1\\"')
  if (text !== '' && !/[ \t]/.test(text)) return escaped
  return `"${escaped.replace(/(\\+)$/, '$1$1')}"`
}

/** No shell at all: what an entry names is started. */
const plain = (command, args, settings) => spawn(command, args, settings)

module.exports = {
  'claude-desktop': claudeDesktop,
  joined,
  'cross-spawn': crossSpawn,
  vscode,
  codex,
  windsurf,
  plain,
}
