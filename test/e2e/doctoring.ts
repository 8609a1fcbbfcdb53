// Runs `mcp-ferry doctor`, once for people and once with --json, and sees to it that both say the same, and that nothing that
// was given as a secret is in either. users.md 2.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Step } from '../../src/shell/doctor/step.ts'
import { BIN, bareEnv } from '../fixtures/hosts/raw-host.ts'
import { type Ran, runToEnd } from '../fixtures/hosts/run-to-end.ts'
import { type Person, person } from './signing-in.ts'

export interface Examined {
  readonly code: number | null
  /** What people read. */
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
  readonly steps: readonly Step[]
  step(name: string): Step
}

type Env = Readonly<Record<string, string>>

/** The values in `env` are taken for secrets, but for paths and numbers. */
export async function examine(
  t: TestContext,
  args: readonly string[],
  env: Env = {},
  user: Person = person(t),
): Promise<Examined> {
  // What the person runs is looked through for the secrets of the test's servers as well.
  const run = (more: readonly string[]): Promise<Ran> =>
    Object.keys(env).length === 0
      ? user.run(['doctor', ...args, ...more])
      : doctor([...args, ...more], { ...user.env, ...env })
  const read = await run([])
  const parsed = await run(['--json'])
  assert.equal(parsed.stderr, read.stderr)
  assert.equal(read.stderr, '', 'what doctor has to say it says on stdout')
  const json = JSON.parse(parsed.stdout) as Readonly<Record<string, unknown>>
  const steps = json.steps as readonly Step[]
  assert.equal(parsed.code, read.code, `${read.stdout}\n${parsed.stdout}`)
  assert.equal(json.exitCode, read.code)
  for (const { name, state } of steps)
    assert.match(
      read.stdout,
      new RegExp(`^[✔!✘-] .*\\b${name}\\b`, 'm'),
      `no line for ${name}, which is ${state}`,
    )
  assert.ok(!read.stdout.includes('\x1b'), 'what is no terminal gets no colours')
  const written = `${read.stdout}\n${parsed.stdout}`
  const secrets = Object.values(env).filter((value) => value.length >= 6 && !/^[./~]/.test(value))
  for (const secret of secrets)
    for (const word of secret.split(/[\s:=]+/).filter(({ length }) => length >= 6))
      assert.ok(!written.includes(word), `a secret of ${word.length} characters was written:\n${written}`)
  return {
    code: read.code,
    text: read.stdout,
    json,
    steps,
    step(name) {
      const found = steps.find((step) => step.name === name)
      if (found === undefined) throw new Error(`there is no step ${name}`)
      return found
    },
  }
}

/** Checks that this step is the first that failed, and returns it. */
export function failedFirst(steps: readonly Step[], name: string): Step {
  const failed = steps.find(({ state }) => state === 'fail')
  assert.equal(failed?.name, name, JSON.stringify(failed))
  return failed!
}

export function doctor(args: readonly string[], env: Env): Promise<Ran> {
  return runToEnd([BIN, 'doctor', ...args], { env: { ...bareEnv(), ...env } })
}
