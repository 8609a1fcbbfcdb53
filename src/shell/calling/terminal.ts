// What a call has of the person's terminal: a line for its progress, lines for what is told meanwhile, and the person to ask,
// if there is one. They share stderr, so that each makes room for the others.
import { openSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { ReadStream } from 'node:tty'
import { isColoured } from '../colour.ts'
import type { Surroundings } from '../door.ts'
import { createDesk, type Desk } from './person.ts'
import { type Bar, createBar, type Step } from './progress.ts'

export interface TerminalSettings {
  readonly surroundings: Surroundings
  /** Whether stdin was read for something else. */
  readonly takesStdin: boolean
  readonly asksNobody: boolean
}

export interface Terminal {
  /** Undefined: there is nobody to ask. */
  readonly desk: Desk | undefined
  /** Whether somebody would see how far it is. */
  readonly canDraw: boolean
  start(name: string): void
  step(step: Step): void
  /** Nothing is drawn any more. */
  stop(): void
  say(line: string): void
  /** By the way. */
  murmur(line: string): void
  /** Ctrl-C, as a signal or as a key that was read. */
  readonly interrupted: Promise<'signal' | 'key'>
  close(): void
}

export function createTerminal({ surroundings, takesStdin, asksNobody }: TerminalSettings): Terminal {
  const { program, env, stopped, tell } = surroundings
  const { stderr } = program
  const screen = stderr?.isTTY === true ? stderr : undefined
  const canDraw = screen !== undefined && env.TERM !== 'dumb'
  const input = screen === undefined || asksNobody ? undefined : keyboardOf(surroundings, takesStdin)
  let bar: Bar | undefined
  let interrupt = (_how: 'signal' | 'key'): void => {}
  const interrupted = new Promise<'signal' | 'key'>((resolve) => {
    interrupt = resolve
  })
  void stopped.then(() => interrupt('signal'))
  const desk =
    input &&
    screen &&
    createDesk({
      input,
      output: screen,
      onInterrupt: () => interrupt('key'),
      onTalk: (talks) => (talks ? bar?.hide() : bar?.show()),
    })

  function say(line: string): void {
    const isShown = bar?.hide() === true
    tell(line)
    if (isShown) bar?.show()
  }

  function stop(): void {
    bar?.hide()
    bar = undefined
  }

  return {
    desk,
    canDraw,
    start(name) {
      if (screen !== undefined && canDraw) bar = createBar({ output: screen, name })
    },
    step: (step) => bar?.step(step),
    stop,
    say,
    murmur: (line) => say(screen !== undefined && isColoured(screen, env) ? `\x1b[2m${line}\x1b[22m` : line),
    interrupted,
    close() {
      stop()
      desk?.close()
      // Who was opened for it keeps the program from ending.
      if (input !== undefined && input !== program.stdin) input.destroy()
    },
  }
}

/** Where stdin was taken by the arguments, the terminal that the person sits at may still be there. */
function keyboardOf(
  { program, platform }: Pick<Surroundings, 'program' | 'platform'>,
  takesStdin: boolean,
): Readable | undefined {
  if (!takesStdin) return program.stdin.isTTY === true ? program.stdin : undefined
  if (platform === 'win32') return undefined
  try {
    return new ReadStream(openSync('/dev/tty', 'r'))
  } catch {
    return undefined
  }
}
