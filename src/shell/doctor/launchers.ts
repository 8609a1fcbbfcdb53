// How each editor starts a program, as something that can be done again: on Windows there are six ways, and what an
// argument becomes on its way depends on which (arguments.md 1.1). Elsewhere all of them start the program itself. Pure.
import type { Launcher, System } from '../editors/editor.ts'

export interface Launch {
  readonly launcher: Launcher
  readonly system: System
  readonly command: string
  readonly args: readonly string[]
  /** The file that the command leads to, absolute; undefined if there is none. */
  readonly resolved: string | undefined
  /** The system's command interpreter, where it says another than `cmd.exe`. */
  readonly comspec?: string | undefined
}

/** `how` completes "it is started …". */
export type Start =
  | {
      readonly by: 'spawn'
      readonly file: string
      readonly args: readonly string[]
      /** The arguments are the command line as it is to be: nothing is quoted any more. */
      readonly verbatim: boolean
      /** Through `cmd.exe /d /s /c`, with everything joined by blanks. */
      readonly shell: boolean
      readonly how: string
    }
  | {
      readonly by: 'cross-spawn'
      readonly file: string
      readonly args: readonly string[]
      readonly how: string
    }
  /** This editor does not even try. */
  | { readonly by: 'nothing'; readonly why: string }

export function planStart(launch: Launch): Start {
  const { launcher, system, command, args, resolved, comspec = 'cmd.exe' } = launch
  if (system !== 'windows') return plain(command, args)
  if (launcher === 'cross-spawn') return crossed(launch, 'by cross-spawn')
  if (launcher === 'powershell')
    return crossed(launch, 'by cross-spawn, and not by PowerShell as this editor would')
  if (!isBatchFile(resolved)) return plain(resolved ?? command, args)
  const file = resolved
  switch (launcher) {
    case 'claude-desktop':
      return {
        by: 'spawn',
        file: comspec,
        args: ['/C', file, ...args],
        verbatim: false,
        shell: false,
        how: 'by cmd.exe /C',
      }
    case 'vscode':
      return {
        by: 'spawn',
        file: quotedIfBlank(file),
        args: args.map(quotedIfBlank),
        verbatim: false,
        shell: true,
        how: 'by the shell',
      }
    case 'codex':
      if (args.some((arg) => /[\r\n\0]/.test(arg)))
        return { by: 'nothing', why: 'an argument has a line break, which no batch file can be given' }
      return verbatim(comspec, ['/e:ON', '/v:OFF', '/d', '/c'], `"${file}"${args.map(behindBlank).join('')}`)
    case 'go':
      return verbatim(comspec, ['/c'], [file, ...args].map(goQuoted).join(' '))
  }
}

/** Whether Windows needs cmd.exe for it. */
export function isBatchFile(path: string | undefined): path is string {
  return path !== undefined && /\.(?:cmd|bat)$/i.test(path)
}

function plain(file: string, args: readonly string[]): Start {
  return { by: 'spawn', file, args, verbatim: false, shell: false, how: 'directly' }
}

function crossed({ command, args }: Launch, how: string): Start {
  return { by: 'cross-spawn', file: command, args, how }
}

function verbatim(file: string, switches: readonly string[], line: string): Start {
  return {
    by: 'spawn',
    file,
    args: [...switches, `"${line}"`],
    verbatim: true,
    shell: false,
    how: `by cmd.exe ${switches.at(-1)}`,
  }
}

function quotedIfBlank(text: string): string {
  return text.includes(' ') ? `"${text}"` : text
}

function behindBlank(arg: string): string {
  return ` ${batchQuoted(arg)}`
}

/** An argument of a batch file as Rust's standard library writes it. */
function batchQuoted(arg: string): string {
  const isSafe = arg !== '' && !arg.endsWith('\\') && /^[A-Za-z0-9#$*+\-./:?@\\_\u0080-\uffff]*$/.test(arg)
  if (isSafe) return arg
  const inner = arg
    .replace(/(\\*)"/g, '$1$1""')
    // A substring of no length: cmd.exe finds no variable's name between two percent signs.
    .replace(/%/g, '%%cd:~,%')
    .replace(/\\+$/, '$&$&')
  return `"${inner}"`
}

/** An argument as Go's syscall package writes it. */
function goQuoted(arg: string): string {
  if (arg === '') return '""'
  const escaped = arg.replace(/(\\*)"/g, '$1$1\\"')
  return /[ \t]/.test(arg) ? `"${escaped.replace(/\\+$/, '$&$&')}"` : escaped
}
