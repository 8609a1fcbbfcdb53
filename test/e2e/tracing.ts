// What the tests of traces start with: a folder for the file, which is gone afterwards, and the file's lines.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

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
