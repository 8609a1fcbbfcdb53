// The traps in the arguments of an entry: what launchers and cmd.exe make of a character, and what should not stand there
// at all. Pure. arguments.md 1.1 and 2, users.md 1 rows 1, 2, 14, 25.
import { withoutTokens } from '../../auth/headers/token-shapes.ts'
import { hasPlaceholder } from '../../options/suspicions.ts'
import { looksLikeSecret } from '../../options/variables.ts'
import { quoted } from '../shown-command.ts'
import { baseName, FETCHERS } from './entry-fields.ts'
import type { Examined, Trap } from './traps.ts'

/** What cmd.exe takes as one line. */
const LONGEST_LINE = 8191

export function argumentTraps(examined: Examined): Trap[] {
  return [
    ...lineTraps(examined),
    ...launchTraps(examined),
    ...examined.filled.args.flatMap((arg, index) => eachArgument(arg, index, examined)),
    ...contentTraps(examined),
  ]
}

/**
 * No name of an option of npx has a blank, nor has that of a package: an editor hands on each argument as it is, and npx,
 * which then finds no package, starts a shell, that reads what the editor writes. Values and paths may have one.
 */
function lineTraps({ entry: { command, args }, run }: Examined): Trap[] {
  const name = baseName(command)
  if (!FETCHERS.test(name)) return []
  const end = run.at < 0 ? args.length : run.at
  const at = args.findIndex((arg, index) =>
    index === end ? /^[@\w][^\s:]*\s+\S/.test(arg) : index < end && /^-[^\s=]*\s+\S/.test(arg),
  )
  if (at < 0) return []
  return [
    {
      code: 'line-in-argument',
      state: 'fail',
      sees: `argument ${at + 1} has several words in it, and ${name} takes all of them for one`,
      advice: 'write each as a text of its own in "args"',
    },
  ]
}

