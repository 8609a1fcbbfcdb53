// `mcp-ferry demo`: shows the bridge at work without a remote. An editor that starts it gets a bridge to the demo
// server; a person at a terminal sees a short session, line by line.

import type { Readable, Writable } from 'node:stream'
import { styleText } from 'node:util'
import { BridgeError, EXIT } from '../../errors.ts'
import { within } from '../../remote/time.ts'
import { createHost, OVER } from '../client.ts'
import { isColoured } from '../colour.ts'
import { startDemoServer } from '../demo-server.ts'
import { resultOf } from '../outcome.ts'
import { asFields, type Fields, fieldsOf } from '../raw-json.ts'

export interface DemoContext {
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly output: Writable & { readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Runs the bridge as `mcp-ferry <url>` would, on these streams; resolves to its exit code. */
  readonly bridge: (url: URL, input: Readable, output: Writable) => Promise<number>
  /** Resolves when the person, or who started us, wants an end. With a host the bridge sees to that. */
  readonly stopped: Promise<void>
}

const ANSWER_TIMEOUT_MS = 10_000

const INTRODUCTION = `mcp-ferry demo: what an editor (host) sends over stdio, and what an MCP server (remote)
answers over HTTP, with the bridge in between.
`

const CLOSING = `
The bridge works. This puts it into your editor's config, with the URL of your server:

  npx -y mcp-ferry config cursor my-server https://example.com/mcp --write

(npx -y mcp-ferry config --help lists the editors.) Or write it there yourself:

{
  "mcpServers": {
    "my-server": {
      "command": "npx",
      "args": ["-y", "mcp-ferry", "https://example.com/mcp"]
    }
  }
}

With "demo" in place of the URL, your editor gets the tools above.
`

/** Runs the command to its end and returns its exit code. */
export async function runDemo(context: DemoContext): Promise<number> {
  const server = await startDemoServer()
  try {
    const stopped = context.stopped.then(() => EXIT.ok)
    const isHost = context.input.isTTY !== true && speaks(context.input)
    const hasHost = await Promise.race([isHost, stopped])
    if (hasHost === true) return await context.bridge(server.url, context.input, context.output)
    // Who has pressed Ctrl-C wants no explanation.
    return hasHost === false ? await Promise.race([playSession(context, server.url), stopped]) : hasHost
  } finally {
    await server.close()
  }
}

/** Whether anything comes on the input before it ends: no host is there where nothing does, as in a script. */
function speaks(input: Readable): Promise<boolean> {
  return new Promise((resolve) => {
    input.once('readable', () => resolve(input.readableLength > 0))
    input.once('end', () => resolve(false))
    input.once('error', () => resolve(false))
  })
}

interface Host {
  /** Sends a request and returns the result of its answer. */
  ask(method: string, params: Fields): Promise<Fields>
  tell(method: string): void
  /** Ends its side and waits until the bridge has ended; returns the exit code. */
  end(): Promise<number>
}

async function playSession(context: DemoContext, url: URL): Promise<number> {
  const print = createPrinter(context)
  const host = startHost(context, url, (params) => {
    print.note(`${Math.round((100 * Number(params.progress)) / Number(params.total))} %, ${params.message}`)
  })
  print.text(INTRODUCTION)
  try {
    await play(host, print)
  } catch (error) {
    // What went wrong is told, not how the bridge took it.
    await host.end().catch(() => {})
    throw error
  }
  const code = await host.end()
  if (code === 0) print.text(CLOSING)
  return code
}

async function play(host: Host, print: Printer): Promise<void> {
  print.sent('initialize')
  const clientInfo = { name: 'mcp-ferry demo', version: '1.0.0' }
  const opened = await host.ask('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo })
  const { name, version } = asFields(opened.serverInfo)
  print.received(`${name} ${version}, MCP ${opened.protocolVersion}`)

  print.sent('notifications/initialized')
  host.tell('notifications/initialized')

  print.sent('tools/list')
  const { tools } = await host.ask('tools/list', {})
  const names = Array.isArray(tools) ? tools.map((tool) => asFields(tool).name) : []
  print.received(`${names.length} tools: ${names.join(', ')}`)

  await callTool(host, print, { name: 'echo', arguments: { text: 'Hello, remote!' } })
  await callTool(host, print, { name: 'add', arguments: { a: 19, b: 23 } })
  await callTool(host, print, { name: 'slow', arguments: { seconds: 1 }, _meta: { progressToken: 'slow' } })
  await callTool(host, print, { name: 'fail', arguments: {} })
}

async function callTool(host: Host, print: Printer, params: Fields): Promise<void> {
  print.sent('tools/call', `${params.name} ${JSON.stringify(params.arguments)}`)
  const { content, isError } = await host.ask('tools/call', params)
  const texts = Array.isArray(content) ? content.map((block) => asFields(block).text) : []
  if (isError === true) print.failed(texts.join(' '))
  else print.received(texts.join(' '))
}

function startHost(context: DemoContext, url: URL, onProgress: (params: Fields) => void): Host {
  let exit = Promise.resolve<number>(EXIT.ok)
  const host = createHost({
    run(input, output) {
      exit = context.bridge(url, input, output())
      // Why it did not run is told to who asks.
      return exit.catch(() => EXIT.internal)
    },
    onNotification({ method, bytes, shape: { params } }) {
      if (method === 'notifications/progress' && params) onProgress(fieldsOf({ bytes, span: params }))
    },
  })
  return {
    async ask(method, params) {
      const reply = await within(host.ask(method, JSON.stringify(params)).reply, ANSWER_TIMEOUT_MS)
      if (reply === undefined)
        throw new BridgeError('timeout', `${method} was not answered within ${ANSWER_TIMEOUT_MS / 1000} s`)
      if (reply === OVER) {
        await exit
        throw new BridgeError('internal', 'the bridge ended before the demo did')
      }
      return asFields(JSON.parse(resultOf(method, reply)))
    },
    tell: host.tell,
    async end() {
      await host.close()
      return exit
    },
  }
}

interface Printer {
  text(text: string): void
  sent(what: string, details?: string): void
  note(text: string): void
  received(text: string): void
  failed(text: string): void
}

function createPrinter({ output, env }: DemoContext): Printer {
  type Format = Parameters<typeof styleText>[0]
  const hasColours = isColoured(output, env)
  const paint = (format: Format, text: string): string =>
    hasColours ? styleText(format, text, { validateStream: false }) : text
  const line = (text: string): void => void output.write(`${text}\n`)
  return {
    text: line,
    sent: (what, details = '') =>
      line(`${paint('cyan', 'host   →')} ${paint('bold', what)} ${details}`.trimEnd()),
    note: (text) => line(`${paint('green', 'remote …')} ${paint('dim', text)}`),
    received: (text) => line(`${paint('green', 'remote ←')} ${text}`),
    failed: (text) => line(`${paint('green', 'remote ←')} ${paint('red', `error: ${text}`)}`),
  }
}
