// What the two servers of this example have in common: listening on this machine alone, the API key of a request, bodies
// with a limit, answers in JSON, a line of log for each request, and an end that lets what is being answered be answered.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

const BODY_LIMIT_BYTES = 1024 * 1024

export interface Service {
  readonly url: string
  close(): Promise<void>
}

export interface ServiceOptions {
  /** For the log. */
  readonly name: string
  readonly port: number
  answer(exchange: Exchange): Promise<void>
}

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  /** Where the service listens, such as 127.0.0.1:8080. */
  readonly host: string
  /** Says more of this request in its line of log. */
  note(what: string): void
}

/** What a request is refused with. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export async function startService({ name, port, answer }: ServiceOptions): Promise<Service> {
  let host = ''
  let stopping = false
  const server = createServer((request, response) => {
    const notes: string[] = []
    response.on('close', () => {
      log([name, request.method, request.url, ...notes, response.statusCode].join(' '))
      // A connection that is kept alive would keep the server as well.
      if (stopping) setImmediate(() => server.closeIdleConnections())
    })
    const url = new URL(request.url ?? '/', `http://${host}`)
    const exchange = { request, response, url, host, note: (what: string) => void notes.push(what) }
    answer(exchange).catch((error: unknown) => refuse(response, error))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  host = `127.0.0.1:${typeof address === 'object' ? address?.port : port}`
  return {
    url: `http://${host}/`,
    close() {
      stopping = true
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** The key of `Authorization: Api-Key <key>`. */
export function keyOf({ headers }: IncomingMessage): string {
  const [, key] = /^Api-Key +(\S+)$/i.exec(headers.authorization ?? '') ?? []
  if (key === undefined)
    throw new Refusal(401, 'No API key was sent; it goes into the header Authorization, as: Api-Key YOUR-KEY')
  return key
}

export async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > BODY_LIMIT_BYTES) throw new Refusal(413, `A body has at most ${BODY_LIMIT_BYTES} bytes`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
  } catch {
    throw new Refusal(400, 'The body is no JSON')
  }
}

export function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(value))
}

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy()
  const isRefusal = error instanceof Refusal
  const status = isRefusal ? error.status : 500
  // HTTP wants to hear with each 401 how one makes oneself known.
  if (status === 401) response.setHeader('WWW-Authenticate', 'Api-Key realm="timetable"')
  if (status === 413) response.setHeader('Connection', 'close')
  if (!isRefusal) log(`error: ${error instanceof Error ? error.message : String(error)}`)
  send(response, status, { error: isRefusal ? error.message : 'Something is wrong in this server' })
}

export function log(line: string): void {
  process.stdout.write(`${line}\n`)
}
