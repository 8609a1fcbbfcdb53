// The tool that is to be called, as the server lists it: without its schema nothing could be typed or checked.
import { usage } from '../../errors.ts'
import { find, readString } from '../../message/peek.ts'
import { elementsOf } from '../../message/rewrite.ts'
import { encode, textAt } from '../../message/utf8.ts'
import { nearest } from '../../options/nearest.ts'
import type { Client } from '../client.ts'
import { resultOf } from '../outcome.ts'
import type { Tool } from './arguments.ts'
import { shownLine } from './terminal-text.ts'

/** A list without an end is not followed for ever. */
const MOST_PAGES = 1000
const MOST_NAMES = 12

/** Follows the pages as far as it has to. Rejects with BridgeError `usage` where the tool is in none. */
export async function findTool(client: Client, name: string, url: URL): Promise<Tool> {
  const names: string[] = []
  const seen = new Set<string>()
  let cursor: string | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const params = cursor === undefined ? '{}' : `{"cursor":${cursor}}`
    const json = resultOf('tools/list', await client.ask('tools/list', params).reply)
    const bytes = encode(json)
    const whole = { start: bytes.indexOf(0x7b), end: bytes.length }
    for (const span of elementsOf(bytes, find(bytes, whole, 'tools'))) {
      const listed = readString(bytes, find(bytes, span, 'name')) ?? ''
      if (listed !== name) names.push(listed)
      else {
        const schema = find(bytes, span, 'inputSchema')
        return { name, inputSchema: schema && JSON.parse(textAt(bytes, schema)) }
      }
    }
    const next = find(bytes, whole, 'nextCursor')
    cursor = next && readString(bytes, next) !== undefined ? textAt(bytes, next) : undefined
    if (cursor === undefined || seen.has(cursor)) break
    seen.add(cursor)
  }
  throw usage('tool-unknown', `${url.host} has no tool ${shownLine(name)}; ${hint(name, names)}`)
}

function hint(name: string, names: readonly string[]): string {
  const near = nearest(name, names, 3).map(shownLine)
  if (near.length > 0) return `did you mean ${near.join(' or ')}?`
  if (names.length === 0) return 'it lists none'
  const more = names.length > MOST_NAMES ? ', …' : ''
  return `it has ${names.slice(0, MOST_NAMES).map(shownLine).join(', ')}${more}`
}
