// Which arguments --set sets of which tool. Names of tools have dots in them, and those of arguments may: the longest name of a
// tool that the remote has is meant. What cannot be meant is told as soon as the tools are known. users.md 34.
import type { Log } from '../log.ts'
import type { Catalogue } from './catalogue.ts'
import { type InputSchema, readInputSchema, typedValue } from './fixed-values.ts'
import { meant, onceTo } from './telling.ts'

export interface Setting {
  readonly argument: string
  readonly text: string
}

export interface Settings {
  /** Whether there is one for a tool of that name, whatever other names there are. */
  mayConcern(tool: string): boolean
  /** As far as the tools are known; what can be meant otherwise is not among them. */
  of(tool: string): readonly Setting[]
  /** The JSON of the value. */
  value(setting: Setting, tool: string): string
  /** Why the tool cannot have the argument, or that it is surely another one that is meant. */
  mistake(setting: Setting, tool: string): string | undefined
}

/** One of the ways to read `a.b.c`: the tool a.b and its argument c, or the tool a and its argument b.c. */
interface Way extends Setting {
  readonly tool: string
}

export function createSettings(
  given: ReadonlyMap<string, ReadonlyMap<string, string>>,
  catalogue: Catalogue,
  log: Log,
): Settings {
  /** By what stands on the command line; the longest tool first. */
  const all = [...given].flatMap(([tool, set]) =>
    [...set].map(([argument, text]) => waysOf(`${tool}.${argument}`, text)),
  )
  const isThere = (way: Way): boolean => catalogue.tool(way.tool) !== undefined
  const schemas = new WeakMap<Uint8Array, InputSchema>()
  const schemaOf = (tool: string): InputSchema => {
    const text = catalogue.tool(tool)
    const schema = (text && schemas.get(text)) ?? readInputSchema(text)
    if (text !== undefined) schemas.set(text, schema)
    return schema
  }
  const tell = onceTo(log.warn)
  catalogue.onWhole(() => {
    for (const ways of all) for (const sentence of complaints(ways)) tell(sentence)
  })

  function complaints(ways: readonly Way[]): string[] {
    const way = ways.find(isThere)
    if (way === undefined) {
      const { tool, argument } = ways[0]!
      const near = meant(tool, catalogue.names())
      return [`the remote has no tool ${JSON.stringify(tool)}, of which --set sets ${shown(argument)}${near}`]
    }
    const { tool, argument, text } = way
    const schema = schemaOf(tool)
    const known = schema.names.includes(argument)
    if (!known) return [missing(way, tool)]
    const types = schema.typesOf(argument)
    if (typedValue(text, types).fits) return []
    return [
      `--set gives ${shown(argument)} of the tool ${shown(tool)} a value that is no ${types?.join(' or ')}`,
    ]
  }

  function missing({ argument }: Setting, tool: string): string {
    const near = meant(argument, schemaOf(tool).names)
    return `the tool ${shown(tool)} has no argument ${shown(argument)}, which --set sets${near}`
  }

  return {
    mayConcern: (tool) => all.some((ways) => ways.some((way) => way.tool === tool)),
    of(tool) {
      return all.flatMap((ways) => {
        const way = ways.find((one) => one.tool === tool)
        const longest = ways.find(isThere)
        return way === undefined || (longest !== undefined && longest.tool !== tool) ? [] : [way]
      })
    },
    value: ({ argument, text }, tool) => typedValue(text, schemaOf(tool).typesOf(argument)).json,
    mistake(setting, tool) {
      const { names, takesMore } = schemaOf(tool)
      const { argument } = setting
      if (catalogue.tool(tool) === undefined || names.includes(argument)) return undefined
      return takesMore && meant(argument, names) === '' ? undefined : missing(setting, tool)
    },
  }
}

function waysOf(path: string, text: string): Way[] {
  const ways: Way[] = []
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1))
    if (dot + 1 < path.length) ways.push({ tool: path.slice(0, dot), argument: path.slice(dot + 1), text })
  return ways
}

function shown(name: string): string {
  return JSON.stringify(name)
}
