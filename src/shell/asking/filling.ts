// `prompt` and `complete`: words of the form name=value, what they are sent as, and what comes back.
import kleur from 'kleur'
import { BridgeError, usage } from '../../errors.ts'
import { printable } from '../foreign-text.ts'
import { firstLine, resultAbout } from '../listing.ts'
import { OUTCOME } from '../outcome.ts'
import { asFields, elementsOf, fieldsOf, memberOf, parsedOf, rawOf, textOfRaw } from '../raw-json.ts'
import { harmless } from '../screen.ts'
import type { Conversation } from './session.ts'

export type Pair = readonly [name: string, value: string]

/** `name=value`; the value is what stands behind the first `=`, whatever it is. Throws BridgeError `usage`. */
export function readPairs(words: readonly string[]): Pair[] {
  const names = new Set<string>()
  return words.map((word, at) => {
    const sign = word.indexOf('=')
    // A value may be a secret, and so may a word that is no pair.
    if (sign < 1)
      throw usage(
        'bad-argument',
        `argument ${at + 1} behind the name is not of the form name=value; write it so`,
      )
    const name = word.slice(0, sign)
    if (names.has(name))
      throw usage('bad-argument', `the argument ${name} is given twice; remove one of them`)
    names.add(name)
    return [name, word.slice(sign + 1)]
  })
}

export interface PromptSettings {
  readonly name: string
  readonly pairs: readonly Pair[]
  readonly isJson: boolean
}

export async function getPrompt(
  { client, screen, note }: Conversation,
  { name, pairs, isJson }: PromptSettings,
): Promise<number> {
  const method = 'prompts/get'
  const params = JSON.stringify({ name, ...(pairs.length > 0 && { arguments: Object.fromEntries(pairs) }) })
  const result = resultAbout('prompts', method, await client.ask(method, params).reply)
  if (isJson) {
    await screen.json(result)
    return OUTCOME.ok
  }
  const list = memberOf(rawOf(result), 'messages')
  const messages = list && elementsOf(list)
  if (messages === undefined)
    throw new BridgeError('protocol', "the server's answer to prompts/get has no messages in it")
  if (messages.length === 0) note('the prompt has no messages')
  const clean = screen.isTerminal ? harmless : (text: string): string => text
  const blocks = messages.map((message) => {
    const { role, content } = fieldsOf(message)
    const parts: readonly unknown[] = Array.isArray(content) ? content : [content]
    return `${kleur.bold(`${firstLine(role) || 'message'}:`)}\n${parts.map((part) => clean(contentText(part))).join('\n')}\n`
  })
  await screen.write(blocks.join('\n'))
  return OUTCOME.ok
}

/** A content block as text; of what is none, what it is. */
function contentText(content: unknown): string {
  const { type, text, mimeType, data, uri, name, resource } = asFields(content)
  switch (type) {
    case 'text':
      return typeof text === 'string' ? text : ''
    case 'image':
    case 'audio':
      return `[${type}, ${firstLine(mimeType) || 'no type'}, ${bytesOf(data)} bytes]`
    case 'resource_link':
      return `[${[name, uri].map(firstLine).filter(Boolean).join(' ')}]`
    case 'resource': {
      const held = asFields(resource)
      const body = typeof held.text === 'string' ? held.text : `${bytesOf(held.blob)} bytes`
      return `[${[held.uri, held.mimeType].map(firstLine).filter(Boolean).join(' ')}]\n${body}`
    }
    default:
      return `[${firstLine(type) || 'content of no known kind'}]`
  }
}

function bytesOf(base64: unknown): number {
  return typeof base64 === 'string' ? Buffer.byteLength(base64, 'base64') : 0
}

export interface CompleteSettings {
  /** The name of a prompt, or a URI template. */
  readonly of: string
  readonly argument: Pair
  readonly settled: readonly Pair[]
  readonly isJson: boolean
}

export async function complete(
  { client, screen, note }: Conversation,
  { of, argument: [name, value], settled, isJson }: CompleteSettings,
): Promise<number> {
  const method = 'completion/complete'
  const isTemplate = of.includes('{') || of.includes('://')
  const params = {
    ref: isTemplate ? { type: 'ref/resource', uri: of } : { type: 'ref/prompt', name: of },
    argument: { name, value },
    ...(settled.length > 0 && { context: { arguments: Object.fromEntries(settled) } }),
  }
  const result = rawOf(
    resultAbout('completions', method, await client.ask(method, JSON.stringify(params)).reply),
  )
  const completion = memberOf(result, 'completion')
  const list = completion && memberOf(completion, 'values')
  const values = list && elementsOf(list)
  if (completion === undefined || values === undefined)
    throw new BridgeError('protocol', "the server's answer to completion/complete has no values in it")
  if (isJson) {
    await screen.json(textOfRaw(completion))
    return OUTCOME.ok
  }
  await screen.lines(values.map((one) => printable(String(parsedOf(one)))))
  const { total, hasMore } = fieldsOf(completion)
  const isMore = hasMore === true || (typeof total === 'number' && total > values.length)
  if (isMore)
    note(`there are more${typeof total === 'number' ? `, ${total} in all` : ''}; write more of the beginning`)
  else if (values.length === 0) note(`the server knows nothing that ${printable(name)} may become`)
  return OUTCOME.ok
}
