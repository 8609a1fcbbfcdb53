// The tool that is to be called, as the server lists it: without its schema nothing could be typed or checked.
import type { Client } from '../client.ts'
import { findNamed, LISTS } from '../listing.ts'
import { fieldsOf } from '../raw-json.ts'
import type { Tool } from './arguments.ts'

/** Follows the pages as far as it has to. Rejects with BridgeError, which is `usage` where the tool is in none. */
export async function findTool(client: Client, name: string): Promise<Tool> {
  const { inputSchema } = fieldsOf(await findNamed(client, LISTS.tools, name))
  return { name, inputSchema }
}
