// How steps are told: to people as they are done, to programs as one object at the end. What goes out here is safe to
// paste: secrets are taken out, and the home folder is `~`. users.md 2.
import type { Writable } from 'node:stream'
import kleur from 'kleur'
import { cut, escaped, printable } from '../foreign-text.ts'
import { writeTo } from '../screen.ts'
import type { State, Step } from './step.ts'

export interface ReportSettings {
  readonly output: Writable
  readonly isJson: boolean
  readonly isColoured: boolean
  /** For the lines. The home folder as it may stand in paths; '' if there is none. */
  readonly home: string
  readonly version: string
}

export interface Report {
  /** From now on texts pass this as well. */
  redactBy(redact: (text: string) => string): void
  /** Tells a step, or keeps it for the end. */
  step(step: Step): Promise<void>
  /** Tells what it came to. */
  end(outcome: Outcome): Promise<void>
}

export interface Outcome {
  readonly exitCode: number
  /** What all of it is about: the URL, or the file. */
  readonly about?: Readonly<Record<string, unknown>>
}

const MARKS: Readonly<Record<State, string>> = { ok: '✔', warn: '!', fail: '✘', skipped: '-' }
const NAME_WIDTH = 11
const INDENT = ' '.repeat(2 + NAME_WIDTH)

export function createReport({ output, isJson, isColoured, home, version }: ReportSettings): Report {
  kleur.enabled = isColoured
  const steps: Step[] = []
  /** Skipped for one reason: they are told together. */
  let idle: Step[] = []
  let redact = (text: string): string => text
  const clean = (text: string): string => cut(withoutHome(redact(text), home))
  const tell = (step: Step): Promise<void> =>
    writeTo(output, `${linesOf(step).map(clean).map(paint(step.state)).join('\n')}\n`)

  function tellIdle(): Promise<void> {
    const [first] = idle
    const name = idle.map((step) => step.name).join(', ')
    idle = []
    return tell({ ...first!, name })
  }

  return {
    redactBy(next) {
      redact = next
    },
    async step(step) {
      steps.push(step)
      if (isJson) return
      if (idle.length > 0 && (step.state !== 'skipped' || step.sees !== idle[0]!.sees)) await tellIdle()
      if (step.state === 'skipped') idle.push(step)
      else await tell(step)
    },
    async end({ exitCode, about }) {
      const failed = steps.find(({ state }) => state === 'fail')?.name ?? null
      if (idle.length > 0) await tellIdle()
      if (!isJson) return writeTo(output, `\n${closing(steps, exitCode).map(clean).join('\n')}\n`)
      const whole = { version, ...about, ok: exitCode === 0, exitCode, failed, steps }
      const cleanValue = (_key: string, value: unknown): unknown =>
        typeof value === 'string' ? clean(value) : value
      return writeTo(output, `${escaped(JSON.stringify(whole, cleanValue, 2))}\n`)
    },
  }
}

/** The lines of a step: the first has its mark, what follows stands below it. */
export function linesOf({ name, state, sees, details = [], advice, tookMs }: Step): string[] {
  const took = tookMs === undefined ? '' : ` (${durationOf(tookMs)})`
  return [
    `${MARKS[state]} ${name.length < NAME_WIDTH ? name.padEnd(NAME_WIDTH) : `${name}: `}${sees}${took}`,
    ...details.map((detail) => `${INDENT}${detail}`),
    ...(advice === undefined ? [] : [`${INDENT}→ ${advice}`]),
  ].map((line) => printable(line).trimEnd())
}

function durationOf(ms: number): string {
  return ms < 10_000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`
}

const COLOURS = { ok: kleur.green, warn: kleur.yellow, fail: kleur.red, skipped: kleur.dim }

function paint(state: State): (line: string, index: number) => string {
  return (line, index) => {
    if (index === 0) return `${COLOURS[state](line.slice(0, 1))}${line.slice(1)}`
    return line.startsWith(`${INDENT}→`) ? line : kleur.dim(line)
  }
}

function closing(steps: readonly Step[], exitCode: number): string[] {
  const failed = steps.find(({ state }) => state === 'fail')
  if (failed !== undefined)
    return advised(`what fails first is ${failed.name} (exit code ${exitCode}): ${failed.sees}`, failed)
  const warned = [...new Set(steps.filter(({ state }) => state === 'warn').map(({ name }) => name))]
  if (warned.length > 0) return [`it works; look at ${warned.join(', ')}`]
  const passed = steps.find(({ state, advice }) => state === 'skipped' && advice !== undefined)
  if (passed !== undefined) return advised('what was looked at is in order', passed)
  return ['everything is in order']
}

function advised(what: string, { advice }: Step): string[] {
  return [what, ...(advice === undefined ? [] : [`→ ${advice}`])].map(printable)
}

function withoutHome(text: string, home: string): string {
  if (home.length < 3) return text
  const whole = home.replace(/[\\/]$/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return text.replace(new RegExp(`${whole}(?![\\w.-])`, 'g'), '~')
}
