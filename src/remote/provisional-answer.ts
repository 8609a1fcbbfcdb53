// The answer to `initialize` in the remote's stead. Loaded only when the start budget is used up. Pure. protocol.md 0.12.
import type { Envelope } from '../message/envelope.ts'
import { find, readString } from '../message/peek.ts'
import { parse, result } from './start.ts'

/**
 * The answer to `initialize` in the remote's stead. `remembered` is the JSON of the InitializeResult that it gave at an
 * earlier start; `why` completes a sentence about the remote.
 */
export function provisionalAnswer(
  initialize: Envelope,
  {
    host,
    why,
    remembered,
  }: { readonly host: string; readonly why: string; readonly remembered: string | undefined },
): Envelope {
  const { bytes, shape } = initialize
  const protocolVersion =
    (shape.params && readString(bytes, find(bytes, shape.params, 'protocolVersion'))) ?? '2025-11-25'
  const instructions = `This server (${host}) is not connected yet: ${why}. mcp-ferry goes on trying; its tools appear as soon as it is there.`
  const known = remembered === undefined ? undefined : parse(remembered)
  const changes = { listChanged: true }
  const standIn = known ?? {
    capabilities: { tools: changes, prompts: changes, resources: changes },
    serverInfo: { name: host, version: '0' },
  }
  return result(initialize, JSON.stringify({ ...standIn, protocolVersion, instructions }))
}
