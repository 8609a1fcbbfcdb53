// The person at the terminal: questions on stderr, answers by the keyboard, one after another. stdout is not theirs: the
// result goes there.
import { createInterface, type Interface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'

export interface Person {
  /** Writes a line, or several. */
  say(text: string): void
  /** What is typed; undefined: Ctrl-D, or it is over. `isFresh`: nothing that was typed before the prompt stood there. */
  ask(prompt: string, isFresh?: boolean): Promise<string | undefined>
  /** Enter means yes if `byDefault`; undefined as above. */
  agrees(prompt: string, byDefault: boolean): Promise<boolean | undefined>
}

export interface Desk {
  /** One conversation with the person, when all before it are over. `isOver` resolves when it is not wanted any more. */
  talk<T>(conversation: (person: Person) => Promise<T>, isOver?: Promise<void>): Promise<T>
  /** The terminal is as it was. */
  close(): void
}

export interface DeskSettings {
  readonly input: Readable
  readonly output: Writable
  /** Ctrl-C: a terminal that is read key by key makes no signal of it. */
  readonly onInterrupt: () => void
  /** Somebody talks, or nobody does any more: what else is drawn there goes, and comes back. */
  readonly onTalk: (talks: boolean) => void
}

/** How long the terminal may take to hand over what it has kept. */
const FORGET_MS = 50

export function createDesk({ input, output, onInterrupt, onTalk }: DeskSettings): Desk {
  let last: Promise<unknown> = Promise.resolve()
  let open: Interface | undefined
  let isClosed = false

  async function talk<T>(conversation: (person: Person) => Promise<T>, isOver?: Promise<void>): Promise<T> {
    onTalk(true)
    const keyboard = openKeyboard()
    void isOver?.then(keyboard.end)
    try {
      // What the terminal has kept from before the question is no answer to it.
      await delay(FORGET_MS)
      // Where the machine has stalled the time is up before anything was read.
      await turn()
      keyboard.forget()
      return await conversation(keyboard.person)
    } finally {
      keyboard.end()
      onTalk(false)
    }
  }

  /** Lines that are typed ahead, or pasted, are kept for the next question. */
  function openKeyboard(): { readonly person: Person; forget(): void; end(): void } {
    const lines: string[] = []
    let isOver = false
    let wake = (): void => {}
    const reader = createInterface({ input, output, terminal: true, historySize: 0, prompt: '' })
    open = reader
    const end = (): void => {
      if (!isOver) reader.close()
      isOver = true
      wake()
    }
    reader.on('line', (line) => {
      lines.push(line)
      wake()
    })
    reader.on('SIGINT', () => {
      output.write('\n')
      end()
      onInterrupt()
    })
    reader.on('close', () => {
      isOver = true
      wake()
    })
    if (isClosed) reader.close()
    const nextLine = (): Promise<string | undefined> =>
      new Promise((resolve) => {
        wake = () => {
          if (lines.length === 0 && !isOver) return
          wake = () => {}
          resolve(lines.shift())
        }
        wake()
      })
    const forget = (): void => {
      lines.length = 0
      if (!isOver && reader.line !== '') reader.write(null, { ctrl: true, name: 'u' })
    }
    const ask = async (prompt: string, isFresh = false): Promise<string | undefined> => {
      if (isFresh) forget()
      if (lines.length === 0 && !isOver) {
        reader.setPrompt(prompt)
        reader.prompt()
      }
      const line = await nextLine()
      if (line === undefined && !isClosed) output.write('\n')
      return line
    }
    const person: Person = {
      say: (text) => void output.write(`${text}\n`),
      ask,
      async agrees(prompt, byDefault) {
        for (;;) {
          const answer = (await ask(`${prompt} [${byDefault ? 'Y/n' : 'y/N'}] `, true))?.trim()
          if (answer === undefined) return undefined
          if (answer === '') return byDefault
          if (/^(?:y|yes)$/i.test(answer)) return true
          if (/^(?:n|no)$/i.test(answer)) return false
        }
      },
    }
    return { person, forget, end }
  }

  return {
    talk(conversation, isOver) {
      const talked = last.then(() => talk(conversation, isOver))
      last = talked.catch(() => {})
      return talked
    },
    close() {
      isClosed = true
      open?.close()
    },
  }
}
