// What the demo serves: four tools, one resource and one prompt. Harmless, and keeps nothing. Spec: 2025-11-25,
// server/ and basic/utilities/.
import { setTimeout as delay } from 'node:timers/promises'
import { asFields, type Fields } from './raw-json.ts'

export type Answer =
  | { readonly result: Fields }
  | { readonly error: { readonly code: number; readonly message: string } }

/** How loud the host wants the log of its session, as an index of LEVELS; nothing is logged until it says so. */
export interface LogLevel {
  index?: number
}

/** A request at work. */
export interface Call {
  readonly params: Fields
  /** Aborted when the host cancels the request. */
  readonly signal: AbortSignal
  readonly logging: LogLevel
  /** Tells the host something about this request. */
  readonly notify: (method: string, params: Fields) => void
  /** Tells the host something by the way, if it listens. */
  readonly announce: (method: string, params: Fields) => void
}

interface Tool {
  readonly description: string
  readonly inputSchema: Fields
  readonly annotations: Fields
  run(input: Fields, call: Call): Answer | Promise<Answer>
}

const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency']
const STEP_MS = 250
const LONGEST_SECONDS = 60
const METHOD_NOT_FOUND = -32601
const INVALID_PARAMS = -32602
const RESOURCE_NOT_FOUND = -32002
const README = 'demo://readme'
const README_TEXT = `# mcp-ferry demo

This text came from a small MCP server over HTTP, through the bridge, to your editor over stdio.
`

/** Answers one request. Rejects when it was cancelled meanwhile. */
export async function answerMethod(method: string, call: Call): Promise<Answer> {
  const run = METHODS.get(method)
  return run === undefined ? fail(`there is no method ${method}`, METHOD_NOT_FOUND) : run(call)
}

function fail(message: string, code = INVALID_PARAMS): Answer {
  return { error: { code, message } }
}

function say(text: string, more: Fields = {}): Answer {
  return { result: { content: [{ type: 'text', text }], ...more } }
}

const METHODS: ReadonlyMap<string, (call: Call) => Answer | Promise<Answer>> = new Map<
  string,
  (call: Call) => Answer | Promise<Answer>
>([
  ['ping', () => ({ result: {} })],
  ['logging/setLevel', setLevel],
  ['tools/list', listTools],
  ['tools/call', callTool],
  [
    'resources/list',
    () => ({ result: { resources: [{ uri: README, name: 'readme', mimeType: 'text/markdown' }] } }),
  ],
  ['resources/templates/list', () => ({ result: { resourceTemplates: [] } })],
  ['resources/read', readResource],
  ['prompts/list', () => ({ result: { prompts: [GREET] } })],
  ['prompts/get', getPrompt],
])

function listTools(): Answer {
  return { result: { tools: [...TOOLS].map(([name, { run: _run, ...tool }]) => ({ name, ...tool })) } }
}

function setLevel({ logging, params }: Call): Answer {
  const level = LEVELS.indexOf(String(params.level))
  if (level < 0) return fail(`the level is one of ${LEVELS.join(', ')}`)
  logging.index = level
  return { result: {} }
}

function readResource({ params }: Call): Answer {
  if (params.uri !== README) return fail(`there is no resource ${params.uri}`, RESOURCE_NOT_FOUND)
  return { result: { contents: [{ uri: README, mimeType: 'text/markdown', text: README_TEXT }] } }
}

const GREET = {
  name: 'greet',
  description: 'Asks the model to greet somebody.',
  arguments: [{ name: 'name', description: 'Whom to greet', required: true }],
}

function getPrompt({ params }: Call): Answer {
  const { name } = asFields(params.arguments)
  if (params.name !== GREET.name) return fail(`there is no prompt ${params.name}`)
  if (typeof name !== 'string') return fail('the argument name is missing')
  const text = `Greet ${name} in one friendly sentence.`
  return {
    result: { description: GREET.description, messages: [{ role: 'user', content: { type: 'text', text } }] },
  }
}

async function callTool(call: Call): Promise<Answer> {
  const { logging, params } = call
  const tool = TOOLS.get(String(params.name))
  if (tool === undefined) return fail(`there is no tool ${params.name}`)
  if (logging.index !== undefined && logging.index <= LEVELS.indexOf('info')) {
    call.announce('notifications/message', {
      level: 'info',
      logger: 'demo',
      data: `${params.name} was called`,
    })
  }
  return tool.run(asFields(params.arguments), call)
}

// ---- tools

const HARMLESS = { readOnlyHint: true, idempotentHint: true, openWorldHint: false }

const TOOLS: ReadonlyMap<string, Tool> = new Map<string, Tool>([
  [
    'echo',
    {
      description: 'Returns the text it is given.',
      inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
      annotations: { title: 'Echo', ...HARMLESS },
      run: ({ text }) => (typeof text === 'string' ? say(text) : complain('text is a string')),
    },
  ],
  [
    'add',
    {
      description: 'Adds two numbers.',
      inputSchema: {
        type: 'object',
        properties: { a: { type: 'number' }, b: { type: 'number' } },
        required: ['a', 'b'],
      },
      annotations: { title: 'Add', ...HARMLESS },
      run: ({ a, b }) =>
        typeof a === 'number' && typeof b === 'number' ? say(String(a + b)) : complain('a and b are numbers'),
    },
  ],
  [
    'slow',
    {
      description: 'Takes its time, tells how far it is, and can be cancelled.',
      inputSchema: {
        type: 'object',
        properties: {
          seconds: { type: 'number', exclusiveMinimum: 0, maximum: LONGEST_SECONDS, default: 2 },
        },
      },
      annotations: { title: 'Slow', ...HARMLESS },
      run: beSlow,
    },
  ],
  [
    'fail',
    {
      description: 'Always fails, to show what an error of a tool looks like.',
      inputSchema: { type: 'object' },
      annotations: { title: 'Fail', ...HARMLESS },
      run: () => complain('this tool always fails'),
    },
  ],
])

/** What is wrong with its input a tool says in its result, where the model can read it. */
function complain(text: string): Answer {
  return say(text, { isError: true })
}

async function beSlow({ seconds = 2 }: Fields, { params, signal, notify }: Call): Promise<Answer> {
  if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= LONGEST_SECONDS)) {
    return complain(`seconds is a number, more than 0 and at most ${LONGEST_SECONDS}`)
  }
  const { progressToken } = asFields(params._meta)
  const total = Math.ceil((seconds * 1000) / STEP_MS)
  for (let progress = 1; progress <= total; progress++) {
    await delay((seconds * 1000) / total, undefined, { signal })
    if (progressToken === undefined) continue
    notify('notifications/progress', {
      progressToken,
      progress,
      total,
      message: `step ${progress} of ${total}`,
    })
  }
  return say(`done after ${seconds} s`)
}
