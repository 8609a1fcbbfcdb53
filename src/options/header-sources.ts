// All headers of a start: from the four flags and from their MCP_FERRY_ variables, put together. A header from a flag
// beats the one of the same name from a variable; two different ones at the same level are an error.
import { type BridgeError, usage } from '../errors.ts'
import { nameFile, whyUnreadable } from './file-name.ts'
import type { FlagName } from './flag-table.ts'
import { findFlag } from './flags.ts'
import { readHeaderFile } from './header-file.ts'
import type { Header, HeaderText } from './headers.ts'
import { isHeaderName, nameHeader, parseHeader } from './headers.ts'
import type { Sourced } from './quantities.ts'
import { fillInPath } from './references.ts'
import type { Environment } from './variables.ts'
import { isVariableName, lookUp, trimEnds, withoutQuotes } from './variables.ts'
import type { Warning } from './warning.ts'

/** What the command line gave: each flag's texts in their order; a switch's text is empty. */
export type Given = ReadonlyMap<FlagName, readonly string[]>

export interface HeaderRequest {
  readonly given: Given
  readonly environment: Environment
  readonly readFile: (path: string) => Uint8Array
  readonly home: () => string
}

export interface HeaderSet {
  readonly headers: readonly Header[]
  readonly warnings: readonly Warning[]
}

/** Gives a flag's texts at one level, each with its name for the sentences. */
type Level = (name: FlagName) => Sourced[]

/** Reads every header. Throws the codes of arguments.md 4.4 and the `header-file-…` ones. */
export function readHeaders(request: HeaderRequest): HeaderSet {
  const { given, environment } = request
  const flags: Level = (name) => {
    const texts = given.get(name) ?? []
    return texts.map((text, index) => ({ text, from: texts.length > 1 ? `${name} no. ${index + 1}` : name }))
  }
  const variables: Level = (name) => {
    const from = findFlag(name)?.env
    const written = trimEnds((from && lookUp(from, environment)) ?? '')
    // Quotes around headers are the headers' own.
    const text = name === '--header' ? written : withoutQuotes(written)
    return from === undefined || text === '' ? [] : split(name, { text, from })
  }
  const first = readLevel(flags, request, new Set())
  const taken = new Set(first.headers.map((header) => header.name.toLowerCase()))
  const second = readLevel(variables, request, taken)
  const rest = second.headers.filter((header) => !taken.has(header.name.toLowerCase()))
  return { headers: [...first.headers, ...rest], warnings: [...first.warnings, ...second.warnings] }
}

/** A variable holds one header per line, or entries apart by commas and blanks; a path is one whole text. */
function split(name: FlagName, { text, from }: Sourced): Sourced[] {
  if (name === '--header-file') return [{ text, from }]
  const parts = name === '--header' ? text.split(/\r?\n/) : text.split(/[\s,]+/)
  return parts
    .map((part, index) => ({ text: part, from: parts.length > 1 ? `${from}, entry ${index + 1}` : from }))
    .filter((part) => trimEnds(part.text) !== '')
}

/** What is `taken` is not read at all: a variable that nobody filled in is no error if nobody needs it. */
function readLevel(texts: Level, request: HeaderRequest, taken: ReadonlySet<string>): HeaderSet {
  const warnings: Warning[] = []
  const sources: HeaderText[] = [
    ...texts('--header'),
    ...texts('--header-env').map((given) => fromHeaderEnv(given, request.environment)),
    ...texts('--bearer-env').map(fromBearerEnv),
  ]
  for (const path of texts('--header-file')) {
    const file = openHeaderFile(path, request)
    sources.push(...file.lines)
    warnings.push(...file.warnings)
  }
  const found = new Map<string, { header: Header; from: string }>()
  for (const source of sources) {
    if (taken.has(trimEnds(source.text.split(/[:=]/, 1)[0] ?? '').toLowerCase())) continue
    warnings.push(...(source.warnings ?? []))
    const parsed = parseHeader(source, request.environment)
    warnings.push(...parsed.warnings)
    if (parsed.header === undefined) continue
    const { header } = parsed
    const key = header.name.toLowerCase()
    const other = found.get(key)
    if (other === undefined) found.set(key, { header, from: source.from })
    else if (other.header.value === header.value) {
      const text = `${nameHeader(header.name)} comes twice with the same value, from ${other.from} and from ${source.from}; one is enough`
      warnings.push({ code: 'duplicate-identical', text })
    } else
      throw usage(
        'header-duplicate',
        `${nameHeader(header.name)} comes with two different values, from ${other.from} and from ${source.from}; remove one`,
      )
  }
  return { headers: [...found.values()].map(({ header }) => header), warnings }
}

/**
 * `Name=VAR` means exactly what `Name: ${VAR}` means. A colon is taken as well if the variable is there: otherwise it is
 * a whole header, and what would be shown as a name is its value.
 */
function fromHeaderEnv({ text, from }: Sourced, environment: Environment): HeaderText {
  const entry = trimEnds(text)
  const at = entry.search(/[:=]/)
  const isColon = entry[at] === ':' && lookUp(trimEnds(entry.slice(at + 1)), environment) !== undefined
  if (at < 0 || (entry[at] === ':' && !isColon))
    throw usage('header-no-separator', `${from} has no = in it; write Name=VARIABLE`)
  const name = trimEnds(entry.slice(0, at))
  const variable = trimEnds(entry.slice(at + 1))
  if (!isHeaderName(name))
    throw usage('header-invalid-name', `${from} has no header name before the =; write Name=VARIABLE`)
  if (variable === '')
    throw usage('header-empty-value', `${from} names no variable after the =; write Name=VARIABLE`)
  if (!isVariableName(variable)) throw noVariable(from, 'Name=VARIABLE')
  const colon = `${from} has : after the header's name; write Name=VARIABLE`
  const warnings = isColon ? [{ code: 'colon-separator', text: colon }] : []
  return { text: `${name}: $\{${variable}}`, from, warnings }
}

function fromBearerEnv({ text, from }: Sourced): HeaderText {
  const variable = trimEnds(text)
  if (!isVariableName(variable)) throw noVariable(from, 'only its name')
  return { text: `Authorization: Bearer $\{${variable}}`, from }
}

function openHeaderFile(
  given: Sourced,
  request: HeaderRequest,
): { lines: HeaderText[]; warnings: readonly Warning[] } {
  const { environment, home, readFile } = request
  const path = fillInPath(given.text, home, { what: `the path from ${given.from}`, environment })
  if (path.text === '' && path.optional) return { lines: [], warnings: path.warnings }
  const name = nameFile('the header file', given.text)
  let bytes: Uint8Array
  try {
    bytes = readFile(path.text)
  } catch (thrown) {
    throw usage('header-file-unreadable', `${name} from ${given.from} ${whyUnreadable(thrown)}`)
  }
  const lines = readHeaderFile(bytes, given.text)
  const empty: Warning = {
    code: 'header-file-empty',
    text: `${name} has no header in it; write one "Name: value" per line`,
  }
  return { lines, warnings: lines.length === 0 ? [...path.warnings, empty] : path.warnings }
}

/** Never shows the text: it may be the secret itself. */
function noVariable(from: string, write: string): BridgeError {
  return usage(
    'env-syntax',
    `${from} takes the name of an environment variable, letters, digits and _ only; write ${write}, and put the secret into that variable`,
  )
}
