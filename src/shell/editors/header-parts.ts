// The headers of a command line → flags that name variables, and what these variables hold. No header is ever an argument.
// arguments.md 3, 4.2.
import { isBridgeError, usage } from '../../errors.ts'
import { nameHeader } from '../../options/headers.ts'
import type { Header } from '../../options/options.ts'
import { isOneVariable } from '../../options/references.ts'
import { lookUp, trimEnds, withoutQuotes } from '../../options/variables.ts'
import {
  type Draft,
  escaped,
  newVariable,
  type Parts,
  passOn,
  secretIn,
  setVariable,
  textOfParts,
} from './draft.ts'
import type { Secret } from './entry.ts'
import { isThere, namesIn, readBridge, STAND_IN_URL } from './meaning.ts'
import { isSafeArgument } from './safe-text.ts'

/** Letters and digits that no header and no variable has, so that where they end up tells where a variable went. */
const MARK = 'qZ7xVhK'

/** The variable with one header on each line. */
const LINES = 'MCP_FERRY_HEADER'

/** Adds all of --header, --header-env and --bearer-env. Rejects with BridgeError `usage`. */
export async function addHeaders(draft: Draft): Promise<void> {
  const done = new Set<string>()
  const lines: Parts[] = []
  for (const { flag, value } of draft.meaning.items) {
    if (flag === '--header-env') addNamed(draft, value)
    else if (flag === '--bearer-env') {
      addFlag(draft, '--bearer-env', trimEnds(value))
      passOn(draft, trimEnds(value), bearerOf(draft))
    } else if (flag === '--header') {
      const whole = wholeVariable(value, draft)
      if (whole !== undefined) lines.push([wholeHeader(draft, whole)])
      else await addWritten(draft, value, done, lines)
    }
  }
  if (lines.length > 0)
    setVariable(
      draft,
      LINES,
      lines.flatMap((parts, index) => (index === 0 ? parts : ['\n', ...parts])),
    )
}

function bearerOf({ host }: Draft): string {
  return `the bearer token for ${host}`
}

function headerOf(name: string, { host }: Draft): string {
  return `the value of ${nameHeader(name)} for ${host}`
}

/** `Name=VARIABLE`. */
function addNamed(draft: Draft, text: string): void {
  const at = text.search(/[:=]/)
  const name = trimEnds(text.slice(0, at))
  const variable = trimEnds(text.slice(at + 1))
  addFlag(draft, '--header-env', `${name}=${variable}`)
  passOn(draft, variable, headerOf(name, draft))
}

/** A header's name may hold & and |. */
function addFlag(draft: Draft, flag: '--header-env' | '--bearer-env', value: string): void {
  if (isSafeArgument(value)) {
    draft.args.push(flag, value)
    return
  }
  const variable = 'MCP_FERRY_HEADER_ENV'
  const before = draft.env.get(variable)?.parts ?? []
  setVariable(draft, variable, [[...before, value].join(',')])
}

/** The variable that the header wholly is, name and all. */
function wholeVariable(text: string, draft: Draft): string | undefined {
  const bare = withoutQuotes(trimEnds(text))
  const [name] = isOneVariable(bare) ? namesIn(bare) : []
  return name !== undefined && isThere(name, draft.meaning) ? name : undefined
}

