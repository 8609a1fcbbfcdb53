// A command as a source of headers: run when they are needed, and again when they have ended or were refused.
import type { Log } from '../../log.ts'
import type { ChangingHeader } from '../../options/sign-in.ts'
import { readOutput } from './command-output.ts'
import { createHeld, type HeaderSource } from './held-headers.ts'
import { nameProgram, type Running, runProgram } from './program-run.ts'

export interface CommandSettings {
  readonly header: Extract<ChangingHeader, { kind: 'command' }>
  readonly ttlMs: number | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly windows: boolean
  readonly log: Log
  readonly now: () => number
}

export function createHeaderCommand({
  header,
  ttlMs,
  env,
  windows,
  log,
  now,
}: CommandSettings): HeaderSource {
  const { command, name, isBearer } = header
  const program = nameProgram(command)
  let running: Running | undefined
  return createHeld({
    again: `${program} was run again`,
    ttlMs,
    now,
    async make() {
      running = runProgram({ command, env, windows, redact: log.redact })
      const text = await running.output
      const made = readOutput({ text, name, isBearer, program, now: now() })
      for (const { value } of made.headers) log.hide(value)
      return made
    },
    onStale: (error) => log.warn(`${error.message} (what it printed before is still used)`),
    onClose: () => running?.stop(),
  })
}
