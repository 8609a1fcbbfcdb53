// The MCP server as an editor sees it: two tools, each one request to the timetable API with the key of who calls it.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { z } from 'zod'
import { Refusal } from './service.ts'
import type { Timetable } from './timetable-client.ts'

const SAILING = z.object({
  id: z.string(),
  from: z.string(),
  to: z.string(),
  departs: z.string(),
  freeSeats: z.number(),
})

export function timetableTools(timetable: Timetable): McpServer {
  const server = new McpServer({ name: 'timetable', version: '1.0.0' })
  server.registerTool(
    'find_sailings',
    {
      description: 'Finds the ferries between two harbours',
      inputSchema: {
        from: z.string().describe('the harbour it leaves, such as Dover'),
        to: z.string().optional().describe('the harbour it goes to'),
      },
      outputSchema: { sailings: z.array(SAILING) },
      annotations: { readOnlyHint: true },
    },
    ({ from, to }, { authInfo }) => {
      const query = new URLSearchParams(to === undefined ? { from } : { from, to })
      return result(timetable.get(`sailings?${query}`, authInfo?.token ?? ''))
    },
  )
  server.registerTool(
    'book_seats',
    {
      description: 'Books seats on one ferry',
      inputSchema: {
        sailing: z.string().describe('the id of the sailing'),
        seats: z.number().int().min(1),
      },
      annotations: { readOnlyHint: false, destructiveHint: false },
    },
    ({ sailing, seats }, { authInfo }) =>
      result(timetable.post('bookings', authInfo?.token ?? '', { sailing, seats })),
  )
  return server
}

/** What the API refuses is told to the model, which may mend it; what else goes wrong is not for it to know. */
async function result(answer: Promise<Record<string, unknown>>): Promise<CallToolResult> {
  try {
    const value = await answer
    return { structuredContent: value, content: [{ type: 'text', text: JSON.stringify(value) }] }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { isError: true, content: [{ type: 'text', text: error.message }] }
  }
}
