// A command line that cannot be used, told where the user looks: one sentence on stderr and the same as the answer to the
// host's first request. Loaded only then. architecture.md 6.
import type { Readable, Writable } from 'node:stream'
import { type BridgeError, EXIT, sentence, usage } from './errors.ts'
import type { Envelope } from './message/envelope.ts'
import { createLines } from './message/lines.ts'
import { readText } from './message/long.ts'
import { refusal } from './message/message.ts'
import { decode } from './message/utf8.ts'

/** How long a host that was started with bad arguments may take to ask, so that it can be told. */
const FIRST_REQUEST_MS = 3000
const LONGEST_FIRST_REQUEST = 1024 * 1024

interface Program {
  /** With Node and the script in front. */
  readonly argv: readonly string[]
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable
  readonly stderr: { readonly isTTY?: boolean }
  readonly platform: string
}

/** Returns the exit code. A person at a terminal is not waited for. */
export async function refuseToStart(
  thrown: BridgeError,
  { stdin, stdout, stderr, argv, platform }: Program,
  tell: (line: string) => void,
): Promise<number> {
  const isTyped = stdin.isTTY === true || stderr.isTTY === true
  const known = await explained(thrown, isTyped ? platform : undefined)
  const error = argv.length > 2 || known.facts.code !== 'url-missing' ? known : withMore(known)
  tell(sentence(error).replace(/\p{C}+/gu, ' '))
  if (stdin.isTTY !== true) {
    const request = await firstRequest(stdin)
    if (request !== undefined) await print(stdout, `${decode(refusal(request.id!, error).bytes)}\n`)
  }
  return error.kind === 'usage' ? EXIT.usage : EXIT.internal
}

/** Who gives no argument at all may not know what there is. */
function withMore({ message, facts }: BridgeError): BridgeError {
  const more = 'mcp-ferry demo shows it at work, and mcp-ferry --help tells all the rest'
  return usage(facts.code ?? '', `${message}; ${more}`)
}

/** With words for what is unexpected on the command line. */
async function explained(error: BridgeError, shell: string | undefined): Promise<BridgeError> {
  if (error.kind !== 'usage') return error
  return import('./options/unexpected.ts').then(
    ({ explain }) => explain(error, shell),
    () => error,
  )
}

function firstRequest(input: Readable): Promise<Envelope | undefined> {
  return new Promise((resolve) => {
    // Where the machine stalls, the time is over before what lies ready has been read: so that comes first.
    setTimeout(() => setImmediate(resolve, undefined), FIRST_REQUEST_MS)
    const lines = createLines(LONGEST_FIRST_REQUEST, {
      line(text) {
        const reading = readText(text)
        if (reading.kind === 'message' && reading.envelope.kind === 'request') resolve(reading.envelope)
      },
      tooLong: () => resolve(undefined),
    })
    input.on('data', (chunk: Buffer) => lines.push(chunk))
    const end = (): void => {
      lines.end()
      resolve(undefined)
    }
    input.on('end', end)
    input.on('error', end)
  })
}

function print(output: Writable, text: string): Promise<void> {
  return new Promise((resolve) => {
    output.on('error', () => {})
    output.write(text, () => resolve())
  })
}
