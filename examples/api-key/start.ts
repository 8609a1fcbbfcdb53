// Starts both servers, each on a port of its own, and stops them in order: `npm start`.
// TIMETABLE_KEY is the key that is taken; API_PORT and MCP_PORT are where to listen, 0 for any port that is free.
import { randomBytes } from 'node:crypto'
import { startMcpServer } from './mcp-server.ts'
import { log } from './service.ts'
import { startTimetable } from './timetable-api.ts'
import { timetableAt } from './timetable-client.ts'

const { API_PORT = '8000', MCP_PORT = '8080', TIMETABLE_KEY } = process.env
const key = TIMETABLE_KEY ?? randomBytes(24).toString('base64url')

const api = await startTimetable({ port: Number(API_PORT), keys: new Map([[key, 'demo']]) })
const mcp = await startMcpServer({ port: Number(MCP_PORT), timetable: timetableAt(api.url) })

// A key that was given is known to who gave it, and stays out of the terminal.
if (TIMETABLE_KEY === undefined) log(`Authorization: Api-Key ${key}`)
log(`the timetable API is at ${api.url}`)
log(`the MCP server is at ${mcp.url}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, async () => {
    await mcp.close()
    await api.close()
    log('stopped')
  })
