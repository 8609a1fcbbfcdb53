// The only file that reads process.argv and process.env, wires signals and exits. It picks a door:
// the bridge, the demo, or a text to print.
import { openSync, readFileSync, writeSync } from 'node:fs'
import { homedir } from 'node:os'
import { runBridge } from './bridge.ts'
import { BridgeError, EXIT, sentence, toBridgeError } from './errors.ts'
import { createLog, type Log } from './log.ts'
import { type Envelope, read } from './message/envelope.ts'
import { createLines } from './message/lines.ts'
import { refusal } from './message/message.ts'
import { decode } from './message/utf8.ts'
import type { Options } from './options/options.ts'
import { type Door, parseCommandLine } from './options/program.ts'

declare const __VERSION__: string
/** How long a host that was started with bad arguments may take to ask, so that it can be told. */
const FIRST_REQUEST_MS = 3000
const LONGEST_FIRST_REQUEST = 1024 * 1024

async function main(): Promise<number> {
  const stop = watchSignals()
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
  let door: Door
  try {
    door = parseCommandLine({
      argv: process.argv.slice(2),
      env: process.env,
      platform: process.platform,
      version: __VERSION__,
      home: homedir(),
      readFile: (path) => readFileSync(path),
    })
  } catch (thrown) {
    return refuseToStart(toBridgeError(thrown))
  }
  switch (door.kind) {
    case 'print':
      await print(door.text)
      return EXIT.ok
    case 'bridge':
      return bridge(door.options, stop)
  }
}

async function bridge(options: Options, signal: AbortSignal): Promise<number> {
  let log: Log
  try {
    log = openLog(options)
  } catch (thrown) {
    return refuseToStart(toBridgeError(thrown))
  }
  for (const warning of options.warnings) log[warning.level ?? 'warn'](warning.text)
  return runBridge({
    options,
    input: process.stdin,
    output: process.stdout,
    log,
    version: __VERSION__,
    signal,
  })
}

/** The first signal ends the bridge in order, the second at once (protocol.md 0.10). */
function watchSignals(): AbortSignal {
  const controller = new AbortController()
  const signals: NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGHUP']
  for (const signal of process.platform === 'win32' ? [...signals, 'SIGBREAK' as const] : signals) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(EXIT.ok)
      controller.abort()
    })
  }
  return controller.signal
}

/** Throws BridgeError `usage` if the log file cannot be written. */
function openLog({ log: { level, file, json }, headers, url, secrets }: Options): Log {
  const query = [...url.searchParams.values()]
  const hidden = [...headers.map(({ value }) => value), ...query, ...secrets]
  let write = (line: string): unknown => process.stderr.write(`${line}\n`)
  if (file !== undefined) {
    try {
      const descriptor = openSync(file, 'a', 0o600)
      write = (line) => writeSync(descriptor, `${line}\n`)
    } catch (thrown) {
      const code = (thrown as { code?: string }).code ?? 'unknown error'
      throw new BridgeError(
        'usage',
        `the log file ${file} cannot be written (${code}); give --log-file another path`,
        {
          code: 'log-file',
        },
      )
    }
  }
  return createLog({ level, json, secrets: hidden, write })
}

/**
 * One sentence on stderr and the same as the answer to the host's first request, so that it shows where the user
 * looks. A person at a terminal is not waited for.
 */
async function refuseToStart(error: BridgeError): Promise<number> {
  process.stderr.write(`${sentence(error)}\n`)
  if (process.stdin.isTTY !== true) {
    const request = await firstRequest()
    if (request !== undefined) await print(`${decode(refusal(request.id!, error).bytes)}\n`)
  }
  return error.kind === 'usage' ? EXIT.usage : EXIT.internal
}

function firstRequest(): Promise<Envelope | undefined> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(undefined), FIRST_REQUEST_MS)
    const lines = createLines(LONGEST_FIRST_REQUEST, {
      line(bytes) {
        const reading = read(bytes)
        if (reading.kind === 'message' && reading.envelope.kind === 'request') resolve(reading.envelope)
      },
      tooLong: () => resolve(undefined),
    })
    process.stdin.on('data', (chunk: Buffer) => lines.push(chunk))
    const end = (): void => {
      lines.end()
      resolve(undefined)
    }
    process.stdin.on('end', end)
    process.stdin.on('error', end)
  })
}

function print(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve())
  })
}

main().then(
  (code) => process.exit(code),
  (thrown: unknown) => {
    process.stderr.write(`${sentence(toBridgeError(thrown))}\n`)
    process.exit(EXIT.internal)
  },
)
