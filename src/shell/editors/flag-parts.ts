// The flags of a command line that are neither URL nor header → arguments, or the flags' own variables where a text would
// not survive a launcher. Paths are made whole, because an editor starts servers in a folder of its own. arguments.md 3, 6.
import { homedir } from 'node:os'
import { usage } from '../../errors.ts'
import { FURTHER_NAMES } from '../../options/flag-list.ts'
import { findFlag } from '../../options/flags.ts'
import { inFull } from '../../options/further-flags.ts'
import { fillIn, fillInPath, isOneVariable } from '../../options/references.ts'
import { trimEnds, withoutQuotes } from '../../options/variables.ts'
import { type Draft, escaped, type Parts, passOn, passOnNames, secretIn, setVariable } from './draft.ts'
import type { Secret } from './entry.ts'
import { isThere } from './meaning.ts'
import { isPathFlag, wholePath } from './path-flags.ts'
import { isSafeValue } from './safe-text.ts'

const ELSEWHERE = new Set(['--header', '--header-env', '--bearer-env', '--url-env'])

/** Adds each flag once, in the order of the command line. Throws BridgeError `usage`. */
export function addFlags(draft: Draft): void {
  const { items, port } = draft.meaning
  const all = port === undefined ? items : [...items, { flag: '--callback-port', value: port }]
  for (const name of new Set(all.map(({ flag }) => flag))) {
    if (ELSEWHERE.has(name)) continue
    const values = all.filter(({ flag }) => flag === name).map(({ value }) => trimEnds(value))
    addFlag(draft, name, values)
  }
}

function addFlag(draft: Draft, name: string, values: readonly string[]): void {
  const flag = inFull(findFlag(name)!)
  // Of those that count once the last one counts.
  const counted = flag.repeatable ? values : values.slice(-1)
  const [last = ''] = counted.slice(-1)
  if (flag.kind === 'switch') draft.args.push(name)
  else if (name.endsWith('-env')) {
    draft.args.push(name, last)
    passOn(draft, last, `the secret for ${name}`)
  } else if (isPathFlag(name)) addPaths(draft, name, counted)
  else if (flag.kind === 'command') addCommands(draft, name, counted)
  else if (name.startsWith('--static-oauth-')) addJson(draft, name, last)
  else if (name === '--scope') addScopes(draft, counted)
  else if (name === '--proxy') addProxy(draft, name, last)
  else addTexts(draft, name, counted.map(flag.kind === 'duration' || flag.kind === 'size' ? unspaced : same))
}

const unspaced = (text: string): string => text.replace(/\s+/g, '')
const same = (text: string): string => text

function addPaths(draft: Draft, name: string, paths: readonly string[]): void {
  const whole = paths.flatMap((written) => readPath(draft, name, written) ?? [])
  // Its variable has a line for each, and counts where no flag is given: one that cannot be an argument takes the others along.
  if (FURTHER_NAMES.has(name) && !whole.every(isSafeValue)) {
    setVariable(draft, variableOf(name), [whole.map(escaped).join('\n')])
    return
  }
  for (const path of whole) if (isSafeValue(path)) draft.args.push(name, path)
  const unsafe = whole.filter((path) => !isSafeValue(path))
  const [path] = unsafe
  if (path === undefined) return
  if (unsafe.length > 1)
    throw usage(
      'unsafe-value',
      `two paths for ${name} have blanks or special characters in them, and only one can be given otherwise than as an argument; rename one of them`,
    )
  setVariable(draft, variableOf(name), [escaped(path)])
}

/** Undefined for a path that may be missing, and is. */
function readPath(draft: Draft, name: string, written: string): string | undefined {
  const { environment, surroundings } = draft.meaning
  const { text } = fillInPath(written, homedir, { what: `the path from ${name}`, environment })
  if (text === '') return undefined
  const path = wholePath(text, surroundings)
  if (trimEnds(path) === path) return path
  throw usage(
    'unsafe-value',
    `the path for ${name} has a blank at its end, where no variable keeps it; rename the file`,
  )
}

