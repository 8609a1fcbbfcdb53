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
  /** What comes of an empty line; without it there must be something. */
  readonly ifEmpty?: string | undefined
}

export interface Prompt {
  /** An empty text only where the question allows it. Rejects with BridgeError `usage`, code `secret-missing`, or with `shutdown` if the person has enough. */
  ask(question: Question): Promise<string>
  /** The terminal shows again what is typed. */
  close(): void
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
  /** What has been typed, also ahead, and nobody has taken. */
  let text = ''
  let isOpen = false
  let isOver = false
  let look = (): void => {}

  return {
    async ask(question) {
      refuseWithoutTerminal(input, question)
      // First of all: who types at once must not see it either.
      open()
      for (;;) {
        const { what, variable, ifEmpty } = question
        const empty = ifEmpty === undefined ? '' : `; if it is empty, ${ifEmpty}`
        tell(`${what} (${variable}); what you type is not shown, Enter ends it${empty}:`)
        const line = edited(await nextLine())
        if (line === '' && ifEmpty !== undefined) return line
        if (line === '') tell('that was empty; type it, or press Ctrl-C to leave everything as it is')
        else if (CONTROLS.test(line)) tell('that has a control character in it; copy it again')
        else return line
      }
    },
    close() {
      if (!isOpen) return
      isOpen = false
      input.off('data', take)
      input.off('end', end)
      input.setRawMode?.(false)
      input.pause()
    },
  }

  function open(): void {
    if (isOpen) return
    isOpen = true
    input.setEncoding('utf8')
    input.setRawMode?.(true)
    input.on('data', take)
    input.on('end', end)
    input.on('error', end)
    input.resume()
  }

  function take(chunk: string): void {
    text = (text + chunk).slice(0, MOST_CHARACTERS)
    look()
  }

  function end(): void {
    isOver = true
    look()
  }

  function nextLine(): Promise<string> {
    return new Promise((resolve, reject) => {
      look = () => {
        const found = ENDS.exec(text)
        if (found === null) return isOver ? reject(cancelled()) : undefined
        look = () => {}
        const [key] = found
        const line = text.slice(0, found.index)
        const rest = text.slice(found.index + 1)
        text = key === '\r' && rest.startsWith('\n') ? rest.slice(1) : rest
        if (key === CTRL_C || (key === CTRL_D && edited(line) === '')) reject(cancelled())
        else resolve(line)
      }
      look()
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
