// The parts of an HTTP answer for people: what the remote says, when to come back. Pure. protocol.md 0.8 (`detail`), A.2.
// Deferred: only what fails is looked at so.
import type { Facts } from '../errors.ts'
import { UNSEEN } from '../log.ts'
import type { Envelope } from '../message/envelope.ts'
import { beginningOf } from '../message/text.ts'
import { decode } from '../message/utf8.ts'
import type { Asked, HttpAnswer } from './http-answer.ts'

/** What is known of a failure from its HTTP answer. */
export function factsOf(answer: HttpAnswer, asked: Pick<Asked, 'shown' | 'redact'>): Facts {
  const detail = plainText(decode(beginningOf(answer.body, DETAIL_READ)), asked.redact).slice(
    0,
    DETAIL_LENGTH,
  )
  return { httpStatus: answer.response.status, url: asked.shown(), ...(detail === '' ? {} : { detail }) }
}

const DETAIL_READ = 8192
const DETAIL_LENGTH = 300
const QUOTE_LENGTH = 160
/** The title of a page that has no more than the status, which is told anyway. */
const SAYS_NOTHING = /^(?:error)?$|^\d{3}\b/i

/** What the server says in the fields that servers say it in, for the sentence; of a web page, its title. */
export function quote({ body }: Pick<HttpAnswer, 'body'>, redact: (text: string) => string): string {
  const text = decode(beginningOf(body, DETAIL_READ))
  if (/^\s*</.test(text)) {
    const title = plainText(/<title[^<>]*>([^<]*)/i.exec(text)?.[1] ?? '', redact)
    return SAYS_NOTHING.test(title) ? '' : ` (the page says: ${cut(title)})`
  }
  const field = /"(?:error_description|detail|message|error|title)"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text)?.[1]
  const said = field === undefined ? text : safeParse(field)
  const clean = plainText(said, redact)
  if (clean === '' || (field === undefined && /^[[{]/.test(clean))) return ''
  return ` (the server says: ${cut(clean)})`
}

function cut(text: string): string {
  return text.length > QUOTE_LENGTH ? `${text.slice(0, QUOTE_LENGTH)}…` : text
}

/** The same of an answer in JSON-RPC. */
export function quoteOf(answer: Envelope | undefined, redact: (text: string) => string): string {
  return answer === undefined ? '' : quote({ body: answer.bytes }, redact)
}

function safeParse(json: string): string {
  try {
    return String(JSON.parse(json))
  } catch {
    return ''
  }
}

function plainText(text: string, redact: (text: string) => string): string {
  return redact(
    unescapeJson(text)
      .replace(/<(script|style)\b[\s\S]*?(<\/\1>|$)/gi, ' ')
      .replace(/<[^<>]*>/g, ' ')
      .replace(UNSEEN, ' ')
      .replace(/\s+/g, ' ')
      .trim(),
  )
}

/** A secret in a JSON body may be written with escapes, which would hide it from the redactor. */
function unescapeJson(text: string): string {
  return text
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\(["\\/])/g, '$1')
}

/** `Retry-After` in milliseconds from now: seconds or a date. Undefined if absent or neither. */
export function retryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\s*\d{1,9}\s*$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}
