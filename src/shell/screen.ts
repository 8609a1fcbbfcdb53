// Where a command puts its result: stdout, which may be a terminal, a pipe, or a pipe that nobody reads any more. Texts of the remote's bring no terminal to do anything.
import type { Writable } from 'node:stream'
import kleur from 'kleur'
import { isColoured } from './colour.ts'
import type { Surroundings } from './door.ts'
import { escaped, printable } from './foreign-text.ts'
import { setOut } from './raw-json.ts'

const USUAL_COLUMNS = 80

export interface Screen {
  readonly isTerminal: boolean
  /** How many columns the terminal has. */
  readonly columns: number
  /** Resolves when it is taken. What nobody reads any more is no error. */
  write(data: string | Uint8Array): Promise<void>
  /** The lines, each with its end. */
  lines(lines: readonly string[]): Promise<void>
  /** A text of the remote's: to a pipe as it is. */
  text(text: string): Promise<void>
  /** JSON of the remote's: set out for a person, as it is for a program. */
  json(json: string): Promise<void>
  /** Resolves when nobody reads what is written any more. */
  readonly closed: Promise<void>
}

export function createScreen({ program, env }: Pick<Surroundings, 'program' | 'env'>): Screen {
  const { stdout } = program
  const isTerminal = stdout.isTTY === true
  kleur.enabled = isColoured(stdout, env)
  const write = (data: string | Uint8Array): Promise<void> => writeTo(stdout, data)
  return {
    isTerminal,
    columns: stdout.columns || USUAL_COLUMNS,
    write,
    lines: (lines) => write(lines.map((line) => `${line}\n`).join('')),
    text: (text) => write(isTerminal ? endLine(harmless(text)) : text),
    json: (json) => write(`${isTerminal ? escaped(setOut(json)) : json}\n`),
    closed: new Promise((resolve) => stdout.once('error', () => resolve())),
  }
}

/** What a terminal would obey is taken out; lines stay lines. */
export function harmless(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => printable(line.replace(/\t/g, '    ')))
    .join('\n')
}

/** The prompt of the shell stands on a line of its own. */
function endLine(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}

/** Resolves when it is taken, since the process ends right after. */
export function writeTo(output: Writable, data: string | Uint8Array): Promise<void> {
  if (data.length === 0) return Promise.resolve()
  return new Promise((resolve) => void output.write(data, () => resolve()))
}
