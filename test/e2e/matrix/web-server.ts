// A Node server for handlers that speak the web's Request and Response, as both SDKs' transports do. When the
// connection goes, the request's signal tells: with 2026-07-28 that is how a request is cancelled (protocol.md C.4).
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'

export interface WebServer {
  readonly url: string
  close(): Promise<void>
}

export async function serveWeb(handle: (request: Request) => Promise<Response>): Promise<WebServer> {
  const server = createServer(async (request, response) => {
    try {
      await write(await handle(await toWeb(request, response)), response)
    } catch (error) {
      if (!response.headersSent) response.writeHead(500)
      response.end(String(error))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function toWeb(request: IncomingMessage, response: ServerResponse): Promise<Request> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ])
  const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }
  const { method = 'GET', url } = request
  return new Request(`http://127.0.0.1${url}`, { method, headers, signal: gone.signal, ...body })
}

async function write(answer: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  response.flushHeaders()
  if (answer.body === null) return void response.end()
  const body = Readable.fromWeb(answer.body as ReadableStream)
  response.on('close', () => body.destroy())
  body.on('error', () => response.destroy()).pipe(response)
}
