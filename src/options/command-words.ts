// A command in one text → its words, by the rules that people know from a shell, but without one: quotes and backslashes
// are read, `${VAR}` and `~` are filled in, and what only a shell could do is refused by name. Pure.
// On Windows a backslash is a part of a path. Nothing that is filled in is looked into again (arguments.md 4.2).
import { type BridgeError, usage } from '../errors.ts'
import { fillIn } from './references.ts'
import { type Environment, trimEnds } from './variables.ts'

export interface CommandText {
  readonly text: string
  /** Where it came from, for the sentences: `--bearer-command`. */
  readonly from: string
}

interface World {
  readonly environment: Environment
  readonly home: () => string
}

/** Splits. Throws `command-shell`, `bad-value` and the `env-…` errors of arguments.md 4.4. */
export function readWords(given: CommandText, world: World): string[] {
  const text = trimEnds(given.text)
  const words = split({ ...given, text }, world)
  const [first = ''] = words
  // The launcher has put quotes around the whole of it; a path with blanks may be in quotes for a good reason.
  const isWrapped =
    words.length === 1 && /^["']/.test(text) && /\s/.test(first) && !/^[\\/.~]|^\w:/.test(first)
  const all = isWrapped ? split({ ...given, text: first }, world) : words
  if ((all[0] ?? '') === '')
    throw usage('bad-value', `${given.from} names no program; write the program and its arguments`)
  if (/^[A-Za-z_]\w*=/.test(all[0]!))
    throw shell(given, 'an assignment before the program', 'put the variable into the "env" block')
  return all
}

function split(given: CommandText, world: World): string[] {
  const { text } = given
  const words: string[] = []
  /** Undefined between two words: an empty pair of quotes is a word. */
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    const next = text[at + 1] ?? ''
    if (quote === '' && /\s/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
      continue
    }
    const filled = quote === "'" ? undefined : reference(given, at, world)
    if (filled !== undefined) {
      word = (word ?? '') + filled.text
      at = filled.end
    } else if (char === quote) quote = ''
    else if (quote === '' && (char === '"' || char === "'")) {
      quote = char
      word ??= ''
    } else if (char === '\\' && escapes(quote, next, world.environment)) {
      word = (word ?? '') + next
      at++
    } else {
      refuseShell({ given, at, quote }, world.environment)
      const isHome = char === '~' && quote === '' && word === undefined && /[\\/\s]|^$/.test(next)
      word = (word ?? '') + (isHome ? world.home() : char)
    }
  }
  if (quote !== '')
    throw usage(
      'bad-value',
      `${given.from} has a quote, ${quote}, that nothing closes; close it, or write \\${quote} for the character itself`,
    )
  if (word !== undefined) words.push(word)
  return words
}

/** Whether a backslash makes the next character an ordinary one. */
function escapes(quote: string, next: string, { windows }: Environment): boolean {
  if (quote === "'" || next === '') return false
  if (windows) return next === '"'
  return quote === '' || /["\\$`]/.test(next)
}

/** `${VAR}` at this place, filled in. */
function reference(
  given: CommandText,
  at: number,
  { environment }: World,
): { text: string; end: number } | undefined {
  if (!given.text.startsWith('${', at)) return undefined
  const close = given.text.indexOf('}', at)
  const end = close < 0 ? given.text.length - 1 : close
  const place = { what: `the command from ${given.from}`, environment }
  return { text: fillIn(given.text.slice(at, end + 1), place, ({ value }) => value).text, end }
}

interface Spot {
  readonly given: CommandText
  readonly at: number
  readonly quote: string
}

/** What would silently mean something else without a shell. */
function refuseShell({ given, at, quote }: Spot, { windows }: Environment): void {
  const { text } = given
  if (quote === "'") return
  const rest = text.slice(at)
  if (/^\$\(|^`/.test(rest)) throw shell(given, `${rest[0] === '`' ? 'a `' : '$('} in it`)
  if (/^\$[A-Za-z_]/.test(rest)) throw shell(given, 'a $ in it', `write $\{NAME} for a variable`)
  if (windows && /^%\w+%/.test(rest)) throw shell(given, 'a %NAME% in it', `write $\{NAME} for a variable`)
  const sign = quote === '' ? /^(?:&&|\|\||>>|<<|[|&;<>()])/.exec(rest)?.[0] : undefined
  if (sign !== undefined) throw shell(given, `${sign} in it`, 'put it in quotes if it belongs to an argument')
}

function shell({ from }: CommandText, what: string, or?: string): BridgeError {
  const instead = or === undefined ? '' : `, or ${or}`
  return usage(
    'command-shell',
    `${from} has ${what}, and no shell reads it; put the line into a script and write the path of the script${instead}`,
  )
}