/** Claude Desktop starts a batch file with two quotes on the line, and with more of them it does not start at all. */
function launchTraps({ filled, ground, isReadByCmd, run }: Examined): Trap[] {
  if (!isReadByCmd) return []
  const { args } = filled
  const traps: Trap[] = []
  const isQuoted = / /.test(ground.resolved ?? '')
  const blank = args.findIndex((arg) => /[ \t"]/.test(arg) || arg === '')
  if (ground.editor.launcher === 'claude-desktop' && !run.isBehindCmd && isQuoted && blank >= 0)
    traps.push({
      code: 'blank-in-argument',
      state: 'fail',
      sees: `argument ${blank + 1} has a blank or a quote in it, and so ${ground.editor.title} on Windows never starts the program: cmd.exe answers that 'C:\\Program' is not recognized`,
      advice: withoutBlanks(run.program),
    })
  if (args.join(' ').length > LONGEST_LINE - 200)
    traps.push({
      code: 'long-line',
      state: 'fail',
      sees: `the arguments are longer than the ${LONGEST_LINE} characters that cmd.exe takes`,
      advice: 'put long values into "env" or a file',
    })
  return traps
}

function withoutBlanks(program: Examined['run']['program']): string {
  if (program === 'mcp-ferry')
    return 'put the value into "env" and name the variable: --bearer-env NAME, --header-env Header=NAME, --url-env NAME'
  if (program === 'mcp-remote')
    return `put the value into "env" and write the header without a blank, as Authorization:$\{NAME}`
  return 'put the value into "env", or name the program itself, an .exe with its whole path'
}

function eachArgument(arg: string, index: number, examined: Examined): Trap[] {
  const { ground, isReadByCmd, run, entry } = examined
  const where = `argument ${index + 1}`
  const traps: Trap[] = []
  if (isReadByCmd) {
    if (/[\r\n]/.test(arg)) traps.push(lineBreak(where))
    const live = liveCharacter(arg, examined)
    if (live !== undefined) traps.push(shellCharacter(where, live, run.program))
    const changed = percentVariable(arg, ground.passed)
    const isSafe = !run.isBehindCmd && ['cross-spawn', 'codex', 'powershell'].includes(ground.editor.launcher)
    if (changed !== undefined && !isSafe)
      traps.push({
        code: 'percent-variable',
        state: 'fail',
        sees: `${where} has %${changed}% in it, in whose place cmd.exe puts a variable`,
        advice: 'put the value into "env"',
      })
    if (arg === '' && !run.isBehindCmd && ['vscode', 'go'].includes(ground.editor.launcher))
      traps.push({
        code: 'empty-argument',
        state: 'warn',
        sees: `${where} is empty, and gets lost on its way through cmd.exe`,
        advice: 'leave it out',
      })
  }
  // Older ones put the arguments together and took them apart at each blank; the bridge mends that, mcp-remote does not.
  const isHeader = /^-?-?h(?:eader)?$/i.test(entry.args[index - 1] ?? '')
  if (ground.editor.name === 'cursor' && run.program === 'mcp-remote' && isHeader && / /.test(arg))
    traps.push({
      code: 'split-header',
      state: 'warn',
      sees: `${where} is a header with a blank in it, which older versions of Cursor take apart there`,
      advice: withoutBlanks('mcp-remote'),
    })
  return traps
}

function lineBreak(where: string): Trap {
  return {
    code: 'line-break',
    state: 'fail',
    sees: `${where} has a line break in it, and cmd.exe drops all that follows`,
    advice: 'put the value into "env"',
  }
}

function shellCharacter(where: string, character: string, program: Examined['run']['program']): Trap {
  const effect =
    character === '&' || character === '|'
      ? 'ends the command there: what follows gets lost, and is run as a command of its own'
      : character === '^'
        ? 'takes it out'
        : 'reads from a file, or writes to one, instead'
  return {
    code: 'shell-character',
    state: 'fail',
    sees: `${where} has a ${character} in it, and cmd.exe ${effect}`,
    advice:
      program === 'mcp-ferry'
        ? 'for a URL: put it into "env" and write --url-env NAME'
        : 'put the value into "env"',
  }
}

/** The first character that cmd.exe acts on, as this editor writes the line. */
function liveCharacter(arg: string, { ground, run }: Examined): string | undefined {
  const character = /[&|<>^]/.exec(arg)?.[0]
  if (character === undefined) return undefined
  const isQuoted = /[ \t"]/.test(arg)
  switch (run.isBehindCmd ? 'claude-desktop' : ground.editor.launcher) {
    case 'cross-spawn':
    case 'codex':
    case 'powershell':
      return undefined
    case 'vscode':
      return arg.includes(' ') ? undefined : character
    default:
      return isQuoted ? undefined : character
  }
}

function percentVariable(arg: string, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const names = new Set(Object.keys(env).map((name) => name.toUpperCase()))
  for (const [, name] of arg.matchAll(/%([^%]+)(?=%)/g)) if (names.has(name!.toUpperCase())) return name
  return undefined
}

function contentTraps({ entry, run, ground }: Examined): Trap[] {
  const traps: Trap[] = []
  entry.args.forEach((arg, index) => {
    const where = `argument ${index + 1}`
    if (isPlaceholder(arg)) traps.push(placeholderTrap(where))
    else if (index !== run.at && holdsSecret(arg, entry.args[index - 1], entry.env))
      traps.push({
        code: 'secret-in-argument',
        state: 'warn',
        sees: `${where} seems to hold a secret, and everybody on this machine can read the arguments of a program`,
        advice:
          run.program === 'other'
            ? 'put it into "env", if the program takes it from there'
            : `put it into "env" and name the variable${
                run.program === 'mcp-ferry' ? ': --bearer-env NAME or --header-env Header=NAME' : ''
              }${run.program === 'mcp-remote' ? `; mcp-ferry config --from ${quoted(ground.file)} does so` : ''}`,
      })
  })
  for (const [name, value] of Object.entries(entry.env))
    if (isPlaceholder(value)) traps.push(placeholderTrap(`the variable ${name} in env`))
  return traps
}

function placeholderTrap(where: string): Trap {
  return {
    code: 'placeholder',
    state: 'fail',
    sees: `${where} still has a placeholder in it`,
    advice: 'put the real value in its place',
  }
}

function isPlaceholder(text: string): boolean {
  return (
    hasPlaceholder(text) ||
    /(?:^|[\s=:])(?:your|my)[-_ ](?:\w+[-_ ])*(?:key|token|secret|password)(?:[-_ ]here)?$/i.test(text) ||
    /(?:^|[\s=:])(?:replace[-_ ]?me|change[-_ ]?me|xxx+|\.\.\.|…)$/i.test(text)
  )
}

const CREDENTIAL =
  /^["']?(?:[\w-]*authorization|cookie|[\w-]*api-?key|[\w-]*token|[\w-]*secret)\s*[:=]\s*(.*)$/is
const SECRET_FLAG = /^-{1,2}(?:[\w-]*(?:token|secret|password|api-?key))$/i

/** Whether a secret itself stands there, and not where it is to be had from. */
function holdsSecret(arg: string, before: string | undefined, env: Examined['entry']['env']): boolean {
  const flag = /^(--?[\w-]+)=(.*)$/s.exec(arg)
  const text = flag?.[2] ?? arg
  const name = flag?.[1] ?? before ?? ''
  const value = CREDENTIAL.exec(text)?.[1]
  const isName = value !== undefined && (Object.hasOwn(env, value) || /^[A-Z_][A-Z0-9_]*$/.test(value))
  if (name === '--header-env' && isName) return false
  if (value !== undefined && isLiteral(value)) return true
  if (SECRET_FLAG.test(name) && isLiteral(text) && !text.startsWith('-')) return true
  if (/^https?:\/\//i.test(text)) return urlHoldsSecret(text)
  return !text.startsWith('-') && isLiteral(text) && !/[\\/]/.test(text) && withoutTokens(text) !== text
}

function isLiteral(value: string): boolean {
  const bare = value.replace(/^(?:bearer|basic|token|api-key)\s*/i, '').trim()
  return bare !== '' && !/\$\{|\$[A-Z_]|%\w+%|\{env:|^(?:keychain|op):/i.test(bare)
}

function urlHoldsSecret(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { username, password, searchParams } = new URL(text)
  if (isLiteral(password) || (username !== '' && isLiteral(username))) return true
  return [...searchParams].some(
    ([name, value]) => /token|secret|password|api[-_]?key|^key$/i.test(name) && isLiteral(value),
  )
}

/** What must not be shown of the arguments, wherever it turns up. */
export function secretsIn(args: readonly string[]): string[] {
  let isInHeader = false
  return args.flatMap((arg, index) => {
    const isFlag = arg.startsWith('-')
    if (namesVariable(arg, args[index - 1])) return []
    // A header may be in pieces.
    isInHeader = isFlag ? /^-?-h(?:eader)?$/i.test(arg) : isInHeader && !/^https?:/i.test(arg)
    const isSecret = !isFlag && (isInHeader || SECRET_FLAG.test(args[index - 1] ?? ''))
    return isSecret ? [arg, ...partsOf(arg)] : partsOf(arg)
  })
}

/** What advises to set a variable must be able to name it. */
function namesVariable(arg: string, before: string | undefined): boolean {
  const text = before === '--header-env' ? `--header-env=${arg}` : arg
  const name = /^--header-env=[\w-]+=([A-Za-z_]\w*)$/.exec(text)?.[1]
  return name !== undefined && !looksLikeSecret(name)
}

function partsOf(arg: string): string[] {
  const text = /^--?[\w-]+=(.*)$/s.exec(arg)?.[1] ?? arg
  if (/^https?:/i.test(text) && URL.canParse(text)) {
    const { username, password, searchParams } = new URL(text)
    return [username, password, ...searchParams.values()].filter((part) => part !== '')
  }
  const header = CREDENTIAL.exec(text)?.[1] ?? /^["']?[\w-]+:\s*(?![\\/])(.+)$/s.exec(text)?.[1]
  if (header !== undefined) return [header]
  return withoutTokens(text) === text || /[\\/]/.test(text) ? [] : [text]
}
