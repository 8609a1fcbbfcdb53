// The error of a server that wants the person to visit pages first, and the call again after that. Spec: 2025-11-25,
// client/elicitation, URLElicitationRequiredError.
import type { Reply } from '../replies.ts'
import { isObject } from '../schema.ts'
import type { Desk } from './person.ts'
import { type QuestionSettings, visit } from './questions.ts'

const REQUIRED = -32042
const ACCEPTED = '{"action":"accept"}'

/** Whether the call is to be sent again: the person has been everywhere. */
export async function visitAll(reply: Reply, settings: QuestionSettings): Promise<boolean> {
  const { desk } = settings
  if (reply.kind !== 'refused' || reply.code !== REQUIRED || desk === undefined) return false
  const pages = pagesOf(reply.data)
  if (pages.length === 0) return false
  return visitPages(pages, desk, settings)
}

interface Page {
  readonly url: string
  readonly message: string
}

function visitPages(pages: readonly Page[], desk: Desk, settings: QuestionSettings): Promise<boolean> {
  return desk.talk(async (person) => {
    for (const page of pages) if ((await visit(page, person, settings)) !== ACCEPTED) return false
    return (await person.ask('Press Enter when you are done there, Ctrl-D to leave it. ')) !== undefined
  })
}

function pagesOf(data: string | undefined): Page[] {
  const parsed: unknown = data === undefined ? undefined : JSON.parse(data)
  const all = isObject(parsed) && Array.isArray(parsed.elicitations) ? parsed.elicitations : []
  return all.filter(isObject).flatMap(({ mode, url, message }) => {
    if ((mode !== undefined && mode !== 'url') || typeof url !== 'string') return []
    return [{ url, message: typeof message === 'string' ? message : '' }]
  })
}
