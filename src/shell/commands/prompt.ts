// A line that a person types and nobody sees: a secret that is in no variable. The terminal gives each key as it comes, so
// what keys do is done here. arguments.md 6.
import { BridgeError, usage } from '../../errors.ts'
import type { Keyboard } from './account-paste.ts'

export interface PromptSettings {
  readonly input: Keyboard
  readonly tell: (line: string) => void
}

export interface Question {
  /** What is asked for: `the bearer token for mcp.example.com`. */
  readonly what: string
  /** Where it would have been found. */
  readonly variable: string
}

export interface Prompt {
  /** Never an empty text. Rejects with BridgeError `usage`, code `secret-missing`, or with `shutdown` if the person has enough. */
  ask(question: Question): Promise<string>
}

const CTRL_C = '\x03'
const CTRL_D = '\x04'
const CTRL_U = '\x15'
const ENDS = /[\r\n\x03\x04]/
/** Arrow keys and the like, and what a terminal puts round a paste. */
const ESCAPES = /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|O.|.)?/g
const CONTROLS = /[\0-\x1f\x7f-\x9f]/
const MOST_CHARACTERS = 100_000

export function createPrompt({ input, tell }: PromptSettings): Prompt {
  /** Typed ahead. */
  let text = ''

  return {
    async ask(question) {
      refuseWithoutTerminal(input, question)
      for (;;) {
        tell(`${question.what} (${question.variable}); what you type is not shown, Enter ends it:`)
        const line = edited(await nextLine())
        if (line === '') tell('that was empty; type it, or press Ctrl-C to leave everything as it is')
        else if (CONTROLS.test(line)) tell('that has a control character in it; copy it again')
        else return line
      }
    },
  }

  function nextLine(): Promise<string> {
    return new Promise((resolve, reject) => {
      const take = (chunk: string): void => {
        text = (text + chunk).slice(0, MOST_CHARACTERS)
        const end = ENDS.exec(text)
        if (end === null) return
        const line = text.slice(0, end.index)
        const rest = text.slice(end.index + 1)
        text = end[0] === '\r' && rest.startsWith('\n') ? rest.slice(1) : rest
        close()
        if (end[0] === CTRL_C || (end[0] === CTRL_D && edited(line) === '')) reject(cancelled())
        else resolve(line)
      }
      const cancel = (): void => {
        close()
        reject(cancelled())
      }
      const close = (): void => {
        input.off('data', take)
        input.off('end', cancel)
        input.off('error', cancel)
        input.setRawMode?.(false)
        input.pause()
      }
      input.setEncoding('utf8')
      input.setRawMode?.(true)
      input.on('data', take)
      input.on('end', cancel)
      input.on('error', cancel)
      input.resume()
      take('')
    })
  }
}

function refuseWithoutTerminal(input: Keyboard, { what, variable }: Question): void {
  if (input.isTTY === true && input.setRawMode !== undefined) return
  throw usage(
    'secret-missing',
    `${what} is needed, and there is no terminal to ask at; set the variable ${variable}, or run it at a terminal`,
  )
}

/** What is left of the keys. */
function edited(keys: string): string {
  let line: string[] = []
  for (const character of keys.replace(ESCAPES, '')) {
    if (character === '\b' || character === '\x7f') line.pop()
    else if (character === CTRL_U) line = []
    else line.push(character)
  }
  return line.join('').trim()
}

function cancelled(): BridgeError {
  return new BridgeError('shutdown', 'cancelled; nothing was changed')
}
