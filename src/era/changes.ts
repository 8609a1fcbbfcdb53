// What a server tells of when it changes, under the same names in both eras: its lists, and resources that were subscribed to.
// protocol.md D.6, E.7.
import type { Envelope } from '../message/envelope.ts'
import { notification } from '../message/message.ts'

export const RESOURCE_UPDATED = 'notifications/resources/updated'
const LIST_CHANGED = /^notifications\/(tools|prompts|resources)\/list_changed$/

/** Which list this method tells of, if it tells of one. */
export function changedList(method: string | undefined): string | undefined {
  return LIST_CHANGED.exec(method ?? '')?.[1]
}

/** Whether this method tells of any change. */
export function isChange(method: string | undefined): boolean {
  return method === RESOURCE_UPDATED || changedList(method) !== undefined
}

/** Tells that this list has changed. */
export function listChanged(list: string): Envelope {
  return notification(`notifications/${list}/list_changed`)
}
