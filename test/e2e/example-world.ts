// What the tests of examples/api-key start with: the example, started as its README says, and what it writes; and the README
// as its blocks.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { bareEnv } from '../fixtures/hosts/raw-host.ts'
import { createWaiting } from '../fixtures/servers/waiting.ts'

const FOLDER = new URL('../../examples/api-key/', import.meta.url)
const PATIENCE_MS = 40_000
/** As the README has them. */
const API_ORIGIN = 'http://127.0.0.1:8000'
const MCP_ORIGIN = 'http://127.0.0.1:8080'

export interface Example {
  readonly key: string
  readonly url: string
  readonly lines: readonly string[]
  /** Resolves when it has written so many lines. */
  wrote(count: number): Promise<void>
  /** Text of the README, with the ports of this run. */
  here(text: string): string
  /** As by Ctrl-C; resolves with its exit code. */
  stop(): Promise<number | null>
}

export function exampleFile(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8')
}

export async function startExample(t: TestContext): Promise<Example> {
  const [program, ...args] = JSON.parse(exampleFile('package.json')).scripts.start.split(' ')
  assert.equal(program, 'node')
  const env = { ...bareEnv(), API_PORT: '0', MCP_PORT: '0' }
  const child = spawn(process.execPath, args, {
    cwd: fileURLToPath(FOLDER),
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill('SIGKILL'))
  let text = ''
  const lines = () => text.split('\n').slice(0, -1)
  const waiting = createWaiting(lines)
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    waiting.wake()
  })
  const wrote = (count: number) =>
    waiting.until(() => lines().length >= count, `${count} lines of the example`, PATIENCE_MS)
  await wrote(3)
  const found = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? ''
  const api = found(/^the timetable API is at (.*)\/$/m)
  const url = found(/^the MCP server is at (.*)$/m)
  return {
    key: found(/^Authorization: Api-Key (\S+)$/m),
    url,
    get lines() {
      return lines()
    },
    wrote,
    here: (written) => written.replaceAll(API_ORIGIN, api).replaceAll(MCP_ORIGIN, new URL(url).origin),
    async stop() {
      child.kill('SIGTERM')
      // Not `exit`: what it has written last may still be in the pipe then.
      const [code] = await once(child, 'close')
      return code as number | null
    },
  }
}

export interface Block {
  readonly language: string
  readonly text: string
  /** The comment above it. */
  readonly mark: string
}

export function readmeBlocks(): readonly Block[] {
  const fences = exampleFile('README.md').matchAll(/(?:<!-- (.*) -->\n)?^```(\w*)\n([\s\S]*?)\n```$/gm)
  return [...fences].map(([, mark = '', language, text]) => ({ language: language!, text: text!, mark }))
}

export interface Command {
  readonly words: readonly string[]
  readonly output: readonly string[]
}

/** The commands of a session at a shell, each with what it prints. */
export function commandsOf({ text }: Block): readonly Command[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = '', ...output] = part.trimEnd().split('\n')
      const words = command.match(/(?:'[^']*'|[^\s'])+/g) ?? []
      return { words: words.map((word) => word.replaceAll("'", '')), output }
    })
}

/** Fits what is printed: a line … stands for any lines, … in a line for any text, and no two runs take the same time. */
export function patternOf(output: readonly string[]): RegExp {
  const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const lines = output.map((line) =>
    line === '…'
      ? '(?:.*\\n)*'
      : `${escaped(line)
          .replaceAll('…', '.*')
          .replace(/\\\(\d+ ms\\\)/g, '\\(\\d+ ms\\)')}\\n`,
  )
  return new RegExp(`^${lines.join('')}$`)
}
