// `mcp-ferry doctor --editor` and `--config` for the tests: a home folder of its own, files of editors in it, and what was
// printed, once for people and once with --json.
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Step } from '../../src/shell/doctor/step.ts'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import { runToEnd } from '../fixtures/hosts/run-to-end.ts'

export const ODD_SERVER = fileURLToPath(new URL('../fixtures/programs/odd-server.mjs', import.meta.url))
export const SECRET = 'sk-live-51H8xSECRETabcdef0123456789'

export interface Seen {
  readonly code: number | null
  readonly text: string
  readonly steps: readonly Step[]
  /** The one of this name, about this server if there is one. */
  step(name: string, server?: string): Step
  /** What was found in a server's entry: the codes of the traps. */
  codes(server?: string): readonly unknown[]
}

export interface Home {
  readonly folder: string
  /** Writes a file below the home folder, folders and all; returns its path. */
  file(path: string, content: unknown): string
  /** A program on PATH that is a Node, but says that it is this version. */
  oldNode(version: string): void
  doctor(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Seen>
}

export function home(t: TestContext): Home {
  const folder = mkdtempSync(join(tmpdir(), 'ferry-editor-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const programs = join(folder, 'programs')
  const file = (path: string, content: unknown): string => {
    const whole = join(folder, path)
    mkdirSync(dirname(whole), { recursive: true })
    writeFileSync(whole, typeof content === 'string' ? content : JSON.stringify(content, null, 2))
    return whole
  }
  return {
    folder,
    file,
    oldNode(version) {
      const script = `#!/bin/sh\n[ "$1" = --version ] && echo ${version} && exit\nexec "${process.execPath}" "$@"\n`
      chmodSync(file('programs/node', script), 0o755)
    },
    async doctor(args, env = {}) {
      const own = bareEnv()
      const path = [programs, dirname(process.execPath), own.PATH].join(delimiter)
      const all = { ...own, PATH: path, HOME: folder, USERPROFILE: folder, ...env }
      const [read, parsed] = await Promise.all([
        runToEnd([BIN, 'doctor', ...args], { env: all, cwd: folder }),
        runToEnd([BIN, 'doctor', ...args, '--json'], { env: all, cwd: folder }),
      ])
      assert.equal(read.stderr + parsed.stderr, '')
      assert.equal(parsed.code, read.code, `${read.stdout}\n${parsed.stdout}`)
      assert.ok(!`${read.stdout}${parsed.stdout}`.includes(SECRET), `a secret was written:\n${read.stdout}`)
      return seen(read.code, read.stdout, (JSON.parse(parsed.stdout) as { steps: readonly Step[] }).steps)
    },
  }
}

function seen(code: number | null, text: string, steps: readonly Step[]): Seen {
  const isOf = (step: Step, server: string | undefined) =>
    server === undefined || step.facts?.server === server
  return {
    code,
    text,
    steps,
    step(name, server) {
      const found = steps.find((step) => step.name === name && isOf(step, server))
      assert.ok(found !== undefined, `there is no step ${name} of ${server ?? 'any'}:\n${text}`)
      return found
    },
    codes: (server) =>
      steps
        .filter((step) => step.name === 'entry' && step.facts?.code !== undefined && isOf(step, server))
        .map(({ facts }) => facts?.code),
  }
}
