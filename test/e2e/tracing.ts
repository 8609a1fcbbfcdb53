// What the tests of traces start with: a folder for the file, which is gone afterwards, and the file's lines.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import { type Ran, runToEnd } from '../fixtures/hosts/run-to-end.ts'
import type { McpOptions } from '../fixtures/servers/mcp-server.ts'
import { call, connected, request, resultOf } from './harness.ts'

export interface TraceLine {
  readonly kind: string
  readonly at: string
  readonly ms: number
  readonly run: string
  readonly side?: string
  readonly dir?: string
  readonly exchange?: number
  readonly method?: string
  readonly url?: string
  readonly status?: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly message?: {
    readonly id?: unknown
    readonly method?: string
    readonly params?: unknown
    readonly result?: unknown
    readonly error?: unknown
  }
  readonly text?: string
  readonly cut?: number
  readonly rpc?: { readonly kind: string; readonly id?: string; readonly method?: string }
  readonly by?: string
  readonly bytes?: number
  readonly durationMs?: number
  readonly error?: { readonly kind: string; readonly message: string }
}

/** A path for a file that is not there yet. */
export function traceFile(t: TestContext, name = 'trace.jsonl'): string {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-trace-'))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return join(folder, name)
}

/** Each line is JSON. */
export function linesOf(file: string): TraceLine[] {
  const text = readFileSync(file, 'utf8')
  if (!text.endsWith('\n')) throw new Error('the trace ends in the middle of a line')
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as TraceLine)
}

/** `trace replay` to its end. */
export function replay(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return runToEnd([BIN, 'trace', 'replay', ...args], { env: { ...bareEnv(), ...env } })
}

/** A trace of a handshake, a list, and these calls. */
export async function traced(t: TestContext, options: McpOptions, ...calls: readonly string[]) {
  const file = traceFile(t)
  const { host, server } = await connected(t, options, ['--trace', file])
  host.send(request('list', 'tools/list'))
  resultOf(await host.answer('list'))
  for (const name of calls) {
    host.send(call(name, { exact: 0 }, name).replace('"exact":0', '"exact":9007199254740993'))
    await host.answer(name)
  }
  await host.finish()
  return { file, server }
}
