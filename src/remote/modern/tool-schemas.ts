// What the schemas of the remote's tools say about headers: which parameters are to be repeated in which header, learned
// from each list that passes; and which tools say it wrongly, and are left out of the list, as a client must.
// protocol.md C.2, C.6; 26/SH Schema Extension.
import type { Log } from '../../log.ts'
import type { Envelope } from '../../message/envelope.ts'
import { find, readString } from '../../message/peek.ts'
import { applied, elementsOf, withoutElements } from '../../message/rewrite.ts'
import { textAt } from '../../message/utf8.ts'

export interface ParamHeader {
  /** From `arguments` inwards. */
  readonly path: readonly string[]
  /** What follows `Mcp-Param-`. */
  readonly header: string
}

export interface ToolSchemas {
  /** Learns from an answer to `tools/list`; returns it without the tools that are invalid. */
  learn(request: Envelope, response: Envelope): Envelope
  of(tool: string): readonly ParamHeader[]
}

const MOST_TOOLS = 10_000
const ANNOTATION = 'x-mcp-header'
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

export function createToolSchemas(log: Log): ToolSchemas {
  const tools = new Map<string, readonly ParamHeader[]>()
  const warned = new Set<string>()

  function know(name: string, params: readonly ParamHeader[]): void {
    if (tools.size < MOST_TOOLS || tools.has(name)) tools.set(name, params)
  }

  function warn(name: string, why: string): void {
    const text = `the tool "${name}" is left out: ${why}`
    if (!warned.has(text)) log.warn(text)
    if (warned.size < MOST_TOOLS) warned.add(text)
  }

  return {
    of: (tool) => tools.get(tool) ?? [],
    learn(request, response) {
      const { bytes, shape } = response
      const list = shape.result && find(bytes, shape.result, 'tools')
      // A failure says nothing of the tools.
      if (list === undefined) return response
      const invalid = new Set<number>()
      const named = new Set<string>()
      const isAnnotated = mayAnnotate(bytes)
      elementsOf(bytes, list).forEach((span, at) => {
        const { name, inputSchema } = isAnnotated
          ? readTool(textAt(bytes, span))
          : { name: readString(bytes, find(bytes, span, 'name')) }
        if (name === undefined) return
        named.add(name)
        const reading = readSchema(inputSchema)
        if (typeof reading === 'string') {
          invalid.add(at)
          warn(name, reading)
        } else know(name, reading)
      })
      if (isFirstPage(request)) for (const name of tools.keys()) if (!named.has(name)) tools.delete(name)
      if (invalid.size === 0) return response
      return applied(
        response,
        withoutElements(bytes, list, (_, at) => invalid.has(at)),
      )
    },
  }
}

function isFirstPage({ bytes, shape }: Envelope): boolean {
  return shape.params === undefined || find(bytes, shape.params, 'cursor') === undefined
}

const WORDS = [ANNOTATION, '\\u'].map((word) => Buffer.from(word))

/** Whether the annotation may stand in there, as it is or with escapes: without it no schema need be read. */
function mayAnnotate(bytes: Uint8Array): boolean {
  // Not `includes`, which finds nothing in what has been joined: that is no Buffer.
  return WORDS.some((word) => Buffer.prototype.indexOf.call(bytes, word) >= 0)
}

function readTool(text: string): { readonly name?: string; readonly inputSchema?: unknown } {
  const tool: unknown = JSON.parse(text)
  if (!isObject(tool) || typeof tool.name !== 'string') return {}
  return { name: tool.name, inputSchema: tool.inputSchema }
}

/** Keywords whose members are schemas under names, not keywords. */
const NAMED_SCHEMAS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']
/** Keywords that hold data. */
const DATA: ReadonlySet<string> = new Set(['default', 'const', 'enum', 'examples', 'required'])

interface Place {
  readonly schema: unknown
  /** By `properties` alone from the root; undefined where something else lies between. */
  readonly path: readonly string[] | undefined
}

/** The parameters that have a header, or why the schema is invalid. A loop: depth is the remote's choice. */
function readSchema(root: unknown): ParamHeader[] | string {
  const found: ParamHeader[] = []
  const taken = new Set<string>()
  const places: Place[] = [{ schema: root, path: [] }]
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    const { schema, path } = place
    if (Array.isArray(schema)) for (const each of schema) places.push({ schema: each, path: undefined })
    if (!isObject(schema)) continue
    if (Object.hasOwn(schema, ANNOTATION)) {
      const why = judge(schema, path, taken)
      if (why !== undefined) return why
      found.push({ path: path!, header: schema[ANNOTATION] as string })
    }
    // One by one: there is a limit to how many arguments a function takes, and how many there are is the remote's choice.
    for (const inner of within(schema, path)) places.push(inner)
  }
  return found.reverse()
}

function judge(
  schema: Readonly<Record<string, unknown>>,
  path: readonly string[] | undefined,
  taken: Set<string>,
): string | undefined {
  const header = schema[ANNOTATION]
  if (typeof header !== 'string' || !TOKEN.test(header)) return `its ${ANNOTATION} is no name of a header`
  if (path === undefined || path.length === 0)
    return `its ${ANNOTATION} "${header}" stands where no single parameter is`
  if (!['string', 'integer', 'boolean'].includes(schema.type as string))
    return `its ${ANNOTATION} "${header}" is on a parameter that is no string, integer or boolean`
  const lower = header.toLowerCase()
  if (taken.has(lower)) return `its ${ANNOTATION} "${header}" is on two parameters`
  taken.add(lower)
  return undefined
}

function within(schema: Readonly<Record<string, unknown>>, path: readonly string[] | undefined): Place[] {
  return Object.entries(schema).flatMap(([keyword, value]): Place[] => {
    if (DATA.has(keyword) || typeof value !== 'object' || value === null) return []
    if (!NAMED_SCHEMAS.includes(keyword) || !isObject(value)) return [{ schema: value, path: undefined }]
    return Object.entries(value).map(([name, each]) => ({
      schema: each,
      path: keyword === 'properties' && path !== undefined ? [...path, name] : undefined,
    }))
  })
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