function wholeHeader(draft: Draft, variable: string): Secret {
  const secret = secretIn(draft, variable, `a header for ${draft.host}, as Name: value`)
  if (secret.text !== undefined && /\$\{|keychain:|[\r\n]/.test(secret.text))
    throw usage(
      'unsafe-value',
      `the header in ${variable} has something in it that would be read once more; write --header-env Name=${variable} and put the value alone into it`,
    )
  return secret
}

async function addWritten(draft: Draft, text: string, done: Set<string>, lines: Parts[]): Promise<void> {
  const found = await readTemplate(draft, text)
  if (found === undefined) return
  const { header, parts } = found
  const key = header.name.toLowerCase()
  if (done.has(key)) return
  done.add(key)
  const isKept = /^(?:\S+ )?keychain:/.test(header.value)
  for (const form of isKept ? keptForms(header.name, parts) : formsOf(draft, header.name, parts)) {
    if (!(await arrivesAs(draft, form, header.name))) continue
    if (form.flag === undefined) lines.push(form.parts)
    else {
      addFlag(draft, form.flag, form.value)
      draft.names.add(form.variable)
      setVariable(draft, form.variable, form.parts)
    }
    return
  }
  throw usage(
    'unsafe-value',
    `${nameHeader(header.name)} from --header has quotes or variables in it that would be read once more; put its whole value into a variable and write --header-env Name=VARIABLE`,
  )
}

type Form =
  | {
      readonly flag: '--header-env' | '--bearer-env'
      readonly value: string
      readonly variable: string
      readonly parts: Parts
    }
  /** A line of its own in MCP_FERRY_HEADER. */
  | { readonly flag?: undefined; readonly variable: typeof LINES; readonly parts: Parts }

/** `keychain:` counts only in a header that is written out. */
function keptForms(name: string, parts: Parts): Form[] {
  const line = [`${name}: `, ...parts.map((part) => (typeof part === 'string' ? escaped(part) : part))]
  return [line, line.map(cleaned)].map((whole) => ({ variable: LINES, parts: whole }))
}

/** The ways to say it, the plainest first. */
function* formsOf(draft: Draft, name: string, parts: Parts): Generator<Form> {
  const isAuthorization = name.toLowerCase() === 'authorization'
  const [first, second] = parts
  if (isAuthorization && first === 'Bearer ' && parts.length === 2 && typeof second === 'object') {
    const secret = { ...second, what: bearerOf(draft) }
    yield { flag: '--bearer-env', value: second.variable, variable: second.variable, parts: [secret] }
  }
  if (parts.length === 1 && typeof first === 'object')
    yield named(name, first.variable, [{ ...first, what: headerOf(name, draft) }])
  const token = typeof first === 'string' ? /^Bearer ([^\s"']+)$/.exec(first)?.[1] : undefined
  if (isAuthorization && parts.length === 1 && token !== undefined) {
    const variable = peekVariable(draft, 'MCP_TOKEN')
    const secret = { variable, what: bearerOf(draft), text: token, isInEnvironment: false }
    yield { flag: '--bearer-env', value: variable, variable, parts: [secret] }
  }
  const variable = peekVariable(draft, `MCP_${name}`)
  if (parts.length === 1 && typeof first === 'string')
    yield named(name, variable, [
      { variable, what: headerOf(name, draft), text: first, isInEnvironment: false },
    ])
  else {
    yield named(name, variable, parts)
    // A secret of which the bridge would have left something out, had it stood alone.
    yield named(name, variable, parts.map(cleaned))
  }
}

function cleaned(part: string | Secret): string | Secret {
  if (typeof part === 'string' || part.text === undefined) return part
  return { ...part, text: trimEnds(withoutQuotes(part.text)), isInEnvironment: false }
}

function named(name: string, variable: string, parts: Parts): Form {
  return { flag: '--header-env', value: `${name}=${variable}`, variable, parts }
}

function peekVariable(draft: Draft, wanted: string): string {
  return newVariable({ ...draft, names: new Set(draft.names) }, wanted)
}

/** Whether the bridge makes the same header of it. */
async function arrivesAs({ meaning }: Draft, form: Form, name: string): Promise<boolean> {
  const { variable, parts } = form
  const argv = [STAND_IN_URL, ...(form.flag === undefined ? [] : [`${form.flag}=${form.value}`])]
  const env = { [variable]: textOfParts(parts, meaning) }
  const wanted = meaning.options.headers.find((header) => header.name.toLowerCase() === name.toLowerCase())
  try {
    const { options } = await readBridge(argv, meaning.surroundings, env)
    return options.headers[0]?.value === wanted?.value
  } catch (thrown) {
    if (isBridgeError(thrown)) return false
    throw thrown
  }
}

/** The header as the bridge reads it, cut where variables were filled in; undefined if it is one that may be missing, and is. */
async function readTemplate(
  draft: Draft,
  text: string,
): Promise<{ header: Header; parts: Parts } | undefined> {
  const { meaning } = draft
  const names = [...new Set(namesIn(text))].filter((name) => lookUp(name, meaning.environment) !== undefined)
  const marks = Object.fromEntries(names.map((name, index) => [name, `${MARK}${index}Y`]))
  const { options } = await readBridge([STAND_IN_URL, `--header=${text}`], meaning.surroundings, marks)
  const [header] = options.headers
  if (header === undefined) return undefined
  const pieces = header.value.split(new RegExp(`${MARK}(\\d+)Y`))
  const parts = pieces.map((piece, index) =>
    index % 2 === 0 ? piece : secretIn(draft, names[Number(piece)]!, headerOf(header.name, draft)),
  )
  return { header, parts: parts.filter((part) => part !== '') }
}
