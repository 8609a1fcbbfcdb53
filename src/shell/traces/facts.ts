// What is read off a message of a trace, for a line about it. Pure.
import { find, readString, type Span } from '../../message/peek.ts'
import { textAt as textOf } from '../../message/utf8.ts'
import type { Traced } from './reading.ts'

/** `tools/call 3`. */
export function aboutOf(message: Traced): string {
  const name = message.kind === 'response' ? 'answer to' : (message.method ?? '')
  return message.id === undefined ? name : `${name} ${message.id.raw}`
}

function spanIn(message: Traced, within: 'params' | 'result' | 'error', ...path: string[]): Span | undefined {
  const { envelope } = message
  const span = envelope?.shape[within]
  return envelope && span && find(envelope.bytes, span, ...path)
}

function textAt(
  message: Traced,
  within: 'params' | 'result' | 'error',
  ...path: string[]
): string | undefined {
  const span = spanIn(message, within, ...path)
  return span && textOf(message.envelope!.bytes, span)
}

function stringAt(message: Traced, within: 'params' | 'error', name: string): string | undefined {
  const span = spanIn(message, within, name)
  return span && readString(message.envelope!.bytes, span)
}

/** An id in the params, as it is compared. */
export function keyAt(message: Traced, name: string): string | undefined {
  const text = stringAt(message, 'params', name)
  return text === undefined ? textAt(message, 'params', name) : `"${text}`
}

/** The tool, the prompt, the URI. */
export function nameOf(message: Traced): string | undefined {
  return stringAt(message, 'params', 'name') ?? stringAt(message, 'params', 'uri')
}

/** What an answer says has gone wrong. */
export function errorOf(message: Traced): string | undefined {
  if (message.envelope?.shape.error !== undefined)
    return `error ${textAt(message, 'error', 'code') ?? ''}: ${stringAt(message, 'error', 'message') ?? 'no message'}`
  return textAt(message, 'result', 'isError') === 'true' ? 'the tool says that it has failed' : undefined
}
