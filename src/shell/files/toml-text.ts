// Keys and values as TOML. Pure.
import type { Path } from './toml-tree.ts'

export function writtenKey(path: Path): string {
  return path.map((part) => (/^[A-Za-z0-9_-]+$/.test(part) ? part : basic(part))).join('.')
}

/** Tables are inline: what an entry holds is one table then. */
export function writtenValue(value: unknown): string {
  if (typeof value === 'string') return writtenString(value)
  if (typeof value === 'boolean' || typeof value === 'number') return String(value)
  if (Array.isArray(value)) return `[${value.map(writtenValue).join(', ')}]`
  if (typeof value !== 'object' || value === null)
    throw new TypeError(`TOML has no ${value === null ? 'null' : typeof value}`)
  const pairs = Object.entries(value).filter(([, inner]) => inner !== undefined)
  if (pairs.length === 0) return '{}'
  return `{ ${pairs.map(([key, inner]) => `${writtenKey([key])} = ${writtenValue(inner)}`).join(', ')} }`
}

/** A path of Windows is legible only where a backslash is one. */
function writtenString(text: string): string {
  return text.includes('\\') && !/['\x00-\x1f\x7f]/.test(text) ? `'${text}'` : basic(text)
}

function basic(text: string): string {
  return JSON.stringify(text).replaceAll('\x7f', '\\u007f')
}