function addCommands(draft: Draft, name: string, commands: readonly string[]): void {
  if (commands.some((text) => /[\r\n]/.test(text)))
    throw usage(
      'unsafe-value',
      `${name} has a line end in it, which no entry can hold; put the line into a script and write the path of the script`,
    )
  for (const text of commands) passOnNames(draft, text, `the value for ${name}`)
  setVariable(draft, variableOf(name), [commands.join('\n')])
}

/** As `--static-oauth-client-info` has it: JSON, or @ and the path of a file; a secret may be in it. */
function addJson(draft: Draft, name: string, text: string): void {
  const variable = variableOf(name)
  const [whole] = isOneVariable(text) ? cut(draft, name, text) : []
  if (typeof whole === 'object') {
    refuseAgain(name, whole)
    setVariable(draft, variable, [whole])
    return
  }
  if (text.startsWith('@')) {
    const path = readPath(draft, name, text.slice(1))
    if (path !== undefined) setVariable(draft, variable, [`@${escaped(path)}`])
    return
  }
  if (name === '--static-oauth-client-info') passOnNames(draft, text, `the value for ${name}`)
  const isSecret = /secret/i.test(text)
  const secret = { variable, what: `the JSON for ${name}`, text, isInEnvironment: false }
  setVariable(draft, variable, isSecret ? [secret] : [text])
}

/** User and password are nothing for a list of processes. */
function addProxy(draft: Draft, name: string, text: string): void {
  if (!text.includes('@') || text.includes('${')) return addTexts(draft, name, [text])
  const variable = variableOf(name)
  setVariable(draft, variable, [{ variable, what: 'the URL of the proxy', text, isInEnvironment: false }])
}

/** Several names of scopes may be in one text. */
function addScopes(draft: Draft, texts: readonly string[]): void {
  const words = texts.flatMap((text) => text.split(/ +/)).filter((word) => word !== '')
  if (words.every(isSafeValue)) for (const word of words) draft.args.push('--scope', word)
  else setVariable(draft, variableOf('--scope'), joined(draft, '--scope', texts, ' '))
}

/** One that cannot be an argument takes the others along: a flag beats its variable. */
function addTexts(draft: Draft, name: string, texts: readonly string[]): void {
  if (texts.every(isSafeValue)) {
    for (const text of texts) draft.args.push(name, text)
    return
  }
  setVariable(draft, variableOf(name), joined(draft, name, texts, '\n'))
}

function joined(draft: Draft, name: string, texts: readonly string[], separator: string): Parts {
  if (texts.some((text) => /[\r\n]/.test(text)))
    throw usage('unsafe-value', `${name} has a line end in it, which it cannot have; write it on one line`)
  const all = texts.map((text) => cut(draft, name, text))
  for (const part of all.flat()) if (typeof part === 'object') refuseAgain(name, part)
  return all.flatMap((parts, index) => (index === 0 ? parts : [separator, ...parts]))
}

/** The text, cut where the bridge fills variables in. */
function cut(draft: Draft, name: string, text: string): (string | Secret)[] {
  const isFilled = FURTHER_NAMES.has(name)
  // The variable of a flag loses one pair of quotes.
  const kept = withoutQuotes(text) === text || findFlag(name)?.repeatable ? text : `"${text}"`
  if (!isFilled) return [kept]
  const { environment } = draft.meaning
  const parts: (string | Secret)[] = []
  let done = 0
  const filled = fillIn(kept, { what: name, environment }, (gap) => {
    if (!isThere(gap.name, draft.meaning)) return gap.value
    parts.push(escaped(gap.before.slice(done)), secretIn(draft, gap.name, `the value for ${name}`))
    done = gap.before.length + gap.value.length
    return gap.value
  })
  parts.push(escaped(filled.text.slice(done)))
  return parts.filter((part) => part !== '')
}

/** What a variable holds is data on the command line, and is looked into in the variable of a flag. */
function refuseAgain(name: string, { variable, text }: Secret): void {
  if (text === undefined || !/\$\{|[\r\n]|^["'@]/.test(text)) return
  throw usage(
    'unsafe-value',
    `what ${variable} holds for ${name} would be read once more, because of a character in it; write it into a file, or without $ and quotes`,
  )
}

function variableOf(name: string): string {
  const { env } = findFlag(name)!
  if (env === undefined) throw new TypeError(`${name} has no variable`)
  return env
}
