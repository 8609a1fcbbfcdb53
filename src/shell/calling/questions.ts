// What a server asks in the middle of a call: a form, a visit to a page, a text as a model would write it. Nothing of it is
// ever answered without the person, but for forms with --yes. Spec: 2025-11-25, client/elicitation and client/sampling.

import { canOpenBrowser, openBrowser } from '../../auth/person/browser.ts'
import { browserUrl } from '../../auth/safe-url.ts'
import type { Envelope } from '../../message/envelope.ts'
import { find, readString, type Span } from '../../message/peek.ts'
import { textAt } from '../../message/utf8.ts'
import type { Surroundings } from '../door.ts'
import { shownLine } from '../foreign-text.ts'
import { harmless } from '../screen.ts'
import { byDefaults, CANCELLED, DECLINED, fillIn } from './form.ts'
import { fieldsOf } from './form-fields.ts'
import type { Desk, Person } from './person.ts'
import { Refusal } from './refusal.ts'
import { writeForModel } from './sampling.ts'

export interface QuestionSettings {
  /** Who asks. */
  readonly host: string
  /** Undefined: nobody is there, and forms are answered by their defaults. */
  readonly desk: Desk | undefined
  readonly surroundings: Pick<Surroundings, 'env' | 'platform' | 'tell'>
  /** Whether --no-browser is not given. */
  readonly opensBrowser: boolean
}

export interface Questions {
  /** JSON of the result. Rejects with what the server is told instead. */
  answer(question: Envelope): Promise<string>
  /** The server does not want an answer any more. */
  withdraw(cancelled: Envelope): void
}

const METHOD_NOT_FOUND = -32601
const INVALID_PARAMS = -32602

/** JSON of the capabilities of a host where somebody, or nobody, can be asked. */
export function capabilitiesOf({
  isPerson,
  isYes,
}: {
  readonly isPerson: boolean
  readonly isYes: boolean
}): string {
  if (isYes) return '{"elicitation":{"form":{}}}'
  return isPerson ? '{"elicitation":{"form":{},"url":{}},"sampling":{}}' : '{}'
}

export function createQuestions(settings: QuestionSettings): Questions {
  const { host, desk, surroundings } = settings
  const open = new Map<string, () => void>()

  async function answer(question: Envelope): Promise<string> {
    const { method, id } = question
    if (method === 'elicitation/create') return settled(elicit(question), id?.key)
    if (method === 'sampling/createMessage' && desk !== undefined)
      return settled(
        (isOver) => desk.talk((person) => writeForModel(question, { host, person }), isOver),
        id?.key,
      )
    throw new Refusal(METHOD_NOT_FOUND, `${method ?? 'this'} is not supported`)
  }

  function settled(ask: (isOver: Promise<void>) => Promise<string>, key = ''): Promise<string> {
    const isOver = new Promise<void>((resolve) => open.set(key, resolve))
    return ask(isOver).finally(() => open.delete(key))
  }

  function elicit({ bytes, shape }: Envelope): (isOver: Promise<void>) => Promise<string> {
    const at = (...path: string[]): Span | undefined => shape.params && find(bytes, shape.params, ...path)
    const mode = readString(bytes, at('mode')) ?? 'form'
    const message = readString(bytes, at('message')) ?? ''
    if (mode === 'url') {
      const url = readString(bytes, at('url')) ?? ''
      return async (isOver) =>
        desk === undefined
          ? DECLINED
          : desk.talk((person) => visit({ url, message }, person, settings), isOver)
    }
    if (mode !== 'form') throw new Refusal(INVALID_PARAMS, 'this mode of elicitation is not supported')
    const fields = fieldsOf(bytes, at('requestedSchema'))
    return async (isOver) => {
      if (desk !== undefined) return desk.talk((person) => fillIn({ host, message, fields }, person), isOver)
      const result = byDefaults(fields)
      const done = result === DECLINED ? 'declined, as a field has no default' : 'answered by its defaults'
      surroundings.tell(`mcp-ferry: ${host} asks: ${shownLine(message)} (${done})`)
      return result
    }
  }

  return {
    answer,
    withdraw({ bytes, shape }) {
      const span = shape.params && find(bytes, shape.params, 'requestId')
      if (span === undefined) return
      const string = readString(bytes, span)
      open.get(string === undefined ? textAt(bytes, span) : `"${string}`)?.()
    },
  }
}

/** A page that the server wants the person to see: nothing is opened that they have not read. */
export async function visit(
  { url, message }: { readonly url: string; readonly message: string },
  person: Person,
  { host, surroundings, opensBrowser }: Omit<QuestionSettings, 'desk'>,
): Promise<string> {
  const target = safe(url)
  person.say(`\n${host} asks: ${harmless(message)}`)
  if (target === undefined) {
    person.say(`The page it names is none that is safe to open: ${shownLine(url)}`)
    return DECLINED
  }
  person.say(`It wants you to visit a page on ${new URL(target).host}:\n\n  ${target}\n`)
  const agrees = await person.agrees('Open it? (n declines, Ctrl-D cancels)', false)
  if (agrees === undefined) return CANCELLED
  if (!agrees) return DECLINED
  const isOpened = opensBrowser && canOpenBrowser(surroundings) && (await openBrowser(target, surroundings))
  if (!isOpened) person.say('No browser can be opened here; open the address yourself.')
  return '{"action":"accept"}'
}

function safe(url: string): string | undefined {
  try {
    return browserUrl(new URL(url))
  } catch {
    return undefined
  }
}
