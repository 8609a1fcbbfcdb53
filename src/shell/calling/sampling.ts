// What a server wants a model to write: shown to the person, who writes it instead of one or declines. There is no model here.
// Spec: 2025-11-25, client/sampling.

import type { Envelope } from '../../message/envelope.ts'
import { textAt } from '../../message/utf8.ts'
import { shownLine } from '../foreign-text.ts'
import { isObject, type Schema } from '../schema.ts'
import { harmless } from '../screen.ts'
import type { Person } from './person.ts'
import { Refusal } from './refusal.ts'

const REJECTED = -1
const END = '.'

export async function writeForModel(
  { bytes, shape }: Envelope,
  { host, person }: { readonly host: string; readonly person: Person },
): Promise<string> {
  const parsed: unknown = shape.params && JSON.parse(textAt(bytes, shape.params))
  const params = isObject(parsed) ? parsed : {}
  person.say(`\n${host} wants a model to write something; there is none here but you.`)
  if (typeof params.systemPrompt === 'string') person.say(`system: ${harmless(params.systemPrompt)}`)
  for (const message of Array.isArray(params.messages) ? params.messages : [])
    if (isObject(message)) person.say(`${shownLine(String(message.role))}: ${contentWords(message.content)}`)
  const { maxTokens } = params
  const limit = typeof maxTokens === 'number' ? `, at most ${maxTokens} tokens` : ''
  const agrees = await person.agrees(`Write it${limit}? (n declines)`, true)
  if (!agrees) throw new Refusal(REJECTED, 'the person has declined')
  person.say(`Type it; a line with nothing but ${END} ends it.`)
  const lines: string[] = []
  for (;;) {
    const line = await person.ask('> ')
    if (line === undefined) throw new Refusal(REJECTED, 'the person has declined')
    if (line.trim() === END) break
    lines.push(line)
  }
  const text = JSON.stringify(lines.join('\n'))
  return `{"role":"assistant","content":{"type":"text","text":${text}},"model":"a person","stopReason":"endTurn"}`
}

function contentWords(content: unknown): string {
  return (Array.isArray(content) ? content : [content]).filter(isObject).map(blockWords).join('\n')
}

function blockWords(block: Schema): string {
  if (block.type === 'text' && typeof block.text === 'string') return harmless(block.text)
  const mimeType = typeof block.mimeType === 'string' ? ` (${shownLine(block.mimeType)})` : ''
  return `[${shownLine(String(block.type))}${mimeType}]`
}
