// Finds a flag of the table by its name: argv repair asks for it, and whoever reads what a flag says.
import { type Flag, type FlagName, FURTHER, TABLE } from './flag-table.ts'

type Named = Flag & { readonly name: FlagName }

/** One of the others, made when it is looked for: few starts say one, and to make all would be felt at each start (bench: start). */
function findFurther(name: string): Named | undefined {
  if (!name.startsWith('--')) return undefined
  const isThere = ([, names]: [string, string]): boolean => names.split(' ').includes(name.slice(2))
  const kind = Object.entries(FURTHER).find(isThere)?.[0]
  return kind === undefined ? kind : withVariable({ name, kind, demo: name === '--trace' } as Named)
}

function withVariable(flag: Named): Named {
  if (flag.alone) return flag
  return { ...flag, env: `MCP_FERRY_${flag.name.slice(2).toUpperCase().replaceAll('-', '_')}` }
}

/** Whether this flag is for further-options.ts to read. */
export function isFurther(name: string): boolean {
  return findFurther(name) !== undefined
}

/** The same of a variable in capitals: also of one that is called like ours and is none, which is told there. */
export function isFurtherVariable(name: string): boolean {
  if (!name.startsWith('MCP_FERRY_')) return /^(?:ALL|HTTPS?)_PROXY$/.test(name)
  const flag = `--${name.slice(10).toLowerCase().replaceAll('_', '-')}`
  return byName.get(flag)?.env !== name && !OTHER_VARIABLES.includes(name)
}

/** The variable that holds the URL, as the first argument would. */
export const URL_VARIABLE = 'MCP_FERRY_URL'
/** Ours, and no flag's: paths.ts reads two of them, and the last is how bin/ knows that it has handed over to another Node. */
export const OTHER_VARIABLES = [
  URL_VARIABLE,
  'MCP_FERRY_CACHE_DIR',
  'MCP_FERRY_CONFIG_DIR',
  'MCP_FERRY_HANDED_OVER',
]

const byName = new Map<string, Named>()
for (const flag of TABLE.map(withVariable)) {
  byName.set(flag.name, flag)
  if (flag.short !== undefined) byName.set(flag.short, flag)
}

/** The table's entry for `--long` or `-s`, written exactly so. */
export function findFlag(name: string): Named | undefined {
  return byName.get(name) ?? findFurther(name)
}
